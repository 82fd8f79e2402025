/* Reading every image of a manifest once: does it decode, how large is it, which bytes, which colours. */
#include "grimace/scan.h"

#include <math.h>
#include <stdatomic.h>
#include <string.h>

#include "base/base.h"
#include "grimace/image.h"
#include "image/jpeg_look.h"
#include "image/png_look.h"

enum { FILE_LIMIT = 1 << 30 };

static uint64_t mixed(uint64_t lane, uint64_t word, uint64_t odd)
{
    lane = (lane ^ word) * odd;
    return lane ^ lane >> 29;
}

/* Four lanes of eight bytes each, mixed as they go; two sums of them. Equality that matters is confirmed byte by byte. */
static void hash_bytes(const char *data, size_t size, uint64_t hash[2])
{
    static const uint64_t odd[4] = {0x9e3779b97f4a7c15u, 0xbf58476d1ce4e5b9u, 0x94d049bb133111ebu, 0xd6e8feb86659fd93u};
    uint64_t lane[4] = {size, ~(uint64_t)size, odd[0], odd[1]}, word[4];
    size_t at = 0;
    for (; size - at >= sizeof word; at += sizeof word) {
        memcpy(word, data + at, sizeof word);
        lane[0] = mixed(lane[0], word[0], odd[0]); /* written out, as gcc keeps a loop over lanes in memory */
        lane[1] = mixed(lane[1], word[1], odd[1]);
        lane[2] = mixed(lane[2], word[2], odd[2]);
        lane[3] = mixed(lane[3], word[3], odd[3]);
    }
    memset(word, 0, sizeof word);
    memcpy(word, data + at, size - at);
    for (int i = 0; i < 4; i++)
        lane[i] = mixed(lane[i], word[i], odd[i]);
    hash[0] = gr_hash(0, lane, sizeof lane);
    hash[1] = gr_hash(hash[0], lane, sizeof lane);
}

static void sum_pixels(const gr_image *image, gr_image_facts *facts)
{
    uint64_t sum[3] = {0}, square[3] = {0};
    int64_t pixels = (int64_t)image->width * image->height;
    for (int64_t i = 0; i < pixels; i++)
        for (int c = 0; c < 3; c++) {
            uint64_t v = image->pixels[3 * i + c];
            sum[c] += v;
            square[c] += v * v;
        }
    for (int c = 0; c < 3; c++) {
        facts->mean[c] = (double)sum[c] / (255.0 * (double)pixels);
        facts->square[c] = (double)square[c] / (255.0 * 255.0 * (double)pixels);
    }
}

/* Lies the box within the picture whatever its edges are rounded to? */
static bool lies_within(const gr_box *box, int width, int height)
{
    return box == NULL || box->width <= 0.0 ||
           (box->x >= 0.0 && box->y >= 0.0 && box->width >= 1.0 && box->height >= 1.0 && box->x + box->width <= width &&
            box->y + box->height <= height);
}

typedef struct scan {
    const gr_manifest *m;
    atomic_llong next; /* the row that nobody looks at yet */
    bool colours;
    void (*seen)(void *ctx, int64_t row, const gr_image *image); /* NULL: nobody wants the pictures */
    void *ctx;
    gr_image_facts *facts;
} scan;

/* Decodes the picture of data[size], cuts its box out and sums its colours. */
static gr_status decode(const scan *s, int64_t row, const char *data, size_t size, gr_error *err)
{
    const char *path = s->m->paths[row];
    const gr_box *box = s->m->boxes != NULL ? &s->m->boxes[row] : NULL;
    gr_image_facts *facts = &s->facts[row];
    bool colours = s->colours;
    gr_image image = {0}, part = {0};
    gr_status status = gr_image_decode(data, size, path, &image, err);
    if (status == GR_OK) {
        facts->width = image.width;
        facts->height = image.height;
        if (box != NULL && box->width > 0.0 && (colours || !lies_within(box, image.width, image.height))) {
            const double edges[4] = {box->x, box->y, box->width, box->height};
            status = gr_image_crop(&image, edges, &part, err);
        }
    }
    if (status == GR_OK && s->seen != NULL)
        s->seen(s->ctx, row, &image);
    if (status == GR_OK && colours)
        sum_pixels(part.pixels != NULL ? &part : &image, facts);
    gr_image_free(&image);
    gr_image_free(&part);
    return status;
}

/* What a quick look can call good; all else the decoder reads. */
static bool is_whole(const char *data, size_t size, gr_image_facts *facts)
{
    return gr_jpeg_look(data, size, &facts->width, &facts->height) || gr_png_look(data, size, &facts->width, &facts->height);
}

static gr_status look(const scan *s, int64_t row, gr_error *err)
{
    const gr_box *box = s->m->boxes != NULL ? &s->m->boxes[row] : NULL;
    gr_image_facts *facts = &s->facts[row];
    char *data;
    size_t size;
    gr_status status = gr_file_read(s->m->paths[row], FILE_LIMIT, &data, &size, err);
    if (status != GR_OK)
        return status;
    facts->size = size;
    hash_bytes(data, size, facts->hash);
    if (s->colours || s->seen != NULL || !is_whole(data, size, facts) || !lies_within(box, facts->width, facts->height))
        status = decode(s, row, data, size, err);
    gr_free(data);
    return status;
}

static void scan_one(const scan *s, int64_t row)
{
    gr_error err = {0};
    if (look(s, row, &err) == GR_OK)
        return;
    /* without memory for the sentence the size stays 0, which says that the row failed */
    s->facts[row].problem = gr_strdup(err.text);
    s->facts[row].width = s->facts[row].height = 0;
}

/* Row after row, as long as there are some: pictures take unequal time, and so do cores. */
static void scan_some(void *ctx, int64_t index, int thread)
{
    (void)index;
    (void)thread;
    scan *s = ctx;
    for (int64_t row; (row = atomic_fetch_add(&s->next, 1)) < s->m->rows;)
        scan_one(s, row);
}

static gr_status scan_all(scan *s, gr_error *err)
{
    const gr_manifest *manifest = s->m;
    gr_image_facts *facts = s->facts;
    memset(facts, 0, (size_t)manifest->rows * sizeof *facts);
    gr_parallel_for(gr_threads_get(), scan_some, s);
    for (int64_t r = 0; r < manifest->rows; r++)
        if (facts[r].width == 0 && facts[r].problem == NULL) {
            gr_image_facts_free(facts, manifest->rows);
            return gr_fail(err, GR_NOMEM, "%s: no memory to check its images", manifest->path);
        }
    return GR_OK;
}

gr_status gr_scan_images(const gr_manifest *manifest, bool colours, gr_image_facts *facts, gr_error *err)
{
    scan s = {.m = manifest, .colours = colours, .facts = facts};
    return scan_all(&s, err);
}

gr_status gr_scan_pictures(const gr_manifest *manifest, void (*seen)(void *ctx, int64_t row, const gr_image *image), void *ctx,
                           gr_image_facts *facts, gr_error *err)
{
    scan s = {.m = manifest, .seen = seen, .ctx = ctx, .facts = facts};
    return scan_all(&s, err);
}

void gr_image_facts_free(gr_image_facts *facts, int64_t count)
{
    for (int64_t r = 0; facts != NULL && r < count; r++) {
        gr_free(facts[r].problem);
        facts[r].problem = NULL;
    }
}
