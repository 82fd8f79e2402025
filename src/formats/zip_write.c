/* Zip archives: a header and the bytes of each part, then the directory. */
#include "formats/zip_write.h"

#include <errno.h>
#include <string.h>
#include <zlib.h>

#include "base/base.h"

enum { VERSION = 20, FIRST_DAY = 33, /* 1 January 1980 */ UTF8 = 0x800 };

/* At most 8 bytes, the lowest first. */
static void put(gr_text *to, uint64_t number, int bytes)
{
    for (int i = 0; i < bytes; i++)
        gr_text_add(to, &(unsigned char){(unsigned char)(number >> 8 * i)}, 1);
}

/* What a header and an entry of the directory have in common: from the version to the length of the extra field. */
static void put_middle(gr_text *to, const gr_zip_part *part)
{
    put(to, VERSION, 2);
    put(to, UTF8, 2);
    put(to, 0, 4); /* stored; midnight */
    put(to, FIRST_DAY, 2);
    put(to, crc32_z(0, part->bytes, part->size), 4);
    put(to, part->size, 4);
    put(to, part->size, 4);
    put(to, strlen(part->name), 2);
    put(to, 0, 2);
}

static void put_entry(gr_text *to, const gr_zip_part *part, uint64_t at)
{
    put(to, 0x02014b50, 4);
    put(to, VERSION, 2);
    put_middle(to, part);
    put(to, 0, 6); /* comment, disk, inner attributes */
    put(to, 0, 4); /* outer ones */
    put(to, at, 4);
    gr_text_add(to, part->name, strlen(part->name));
}

static bool write_parts(FILE *stream, const gr_zip_part *parts, int count, gr_text *directory, uint64_t *at)
{
    bool good = true;
    for (int i = 0; good && i < count; i++) {
        gr_text head = {0};
        put(&head, 0x04034b50, 4);
        put_middle(&head, &parts[i]);
        gr_text_add(&head, parts[i].name, strlen(parts[i].name));
        put_entry(directory, &parts[i], *at);
        good = !head.failed && !directory->failed && fwrite(head.data, 1, head.size, stream) == head.size &&
               fwrite(parts[i].bytes, 1, parts[i].size, stream) == parts[i].size;
        *at += head.size + parts[i].size;
        gr_text_free(&head);
    }
    return good;
}

static bool write_all(FILE *stream, const gr_zip_part *parts, int count)
{
    gr_text directory = {0};
    uint64_t at = 0;
    bool good = write_parts(stream, parts, count, &directory, &at);
    size_t size = directory.size;
    put(&directory, 0x06054b50, 4);
    put(&directory, 0, 4);
    put(&directory, (uint64_t)count, 2);
    put(&directory, (uint64_t)count, 2);
    put(&directory, size, 4);
    put(&directory, at, 4);
    put(&directory, 0, 2);
    good = good && !directory.failed && fwrite(directory.data, 1, directory.size, stream) == directory.size;
    gr_text_free(&directory);
    return good;
}

gr_status gr_zip_write(const char *path, const gr_zip_part *parts, int count, gr_error *err)
{
    gr_atomic_file file;
    uint64_t whole = 0;
    for (int i = 0; i < count; i++)
        whole += parts[i].size + 2 * strlen(parts[i].name) + 128;
    if (whole >= UINT32_MAX)
        return gr_fail(err, GR_INVALID, "%s: would have 4 GB or more, which the archive cannot hold", path);
    gr_status status = gr_atomic_begin(&file, path, err);
    if (status != GR_OK)
        return status;
    if (write_all(file.stream, parts, count))
        return gr_atomic_commit(&file, err);
    status = gr_fail(err, GR_IO, "%s: cannot be written: %s", path, strerror(errno));
    gr_atomic_abort(&file);
    return status;
}
