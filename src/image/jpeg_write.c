/* As in jpeg.c, all that a longjmp must not lose lives in the writer object. */
#include "image/jpeg_write.h"

#include <setjmp.h>
#include <stdio.h>

#include <jpeglib.h>

#include "image/image.h"

enum { PIECE = 16384 };

typedef struct writer {
    struct jpeg_compress_struct jpeg;
    struct jpeg_error_mgr errors;
    struct jpeg_destination_mgr target;
    jmp_buf jump;
    JOCTET piece[PIECE];
    gr_text *out;
} writer;

/* With a picture within the limits the one thing that can fail is memory. */
static void on_error(j_common_ptr jpeg)
{
    longjmp(((writer *)jpeg->client_data)->jump, 1);
}

static void on_message(j_common_ptr jpeg, int level)
{
    (void)jpeg;
    (void)level;
}

static void on_begin(j_compress_ptr jpeg)
{
    writer *w = jpeg->client_data;
    w->target.next_output_byte = w->piece;
    w->target.free_in_buffer = PIECE;
}

static boolean on_full(j_compress_ptr jpeg)
{
    writer *w = jpeg->client_data;
    gr_text_add(w->out, w->piece, PIECE);
    on_begin(jpeg);
    return TRUE;
}

static void on_end(j_compress_ptr jpeg)
{
    writer *w = jpeg->client_data;
    gr_text_add(w->out, w->piece, PIECE - w->target.free_in_buffer);
}

static bool encode(writer *w, const gr_image *image, int quality)
{
    w->jpeg.err = jpeg_std_error(&w->errors);
    w->errors.error_exit = on_error;
    w->errors.emit_message = on_message;
    w->jpeg.client_data = w;
    if (setjmp(w->jump) != 0)
        return false;
    jpeg_create_compress(&w->jpeg);
    w->target.init_destination = on_begin;
    w->target.empty_output_buffer = on_full;
    w->target.term_destination = on_end;
    w->jpeg.dest = &w->target;
    w->jpeg.image_width = (JDIMENSION)image->width;
    w->jpeg.image_height = (JDIMENSION)image->height;
    w->jpeg.input_components = 3;
    w->jpeg.in_color_space = JCS_RGB;
    jpeg_set_defaults(&w->jpeg);
    w->jpeg.dct_method = JDCT_ISLOW; /* the one that is the same everywhere */
    jpeg_set_quality(&w->jpeg, quality, TRUE);
    jpeg_start_compress(&w->jpeg, TRUE);
    while (w->jpeg.next_scanline < w->jpeg.image_height) {
        JSAMPROW row = image->pixels + (size_t)w->jpeg.next_scanline * (size_t)image->width * 3;
        jpeg_write_scanlines(&w->jpeg, &row, 1);
    }
    jpeg_finish_compress(&w->jpeg);
    return true;
}

gr_status gr_jpeg_encode(const gr_image *image, int quality, gr_text *out, gr_error *err)
{
    gr_status status = gr_image_check_size("image", image->width < 0 ? 0 : (uint64_t)image->width,
                                           image->height < 0 ? 0 : (uint64_t)image->height, err);
    writer *w = status == GR_OK ? gr_alloc(1, sizeof *w) : NULL;
    if (status != GR_OK)
        return status;
    bool done = false;
    if (w != NULL) {
        w->out = out;
        done = encode(w, image, quality);
        jpeg_destroy_compress(&w->jpeg);
        gr_free(w);
    }
    return done && !out->failed
               ? GR_OK
               : gr_fail(err, GR_NOMEM, "no memory to make a JPEG of %d x %d pixels", image->width, image->height);
}
