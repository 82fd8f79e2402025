/* 8-bit RGB to JPEG by libjpeg, made whole in memory. */
#include "image/image.h"

#include <setjmp.h>
#include <stdio.h>

#include <jpeglib.h>

enum { PIECE = 1 << 16 };

typedef struct writer {
    struct jpeg_compress_struct jpeg;
    struct jpeg_error_mgr errors;
    struct jpeg_destination_mgr to;
    jmp_buf jump;
    gr_text bytes;
    uint8_t piece[PIECE];
} writer;

static void on_error(j_common_ptr jpeg)
{
    writer *w = jpeg->client_data; /* with a valid image the one thing that can fail is memory */
    longjmp(w->jump, 1);
}

static void on_message(j_common_ptr jpeg, int level)
{
    (void)jpeg;
    (void)level;
}

static void on_begin(j_compress_ptr jpeg)
{
    writer *w = jpeg->client_data;
    w->to.next_output_byte = w->piece;
    w->to.free_in_buffer = PIECE;
}

static boolean on_full(j_compress_ptr jpeg)
{
    writer *w = jpeg->client_data;
    gr_text_add(&w->bytes, w->piece, PIECE);
    on_begin(jpeg);
    return TRUE;
}

static void on_end(j_compress_ptr jpeg)
{
    writer *w = jpeg->client_data;
    gr_text_add(&w->bytes, w->piece, PIECE - w->to.free_in_buffer);
}

static bool encode(writer *w, const gr_image *image, int quality)
{
    struct jpeg_compress_struct *jpeg = &w->jpeg;
    jpeg->err = jpeg_std_error(&w->errors);
    w->errors.error_exit = on_error;
    w->errors.emit_message = on_message;
    jpeg->client_data = w;
    if (setjmp(w->jump) != 0)
        return false;
    jpeg_create_compress(jpeg);
    w->to = (struct jpeg_destination_mgr){
        .init_destination = on_begin, .empty_output_buffer = on_full, .term_destination = on_end};
    jpeg->dest = &w->to;
    jpeg->image_width = (JDIMENSION)image->width;
    jpeg->image_height = (JDIMENSION)image->height;
    jpeg->input_components = 3;
    jpeg->in_color_space = JCS_RGB;
    jpeg_set_defaults(jpeg);
    jpeg_set_quality(jpeg, quality, TRUE);
    if (quality >= 90)
        jpeg->comp_info[0].h_samp_factor = jpeg->comp_info[0].v_samp_factor = 1;
    jpeg_start_compress(jpeg, TRUE);
    while (jpeg->next_scanline < jpeg->image_height) {
        JSAMPROW row = image->pixels + (size_t)jpeg->next_scanline * (size_t)image->width * 3;
        jpeg_write_scanlines(jpeg, &row, 1);
    }
    jpeg_finish_compress(jpeg);
    return !w->bytes.failed;
}

gr_status gr_jpeg_encode(const gr_image *image, int quality, uint8_t **bytes, size_t *size, gr_error *err)
{
    *bytes = NULL;
    *size = 0;
    gr_status status = gr_image_check_size("image", image->width < 0 ? 0 : (uint64_t)image->width,
                                           image->height < 0 ? 0 : (uint64_t)image->height, err);
    if (status == GR_OK && (quality < 1 || quality > 100))
        status = gr_fail(err, GR_INVALID, "a JPEG's quality is %d; 1 to 100 would be right", quality);
    writer *w = status == GR_OK ? gr_alloc(1, sizeof *w) : NULL;
    if (status == GR_OK && w == NULL)
        status = gr_fail(err, GR_NOMEM, "no memory to make a JPEG");
    if (status != GR_OK)
        return status;
    bool done = encode(w, image, quality);
    jpeg_destroy_compress(&w->jpeg);
    if (done) {
        *bytes = (uint8_t *)w->bytes.data;
        *size = w->bytes.size;
    } else {
        gr_text_free(&w->bytes);
        status = gr_fail(err, GR_NOMEM, "no memory to make a JPEG of %d x %d pixels", image->width, image->height);
    }
    gr_free(w);
    return status;
}
