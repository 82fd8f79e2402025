/* The entropy-coded data are read whole, which finds all damage that can be found; only one pixel in 8 x 8 is computed. */
#include "image/jpeg_look.h"

#include <setjmp.h>
#include <stdio.h>
#include <string.h>

#include <jpeglib.h>

#include "image/image.h"

/* More passes over a picture than any encoder writes, and the widest row of one pixel in 8. */
enum { SCANS_MAX = 32, ROW_MAX = (GR_IMAGE_SIDE_MAX / 8 + 1) * 3 };

typedef struct looker {
    struct jpeg_decompress_struct jpeg;
    struct jpeg_error_mgr errors;
    struct jpeg_source_mgr source;
    struct jpeg_progress_mgr progress;
    jmp_buf jump;
    int orientation;
    unsigned char row[ROW_MAX];
} looker;

static void on_error(j_common_ptr jpeg)
{
    looker *l = jpeg->client_data;
    longjmp(l->jump, 1);
}

/* A warning too: whether it matters is for the decoder to say. */
static void on_message(j_common_ptr jpeg, int level)
{
    if (level < 0)
        on_error(jpeg);
}

static void on_output(j_common_ptr jpeg)
{
    (void)jpeg;
}

static void no_source_work(j_decompress_ptr jpeg)
{
    (void)jpeg;
}

static boolean on_fill(j_decompress_ptr jpeg)
{
    on_error((j_common_ptr)jpeg);
    return FALSE;
}

static void on_skip(j_decompress_ptr jpeg, long count)
{
    if (count <= 0)
        return;
    if ((size_t)count > jpeg->src->bytes_in_buffer)
        on_error((j_common_ptr)jpeg);
    jpeg->src->next_input_byte += count;
    jpeg->src->bytes_in_buffer -= (size_t)count;
}

static void on_progress(j_common_ptr jpeg)
{
    if (((j_decompress_ptr)jpeg)->input_scan_number > SCANS_MAX)
        on_error(jpeg);
}

/* The pictures that everybody has: of three components or one, within the limits, and not tiny for their size. */
static bool is_usual(const looker *l, size_t size)
{
    const struct jpeg_decompress_struct *j = &l->jpeg;
    bool colours = (j->jpeg_color_space == JCS_YCbCr && j->num_components == 3) ||
                   (j->jpeg_color_space == JCS_GRAYSCALE && j->num_components == 1);
    return colours && gr_image_check_size("", j->image_width, j->image_height, NULL) == GR_OK &&
           (uint64_t)j->image_width * j->image_height / (32 * 32) / 8 <= size;
}

static void read_orientation(looker *l)
{
    l->orientation = 1;
    for (jpeg_saved_marker_ptr m = l->jpeg.marker_list; m != NULL; m = m->next)
        if (m->marker == JPEG_APP0 + 1 && m->data_length >= 6 && memcmp(m->data, "Exif\0\0", 6) == 0) {
            l->orientation = gr_exif_orientation(m->data, m->data_length);
            return;
        }
}

static bool look(looker *l, const void *bytes, size_t size)
{
    if (setjmp(l->jump) != 0)
        return false;
    jpeg_create_decompress(&l->jpeg);
    l->source = (struct jpeg_source_mgr){.next_input_byte = bytes,
                                         .bytes_in_buffer = size,
                                         .init_source = no_source_work,
                                         .fill_input_buffer = on_fill,
                                         .skip_input_data = on_skip,
                                         .resync_to_restart = jpeg_resync_to_restart,
                                         .term_source = no_source_work};
    l->jpeg.src = &l->source;
    l->progress.progress_monitor = on_progress;
    l->jpeg.progress = &l->progress;
    jpeg_save_markers(&l->jpeg, JPEG_APP0 + 1, 0xffff);
    (void)jpeg_read_header(&l->jpeg, TRUE);
    read_orientation(l);
    if (!is_usual(l, size))
        return false;
    l->jpeg.scale_num = 1;
    l->jpeg.scale_denom = 8;
    l->jpeg.out_color_space = l->jpeg.jpeg_color_space;
    jpeg_start_decompress(&l->jpeg);
    if ((size_t)l->jpeg.output_width * (size_t)l->jpeg.output_components > ROW_MAX)
        return false;
    for (JSAMPROW row = l->row; l->jpeg.output_scanline < l->jpeg.output_height;)
        if (jpeg_read_scanlines(&l->jpeg, &row, 1) != 1)
            return false;
    jpeg_finish_decompress(&l->jpeg);
    return true;
}

bool gr_jpeg_look(const void *bytes, size_t size, int *width, int *height)
{
    if (size < 3 || memcmp(bytes, "\xff\xd8\xff", 3) != 0)
        return false;
    looker *l = gr_alloc(1, sizeof *l); /* zeroed, so that jpeg_destroy is safe whenever look jumps out */
    if (l == NULL)
        return false;
    l->jpeg.err = jpeg_std_error(&l->errors);
    l->jpeg.client_data = l;
    l->errors.error_exit = on_error;
    l->errors.emit_message = on_message;
    l->errors.output_message = on_output;
    bool good = look(l, bytes, size), swapped = l->orientation >= 5;
    *width = (int)(swapped ? l->jpeg.image_height : l->jpeg.image_width);
    *height = (int)(swapped ? l->jpeg.image_width : l->jpeg.image_height);
    jpeg_destroy_decompress(&l->jpeg);
    gr_free(l);
    return good;
}
