/* How large a picture is, by its head. What the head does not settle (another format, a PNG that may be turned, anything odd) is
 * decoded, so that there is one opinion on every file. */
#include "image/image.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { SEGMENTS = 1000, CHUNKS = 100000, HEAD = 8192 };

static unsigned big16(const uint8_t *p)
{
    return (unsigned)p[0] << 8 | p[1];
}

static uint32_t big32(const uint8_t *p)
{
    return (uint32_t)big16(p) << 16 | big16(p + 2);
}

/* All chunks' heads: one that may turn the picture (eXIf, or EXIF as a text) leaves it to the decoder. */
static bool png_size(int file, uint64_t *width, uint64_t *height)
{
    enum { BEGIN = 24, PROFILE = 12 };
    uint8_t head[BEGIN];
    if (pread(file, head, BEGIN, 0) != BEGIN || memcmp(head, "\x89PNG\r\n\x1a\n", 8) != 0 || memcmp(head + 12, "IHDR", 4) != 0)
        return false;
    *width = big32(head + 16);
    *height = big32(head + 20);
    off_t at = 8;
    for (int i = 0; i < CHUNKS; i++) {
        ssize_t got = pread(file, head, 8 + PROFILE, at);
        if (got >= 8 && memcmp(head + 4, "IEND", 4) == 0)
            return true;
        bool text = got >= 8 && (memcmp(head + 4, "tEXt", 4) == 0 || memcmp(head + 4, "zTXt", 4) == 0);
        bool profile = text && got == 8 + PROFILE && memcmp(head + 8, "Raw profile ", PROFILE) == 0;
        if (got < 8 || memcmp(head + 4, "eXIf", 4) == 0 || profile)
            return false;
        at += (off_t)big32(head) + 12;
    }
    return false;
}

/* The orientation of an APP1 segment of `size` bytes that begins here. */
static bool read_exif(FILE *file, size_t size, int *orientation, int *exifs)
{
    uint8_t bytes[1 << 16];
    if (fread(bytes, 1, size, file) != size)
        return false;
    if (size >= 6 && memcmp(bytes, "Exif\0\0", 6) == 0) {
        *orientation = gr_exif_orientation(bytes, size);
        ++*exifs;
    }
    return true;
}

static bool is_frame(int marker)
{
    return marker >= 0xc0 && marker <= 0xcf && marker != 0xc4 && marker != 0xc8 && marker != 0xcc;
}

/* Segments up to the frame's header. Two APP1 with EXIF are left to the decoder. */
static bool jpeg_size(FILE *file, uint64_t *width, uint64_t *height)
{
    uint8_t head[5];
    int orientation = 1, exifs = 0;
    if (fread(head, 1, 2, file) != 2 || head[0] != 0xff || head[1] != 0xd8)
        return false;
    for (int i = 0; i < SEGMENTS; i++) {
        if (fread(head, 1, 4, file) != 4 || head[0] != 0xff || head[1] == 0xff || head[1] == 0xd9 || head[1] == 0xda)
            return false;
        int marker = head[1];
        size_t size = big16(head + 2);
        if (size < 2)
            return false;
        if (is_frame(marker)) {
            if (fread(head, 1, 5, file) != 5 || exifs > 1)
                return false;
            *height = big16(head + 1);
            *width = big16(head + 3);
            if (orientation > 4) {
                uint64_t swap = *width;
                *width = *height;
                *height = swap;
            }
            return *height > 0; /* a JPEG may tell its height at its end */
        }
        if (marker == 0xe1) {
            if (!read_exif(file, size - 2, &orientation, &exifs))
                return false;
        } else if (fseeko(file, (off_t)size - 2, SEEK_CUR) != 0)
            return false;
    }
    return false;
}

static bool quick_size(const char *path, uint64_t *width, uint64_t *height)
{
    char buffer[HEAD];
    struct stat st;
    int descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK); /* a named pipe must not hang us */
    FILE *file = descriptor >= 0 && fstat(descriptor, &st) == 0 && S_ISREG(st.st_mode) ? fdopen(descriptor, "rb") : NULL;
    if (file == NULL) {
        if (descriptor >= 0)
            close(descriptor);
        return false;
    }
    setvbuf(file, buffer, _IOFBF, sizeof buffer);
    bool known = png_size(descriptor, width, height) || jpeg_size(file, width, height);
    fclose(file);
    return known;
}

gr_status gr_image_size(const char *path, int *width, int *height, gr_error *err)
{
    uint64_t w, h;
    gr_image image = {0};
    *width = *height = 0;
    if (quick_size(path, &w, &h)) {
        gr_status status = gr_image_check_size(path, w, h, err);
        if (status == GR_OK) {
            *width = (int)w;
            *height = (int)h;
        }
        return status;
    }
    gr_status status = gr_image_read(path, &image, err);
    *width = image.width;
    *height = image.height;
    gr_image_free(&image);
    return status;
}
