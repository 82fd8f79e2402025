/* Reading every image of a manifest once: does it decode, how large is it, which bytes, which colours. */
#include "grimace/scan.h"

#include <math.h>
#include <string.h>

#include "base/base.h"
#include "grimace/image.h"

enum { FILE_LIMIT = 1 << 30 };

/* Two sums of different start. Equality that matters is confirmed byte by byte. */
static void hash_bytes(const char *data, size_t size, uint64_t hash[2])
{
    hash[0] = gr_hash(0, data, size);
    hash[1] = gr_hash(0x84222325cbf29ce4u, data, size);
}

static void sum_pixels(const gr_image *image, gr_image_facts *facts)
{
    uint64_t sum[3] = {0}, square[3] = {0};
    int64_t pixels = (int64_t)image->width * image->height;
    for (int64_t i = 0; i < 3 * pixels; i++) {
        uint64_t v = image->pixels[i];
        sum[i % 3] += v;
        square[i % 3] += v * v;
    }
    for (int c = 0; c < 3; c++) {
        facts->mean[c] = (double)sum[c] / (255.0 * (double)pixels);
        facts->square[c] = (double)square[c] / (255.0 * 255.0 * (double)pixels);
    }
}

static gr_status look(const char *path, const gr_box *box, gr_image_facts *facts, gr_error *err)
{
    char *data;
    size_t size;
    gr_image image = {0}, part = {0};
    gr_status status = gr_file_read(path, FILE_LIMIT, &data, &size, err);
    if (status != GR_OK)
        return status;
    facts->size = size;
    hash_bytes(data, size, facts->hash);
    status = gr_image_decode(data, size, path, &image, err);
    if (status == GR_OK) {
        facts->width = image.width;
        facts->height = image.height;
        if (box != NULL && box->width > 0.0) {
            const double edges[4] = {box->x, box->y, box->width, box->height};
            status = gr_image_crop(&image, edges, &part, err);
        }
    }
    if (status == GR_OK)
        sum_pixels(part.pixels != NULL ? &part : &image, facts);
    gr_image_free(&image);
    gr_image_free(&part);
    gr_free(data);
    return status;
}

typedef struct scan {
    const gr_manifest *m;
    gr_image_facts *facts;
} scan;

static void scan_one(void *ctx, int64_t row, int thread)
{
    (void)thread;
    scan *s = ctx;
    gr_error err = {0};
    if (look(s->m->paths[row], s->m->boxes != NULL ? &s->m->boxes[row] : NULL, &s->facts[row], &err) == GR_OK)
        return;
    /* without memory for the sentence the size stays 0, which says that the row failed */
    s->facts[row].problem = gr_strdup(err.text);
    s->facts[row].width = s->facts[row].height = 0;
}

gr_status gr_scan_images(const gr_manifest *manifest, gr_image_facts *facts, gr_error *err)
{
    memset(facts, 0, (size_t)manifest->rows * sizeof *facts);
    scan s = {manifest, facts};
    gr_parallel_for(manifest->rows, scan_one, &s);
    for (int64_t r = 0; r < manifest->rows; r++)
        if (facts[r].width == 0 && facts[r].problem == NULL) {
            gr_image_facts_free(facts, manifest->rows);
            return gr_fail(err, GR_NOMEM, "%s: no memory to check its images", manifest->path);
        }
    return GR_OK;
}

void gr_image_facts_free(gr_image_facts *facts, int64_t count)
{
    for (int64_t r = 0; facts != NULL && r < count; r++) {
        gr_free(facts[r].problem);
        facts[r].problem = NULL;
    }
}
