/* 8-bit RGB to PNG by libpng, made whole in memory and then written atomically. */
#include "image/image.h"

#include <png.h>
#include <setjmp.h>
#include <zlib.h>

typedef struct writer {
    const gr_image *image;
    bool quick;
    gr_text bytes;
    png_structp png;
    png_infop info;
} writer;

static void on_error(png_structp png, png_const_charp why)
{
    (void)why; /* with a valid image the one thing that can fail is memory */
    png_longjmp(png, 1);
}

static void on_warning(png_structp png, png_const_charp why)
{
    (void)png;
    (void)why;
}

static void on_write(png_structp png, png_bytep from, size_t count)
{
    writer *w = png_get_io_ptr(png);
    gr_text_add(&w->bytes, from, count);
    if (w->bytes.failed)
        png_error(png, "no memory");
}

static void on_flush(png_structp png)
{
    (void)png;
}

static png_voidp on_alloc(png_structp png, png_alloc_size_t size)
{
    (void)png;
    return gr_alloc(size, 1);
}

static void on_free(png_structp png, png_voidp block)
{
    (void)png;
    gr_free(block);
}

static bool encode(writer *w)
{
    if (setjmp(png_jmpbuf(w->png)) != 0)
        return false;
    size_t row = (size_t)w->image->width * 3;
    png_set_write_fn(w->png, w, on_write, on_flush);
    png_set_IHDR(w->png, w->info, (png_uint_32)w->image->width, (png_uint_32)w->image->height, 8, PNG_COLOR_TYPE_RGB,
                 PNG_INTERLACE_NONE, PNG_COMPRESSION_TYPE_DEFAULT, PNG_FILTER_TYPE_DEFAULT);
    if (w->quick) { /* runs and single bytes alone: the search for repeated ones is what takes time */
        png_set_compression_strategy(w->png, Z_RLE);
        png_set_compression_level(w->png, 1);
        png_set_filter(w->png, PNG_FILTER_TYPE_BASE, PNG_FILTER_SUB);
    }
    png_write_info(w->png, w->info);
    for (int y = 0; y < w->image->height; y++)
        png_write_row(w->png, w->image->pixels + (size_t)y * row);
    png_write_end(w->png, NULL);
    return true;
}

static gr_status encode_image(const gr_image *image, bool quick, uint8_t **bytes, size_t *size, gr_error *err)
{
    *bytes = NULL;
    *size = 0;
    gr_status status = gr_image_check_size("image", image->width < 0 ? 0 : (uint64_t)image->width,
                                           image->height < 0 ? 0 : (uint64_t)image->height, err);
    if (status != GR_OK)
        return status;
    writer w = {.image = image, .quick = quick};
    w.png = png_create_write_struct_2(PNG_LIBPNG_VER_STRING, &w, on_error, on_warning, NULL, on_alloc, on_free);
    w.info = w.png != NULL ? png_create_info_struct(w.png) : NULL;
    bool done = w.info != NULL && encode(&w);
    png_destroy_write_struct(&w.png, &w.info);
    if (!done) {
        gr_text_free(&w.bytes);
        return gr_fail(err, GR_NOMEM, "no memory to make a PNG of %d x %d pixels", image->width, image->height);
    }
    *bytes = (uint8_t *)w.bytes.data;
    *size = w.bytes.size;
    return GR_OK;
}

gr_status gr_png_encode(const gr_image *image, uint8_t **bytes, size_t *size, gr_error *err)
{
    return encode_image(image, false, bytes, size, err);
}

gr_status gr_png_encode_quick(const gr_image *image, uint8_t **bytes, size_t *size, gr_error *err)
{
    return encode_image(image, true, bytes, size, err);
}

gr_status gr_png_write(const char *path, const gr_image *image, gr_error *err)
{
    uint8_t *bytes;
    size_t size;
    gr_status status = gr_png_encode(image, &bytes, &size, err);
    if (status != GR_OK) {
        gr_error_prefix(err, "%s", path);
        return status;
    }
    status = gr_file_write(path, bytes, size, err);
    gr_free(bytes);
    return status;
}
