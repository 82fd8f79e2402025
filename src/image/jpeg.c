/* JPEG to 8-bit RGB by libjpeg. As in png.c, all that a longjmp must not lose lives in the reader object.
 *
 * libjpeg goes on after damaged data with a warning and grey pixels; here such a warning is an error. Its other warnings are
 * about what does not touch the pixels, such as a version of JFIF that it has not heard of. */
#include "image/decoders.h"

#include <setjmp.h>
#include <stdio.h>
#include <string.h>

#include <jpeglib.h>
#include <jerror.h>

/* A progressive file can ask for thousands of passes over the picture at a few bytes each. Encoders write some ten; this
 * allows 16 over the largest picture, more over smaller ones. */
#define SCANNED_PIXELS_MAX ((uint64_t)16 * GR_PIXELS_LIMIT)
/* libjpeg's own memory: a progressive picture of 100 million pixels needs its coefficients, 600 MB. */
#define LIBJPEG_MEMORY_MAX ((long)1 << 30)

typedef struct reader {
    struct jpeg_decompress_struct jpeg;
    struct jpeg_error_mgr errors;
    struct jpeg_source_mgr source;
    struct jpeg_progress_mgr progress;
    jmp_buf jump;
    const uint8_t *bytes;
    size_t size;
    const char *name;
    gr_error *err;
    gr_status status;
    gr_image image;
    uint8_t *cmyk;   /* one row */
    bool fast_dct;
    int orientation; /* read early: jpeg_finish_decompress drops the markers */
} reader;

static void give_up(reader *r, const char *why)
{
    r->status = gr_fail(r->err, GR_INVALID, "%s: is a damaged JPEG (%s), an undamaged copy would be right", r->name, why);
    longjmp(r->jump, 1);
}

/* Comes back where the file is of a kind that everybody writes. */
static void refuse_kind(reader *r)
{
    char what[GR_JPEG_KIND_MAX];
    gr_convert how = gr_jpeg_kind(r->bytes, r->size, what);
    if (what[0] == '\0')
        return;
    r->status = gr_image_refuse_as(r->name, what, how, r->err);
    longjmp(r->jump, 1);
}

static void on_error(j_common_ptr jpeg)
{
    char why[JMSG_LENGTH_MAX];
    jpeg->err->format_message(jpeg, why);
    reader *r = jpeg->client_data;
    if (jpeg->err->msg_code == JERR_OUT_OF_MEMORY || jpeg->err->msg_code == JERR_NO_BACKING_STORE) {
        r->status = gr_fail(r->err, GR_NOMEM, "%s: no memory to decode it", r->name);
        longjmp(r->jump, 1);
    }
    static const int UNKNOWN[] = {JERR_SOF_UNSUPPORTED, JERR_BAD_PRECISION, JERR_ARITH_NOTIMPL, JERR_UNKNOWN_MARKER,
                                  JERR_CONVERSION_NOTIMPL};
    for (size_t i = 0; i < sizeof(UNKNOWN) / sizeof(UNKNOWN[0]); i++)
        if (jpeg->err->msg_code == UNKNOWN[i])
            refuse_kind(r);
    give_up(r, why);
}

/* level < 0 is a warning. These say that pixels are missing or made up. */
static void on_message(j_common_ptr jpeg, int level)
{
    static const int DAMAGE[] = {JWRN_HIT_MARKER,  JWRN_HUFF_BAD_CODE,     JWRN_ARITH_BAD_CODE,
                                 JWRN_MUST_RESYNC, JWRN_BOGUS_PROGRESSION, JWRN_JPEG_EOF};
    for (size_t i = 0; level < 0 && i < sizeof(DAMAGE) / sizeof(DAMAGE[0]); i++)
        if (jpeg->err->msg_code == DAMAGE[i])
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
    reader *r = jpeg->client_data;
    r->status = gr_fail(r->err, GR_INVALID, "%s: is a JPEG that ends early, after %zu bytes; the whole file would be right",
                        r->name, r->size);
    longjmp(r->jump, 1);
}

static void on_skip(j_decompress_ptr jpeg, long count)
{
    if (count <= 0)
        return;
    if ((size_t)count > jpeg->src->bytes_in_buffer)
        on_fill(jpeg);
    jpeg->src->next_input_byte += count;
    jpeg->src->bytes_in_buffer -= (size_t)count;
}

static void on_progress(j_common_ptr jpeg)
{
    const struct jpeg_decompress_struct *d = (j_decompress_ptr)jpeg;
    if ((uint64_t)d->input_scan_number * d->image_width * d->image_height > SCANNED_PIXELS_MAX)
        give_up(jpeg->client_data, "it has too many scans");
}

static int orientation_of(const struct jpeg_decompress_struct *jpeg)
{
    for (jpeg_saved_marker_ptr m = jpeg->marker_list; m != NULL; m = m->next)
        if (m->marker == JPEG_APP0 + 1 && m->data_length >= 6 && memcmp(m->data, "Exif\0\0", 6) == 0)
            return gr_exif_orientation(m->data, m->data_length);
    return 1;
}

static void open_jpeg(reader *r)
{
    jpeg_create_decompress(&r->jpeg);
    r->jpeg.mem->max_memory_to_use = LIBJPEG_MEMORY_MAX;
    r->source = (struct jpeg_source_mgr){.next_input_byte = r->bytes,
                                         .bytes_in_buffer = r->size,
                                         .init_source = no_source_work,
                                         .fill_input_buffer = on_fill,
                                         .skip_input_data = on_skip,
                                         .resync_to_restart = jpeg_resync_to_restart,
                                         .term_source = no_source_work};
    r->jpeg.src = &r->source;
    r->progress.progress_monitor = on_progress;
    r->jpeg.progress = &r->progress;
    jpeg_save_markers(&r->jpeg, JPEG_APP0 + 1, 0xffff);
    (void)jpeg_read_header(&r->jpeg, TRUE);
    if (r->jpeg.data_precision != 8) /* newer libraries read its header */
        refuse_kind(r);
    r->orientation = orientation_of(&r->jpeg);
    r->status = gr_image_check_size(r->name, r->jpeg.image_width, r->jpeg.image_height, r->err);
    if (r->status != GR_OK)
        longjmp(r->jump, 1);
    /* Each block of 8 x 8 takes at least one bit, and a block covers at most 32 x 32 pixels. */
    if ((uint64_t)r->jpeg.image_width * r->jpeg.image_height / (32 * 32) / 8 > r->size)
        give_up(r, "it is too short for its width and height");
}

static void read_pixels(reader *r)
{
    bool cmyk = r->jpeg.jpeg_color_space == JCS_CMYK || r->jpeg.jpeg_color_space == JCS_YCCK;
    r->jpeg.out_color_space = cmyk ? JCS_CMYK : JCS_RGB;
    if (r->fast_dct)
        r->jpeg.dct_method = JDCT_IFAST;
    jpeg_start_decompress(&r->jpeg);
    size_t width = r->jpeg.output_width, height = r->jpeg.output_height;
    if (r->jpeg.output_components != (cmyk ? 4 : 3))
        give_up(r, "unknown pixel layout");
    r->status = gr_image_make((int)width, (int)height, &r->image, r->err);
    if (r->status == GR_OK && cmyk && (r->cmyk = gr_alloc_aligned(width, 4)) == NULL)
        r->status = gr_fail(r->err, GR_NOMEM, "%s: no memory for a row of %zu pixels", r->name, width);
    if (r->status != GR_OK)
        longjmp(r->jump, 1);
    while (r->jpeg.output_scanline < height) {
        uint8_t *to = r->image.pixels + (size_t)r->jpeg.output_scanline * width * 3;
        JSAMPROW row = cmyk ? r->cmyk : to;
        if (jpeg_read_scanlines(&r->jpeg, &row, 1) != 1)
            give_up(r, "a row is missing");
        if (cmyk)
            gr_rgb_of_cmyk(r->cmyk, width, true, to); /* CMYK in a JPEG is Adobe's, stored inverted */
    }
}

static void decode(reader *r)
{
    if (setjmp(r->jump) != 0)
        return;
    open_jpeg(r);
    read_pixels(r);
    jpeg_finish_decompress(&r->jpeg);
    r->status = gr_image_orient(&r->image, r->orientation, r->err);
}

gr_status gr_jpeg_decode(const uint8_t *bytes, size_t size, const char *name, bool fast_dct, gr_image *out,
                         gr_error *err)
{
    reader *r = gr_alloc(1, sizeof(*r)); /* zeroed, so that jpeg_destroy is safe whenever decode jumps out */
    if (r == NULL)
        return gr_fail(err, GR_NOMEM, "%s: no memory to decode it", name);
    r->bytes = bytes;
    r->size = size;
    r->name = name;
    r->fast_dct = fast_dct;
    r->err = err;
    r->jpeg.err = jpeg_std_error(&r->errors);
    r->jpeg.client_data = r;
    r->errors.error_exit = on_error;
    r->errors.emit_message = on_message;
    r->errors.output_message = on_output;
    decode(r);
    jpeg_destroy_decompress(&r->jpeg);
    gr_free(r->cmyk);
    if (r->status != GR_OK)
        gr_image_free(&r->image);
    *out = r->image;
    gr_status status = r->status;
    gr_free(r);
    return status;
}
