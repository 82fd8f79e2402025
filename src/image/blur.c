/* Pillow's GaussianBlur: three box blurs along rows, then three along columns, each with a fraction of a pixel at both ends.
 */
#include <math.h>
#include <string.h>

#include "image/filters.h"
#include "kernels/kernels.h"
#include "kernels/pictures.h"

enum { PASSES = 3 };

/* A box of 2 radius + 1 pixels of weight ww each, between two of weight fw, in 2^24ths. */
typedef struct box {
    int radius;
    uint32_t ww, fw;
} box;

/* The extended box of Gwosdek et al. 2011 of the same variance, in float32 where Pillow has it. */
static box box_of(float radius)
{
    float sigma2 = radius * radius / PASSES;
    float length = (float)sqrt(12.0 * (double)sigma2 + 1.0);
    float whole = (float)floor(((double)length - 1.0) / 2.0);
    float part = (2 * whole + 1) * (whole * (whole + 1) - 3 * sigma2);
    part /= 6 * (sigma2 - (whole + 1) * (whole + 1));
    float reach = whole + part;
    box b = {.radius = (int)reach};
    b.ww = (uint32_t)((float)(1u << 24) / (reach * 2 + 1));
    b.fw = ((1u << 24) - (uint32_t)(b.radius * 2 + 1) * b.ww) / 2;
    return b;
}

/* ---- along rows ------------------------------------------------------------------------------------------------------ */

/* Repeats the first and last pixel. */
static void pad(uint8_t *row, int width, int pixels)
{
    for (int i = 1; i <= pixels; i++) {
        memcpy(row - 3 * i, row, 3);
        memcpy(row + 3 * (width - 1 + i), row + 3 * (width - 1), 3);
    }
}

static gr_status blur_rows(const gr_image *in, const box *b, gr_image *out, gr_error *err)
{
    const gr_picture_kernels *k = gr_kernels_get()->pictures;
    size_t bytes = (size_t)in->width * 3, margin = 3 * ((size_t)b->radius + 1), stride = bytes + 2 * margin;
    uint8_t *memory = gr_alloc(2 * stride, 1);
    if (memory == NULL)
        return gr_fail(err, GR_NOMEM, "no memory for two rows of pixels");
    uint8_t *rows[2] = {memory + margin, memory + stride + margin};
    for (int y = 0; y < in->height; y++) {
        memcpy(rows[0], in->pixels + (size_t)y * bytes, bytes);
        for (int pass = 0; pass < PASSES; pass++) {
            uint8_t *from = rows[pass % 2];
            pad(from, in->width, b->radius + 1);
            uint8_t *to = pass + 1 < PASSES ? rows[(pass + 1) % 2] : out->pixels + (size_t)y * bytes;
            k->box_along((int64_t)bytes, from, b->radius, b->ww, b->fw, to);
        }
    }
    gr_free(memory);
    return GR_OK;
}

/* ---- along columns --------------------------------------------------------------------------------------------------- */

typedef struct rows {
    const uint8_t *pixels;
    size_t stride;
    int height;
} rows;

static const uint8_t *row_at(const rows *in, int y)
{
    int inside = y < 0 ? 0 : y >= in->height ? in->height - 1 : y;
    return in->pixels + (size_t)inside * in->stride;
}

static void blur_columns(const rows *in, size_t bytes, const box *b, uint32_t *sums, uint8_t *out)
{
    const gr_picture_kernels *k = gr_kernels_get()->pictures;
    memset(sums, 0, bytes * sizeof *sums);
    for (int y = -b->radius - 1; y < b->radius; y++) { /* the box before the first row */
        const uint8_t *row = row_at(in, y);
        for (size_t i = 0; i < bytes; i++)
            sums[i] += row[i];
    }
    for (int y = 0; y < in->height; y++)
        k->box((int64_t)bytes, row_at(in, y + b->radius), row_at(in, y - b->radius - 1), row_at(in, y + b->radius + 1),
               b->ww, b->fw, sums, out + (size_t)y * bytes);
}

gr_status gr_image_blur(const gr_image *in, double radius, gr_image *out, gr_error *err)
{
    size_t bytes = (size_t)in->width * 3, all = bytes * (size_t)in->height;
    if (!((float)radius > 0)) {
        memcpy(out->pixels, in->pixels, all);
        return GR_OK;
    }
    box b = box_of((float)radius);
    gr_status status = blur_rows(in, &b, out, err);
    uint8_t *other = gr_alloc(all, 1);
    uint32_t *sums = gr_alloc(bytes, sizeof *sums);
    if (status == GR_OK && (other == NULL || sums == NULL))
        status = gr_fail(err, GR_NOMEM, "no memory for an image of %d x %d pixels", in->width, in->height);
    if (status == GR_OK) {
        uint8_t *two[2] = {out->pixels, other};
        for (int pass = 0; pass < PASSES; pass++)
            blur_columns(&(rows){two[pass % 2], bytes, in->height}, bytes, &b, sums, two[(pass + 1) % 2]);
        memcpy(out->pixels, two[PASSES % 2], all);
    }
    gr_free(other);
    gr_free(sums);
    return status;
}
