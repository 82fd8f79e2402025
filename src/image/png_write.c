/* 8-bit RGB to PNG by libpng, made whole in memory and then written atomically. */
#include "image/png_picture.h"

#include <math.h>
#include <png.h>
#include <setjmp.h>

#include "image/image.h"

typedef struct writer {
    const gr_png_picture *image;
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

/* Title and Description, as the PNG specification calls them. */
static void put_words(writer *w)
{
    const char *const words[] = {w->image->title, w->image->description};
    static char *const keys[] = {"Title", "Description"};
    for (int i = 0; i < 2; i++) {
        png_text text = {.compression = PNG_ITXT_COMPRESSION_NONE, .key = keys[i], .text = (char *)words[i]};
        if (words[i] != NULL && words[i][0] != '\0')
            png_set_text(w->png, w->info, &text, 1);
    }
}

static bool encode(writer *w)
{
    if (setjmp(png_jmpbuf(w->png)) != 0)
        return false;
    const gr_png_picture *image = w->image;
    size_t row = (size_t)image->width * (size_t)image->channels;
    png_set_write_fn(w->png, w, on_write, on_flush);
    png_set_IHDR(w->png, w->info, (png_uint_32)image->width, (png_uint_32)image->height, 8,
                 image->channels == 4 ? PNG_COLOR_TYPE_RGB_ALPHA : PNG_COLOR_TYPE_RGB, PNG_INTERLACE_NONE,
                 PNG_COMPRESSION_TYPE_DEFAULT, PNG_FILTER_TYPE_DEFAULT);
    if (image->drawn) {
        png_set_filter(w->png, PNG_FILTER_TYPE_BASE, PNG_FILTER_NONE);
        png_set_compression_level(w->png, 4);
    }
    if (image->dpi > 0.0) {
        png_uint_32 per_metre = (png_uint_32)lround(image->dpi / 0.0254);
        png_set_pHYs(w->png, w->info, per_metre, per_metre, PNG_RESOLUTION_METER);
    }
    put_words(w);
    png_write_info(w->png, w->info);
    for (int y = 0; y < image->height; y++)
        png_write_row(w->png, image->pixels + (size_t)y * row);
    png_write_end(w->png, NULL);
    return true;
}

gr_status gr_png_encode_picture(const gr_png_picture *picture, gr_text *out, gr_error *err)
{
    gr_status status = gr_image_check_size("image", picture->width < 0 ? 0 : (uint64_t)picture->width,
                                           picture->height < 0 ? 0 : (uint64_t)picture->height, err);
    if (status != GR_OK)
        return status;
    writer w = {.image = picture};
    w.png = png_create_write_struct_2(PNG_LIBPNG_VER_STRING, &w, on_error, on_warning, NULL, on_alloc, on_free);
    w.info = w.png != NULL ? png_create_info_struct(w.png) : NULL;
    bool done = w.info != NULL && encode(&w);
    png_destroy_write_struct(&w.png, &w.info);
    if (done)
        gr_text_add(out, w.bytes.data, w.bytes.size);
    gr_text_free(&w.bytes);
    return done && !out->failed
               ? GR_OK
               : gr_fail(err, GR_NOMEM, "no memory to make a PNG of %d x %d pixels", picture->width, picture->height);
}

gr_status gr_png_encode(const gr_image *image, uint8_t **bytes, size_t *size, gr_error *err)
{
    gr_text out = {0};
    gr_png_picture picture = {.pixels = image->pixels, .width = image->width, .height = image->height, .channels = 3};
    gr_status status = gr_png_encode_picture(&picture, &out, err);
    if (status != GR_OK)
        gr_text_free(&out);
    *bytes = (uint8_t *)out.data;
    *size = out.size;
    return status;
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
