/* A cascade as a detector. The work of a picture is cut into bands of its levels, which threads take one after the other;
 * what is found is put together in the order of the bands. */
#include "formats/cascade.h"

#include <math.h>
#include <stdatomic.h>

#include "base/base.h"
#include "detect/band.h"
#include "detect/found.h"
#include "detect/table.h"

enum { BAND_ROWS = 64, LANES = 16 };

typedef struct cascade {
    gr_cascade cascade;
    gr_detect_options options;
    const char *name;
    bool tilted;
} cascade;

typedef struct band {
    const gr_level *level;
    int first, count;
    gr_found_list found;
} band;

typedef struct job {
    const cascade *detector;
    gr_band_search search;
    band *bands;
    int64_t band_count;
    atomic_llong next;
    gr_status *statuses; /* [threads] */
    gr_error *errors;
} job;

static gr_status open_cascade(const char *path, const char *name, const gr_detect_options *options, void **state,
                              gr_error *err)
{
    cascade *c = gr_alloc(1, sizeof *c);
    if (c == NULL)
        return gr_fail(err, GR_NOMEM, "no memory for a cascade");
    gr_status status = gr_cascade_read(path, &c->cascade, err);
    if (status != GR_OK) {
        gr_free(c);
        return status;
    }
    c->options = *options;
    c->name = name;
    for (int64_t f = 0; f < c->cascade.feature_count; f++)
        c->tilted |= c->cascade.features[f].tilted;
    *state = c;
    return GR_OK;
}

static void free_cascade(void *state)
{
    cascade *c = state;
    gr_cascade_free(&c->cascade);
    gr_free(c);
}

/* Rows of integral images with room for vectors behind them, an odd number of cache lines long so that columns do not share
 * a set. */
static int64_t row_length(int64_t numbers)
{
    int64_t lines = (numbers + LANES + 15) / 16;
    return 16 * (lines | 1);
}

static gr_status make_layouts(job *j, const gr_level *levels, int64_t count, gr_error *err)
{
    gr_band_search *s = &j->search;
    int64_t widest[2] = {0, 0}, rows = s->rows + s->window_height, images = 1 + s->squares + s->tilted;
    for (int64_t i = 0; i < count; i++) {
        int64_t *most = &widest[levels[i].step - 1];
        *most = levels[i].width > *most ? levels[i].width : *most;
        s->widest = levels[i].width > s->widest ? levels[i].width : s->widest;
    }
    for (int i = 0; i < 2; i++) {
        gr_integral_layout *l = &s->layout[i];
        l->half = i == 1 ? row_length(widest[1] / 2 + 1) : 0;
        l->stride = i == 1 ? 2 * l->half : row_length(widest[0] + 1);
        l->tilted = rows * l->stride;
        l->squares = l->tilted * (s->tilted ? 2 : 1);
        if (images * rows * l->stride > INT32_MAX / 2)
            return gr_fail(err, GR_NOMEM, "no room for integral images of %lld numbers",
                           (long long)(images * rows * l->stride));
        s->image_numbers = images * rows * l->stride > s->image_numbers ? images * rows * l->stride : s->image_numbers;
        gr_status status = gr_windows_make(&j->detector->cascade, &s->windows[i], err);
        if (status != GR_OK)
            return status;
        if (widest[i] > 0)
            gr_windows_place(&j->detector->cascade, l, &s->windows[i]);
    }
    return GR_OK;
}

static gr_status make_bands(job *j, const gr_level *levels, int64_t count, gr_error *err)
{
    int64_t bands = 0;
    int rows = j->search.rows;
    for (int64_t i = 0; i < count; i++)
        bands += (levels[i].rows + rows - 1) / rows;
    j->bands = gr_alloc((size_t)bands, sizeof *j->bands);
    if (j->bands == NULL)
        return gr_fail(err, GR_NOMEM, "no memory for %lld bands of a picture", (long long)bands);
    for (int64_t i = 0; i < count; i++)
        for (int y = 0; y < levels[i].rows && levels[i].columns > 0; y += rows)
            j->bands[j->band_count++] =
                (band){.level = &levels[i], .first = y, .count = levels[i].rows - y < rows ? levels[i].rows - y : rows};
    return GR_OK;
}

static gr_status do_band(const job *j, band *b, const gr_band_memory *m, gr_error *err)
{
    float scale = b->level->scale;
    int width = (int)lrintf((float)j->search.window_width * scale),
        height = (int)lrintf((float)j->search.window_height * scale);
    int64_t found = gr_band_find(&j->search, b->level, b->first, b->count, m);
    for (int64_t i = 0; i < found; i++) {
        int x, y;
        gr_band_window(&j->search, b->level, b->first, m->places[i], &x, &y);
        gr_found box = {(int)lrintf((float)x * scale), (int)lrintf((float)y * scale), width, height, 1, j->detector->name};
        gr_status status = gr_found_add(&b->found, &box, err);
        if (status != GR_OK)
            return status;
    }
    return GR_OK;
}

static void do_bands(void *ctx, int64_t index, int thread)
{
    job *j = ctx;
    gr_band_memory memory;
    int64_t next;
    (void)thread;
    gr_status status = gr_band_memory_make(&j->search, &memory, &j->errors[index]);
    while (status == GR_OK && (next = atomic_fetch_add(&j->next, 1)) < j->band_count)
        status = do_band(j, &j->bands[next], &memory, &j->errors[index]);
    gr_free(memory.block);
    j->statuses[index] = status;
}

static gr_status run(job *j, gr_found_list *out, gr_error *err)
{
    int64_t threads = gr_threads_get() < j->band_count ? gr_threads_get() : j->band_count;
    gr_status status = GR_OK;
    j->statuses = gr_alloc((size_t)threads, sizeof *j->statuses);
    j->errors = gr_alloc((size_t)threads, sizeof *j->errors);
    if (j->statuses == NULL || j->errors == NULL)
        return gr_fail(err, GR_NOMEM, "no memory for %lld threads", (long long)threads);
    gr_parallel_for(threads, do_bands, j);
    for (int64_t t = 0; t < threads && status == GR_OK; t++)
        if ((status = j->statuses[t]) != GR_OK)
            gr_fail(err, status, "%s", j->errors[t].text);
    for (int64_t b = 0; b < j->band_count; b++)
        for (int64_t i = 0; status == GR_OK && i < j->bands[b].found.count; i++)
            status = gr_found_add(out, &j->bands[b].found.boxes[i], err);
    return status;
}

static gr_status find_boxes(const void *state, const gr_image *image, const gr_grey *grey, gr_found_list *out, gr_error *err)
{
    const cascade *c = state;
    job j = {.detector = c};
    gr_level *levels = NULL;
    int64_t count = 0;
    int band_rows = c->cascade.height > BAND_ROWS / 2 ? 2 * c->cascade.height : BAND_ROWS;
    (void)image;
    j.search = (gr_band_search){.grey = grey,
                                .window_width = c->cascade.width,
                                .window_height = c->cascade.height,
                                .squares = c->cascade.kind == GR_CASCADE_HAAR,
                                .tilted = c->tilted,
                                .rows = band_rows};
    gr_status status =
        gr_levels(c->cascade.width, c->cascade.height, grey->width, grey->height, &c->options, &levels, &count, err);
    if (status == GR_OK)
        status = make_layouts(&j, levels, count, err);
    if (status == GR_OK)
        status = make_bands(&j, levels, count, err);
    if (status == GR_OK)
        status = run(&j, out, err);
    if (status == GR_OK)
        status = gr_found_group(out, c->options.neighbours, err);
    if (status == GR_OK)
        gr_found_clip(out, grey->width, grey->height);
    for (int64_t b = 0; j.bands != NULL && b < j.band_count; b++)
        gr_found_free(&j.bands[b].found);
    gr_free(j.bands);
    gr_free(j.statuses);
    gr_free(j.errors);
    gr_free(levels);
    gr_windows_free(&j.search.windows[0]);
    gr_windows_free(&j.search.windows[1]);
    return status;
}

static const char *const endings[] = {".xml", NULL};
const gr_detector gr_detector_cascade = {"cascade", endings, open_cascade, find_boxes, free_cascade, NULL};
