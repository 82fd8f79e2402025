/* A cascade as a detector. The work of a picture is cut into bands of its levels, which threads take one after the other;
 * what is found is put together in the order of the bands. */
#include "detect/cascade.h"

#include <math.h>
#include <stdatomic.h>

#include "base/base.h"
#include "detect/band_search.h"
#include "detect/found.h"
#include "detect/table.h"

typedef struct cascade {
    gr_cascade cascade;
    gr_detect_options options;
    const char *name;
} cascade;

typedef struct band {
    const gr_level *level;
    int first, count;
    gr_found_list found;
} band;

typedef struct job {
    const char *name;
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
    *state = c;
    return GR_OK;
}

static void free_cascade(void *state)
{
    cascade *c = state;
    gr_cascade_free(&c->cascade);
    gr_free(c);
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
        gr_found box = {(int)lrintf((float)x * scale), (int)lrintf((float)y * scale), width, height, 1, j->name};
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

gr_status gr_cascade_find(const gr_cascade *c, const gr_detect_options *options, const char *name, const gr_grey *grey,
                          gr_found_list *out, gr_error *err)
{
    job j = {.name = name};
    gr_level *levels = NULL;
    int64_t count = 0;
    gr_status status = gr_levels(c->width, c->height, grey->width, grey->height, options, &levels, &count, err);
    if (status == GR_OK)
        status = gr_band_search_make(c, grey, levels, count, &j.search, err);
    if (status == GR_OK)
        status = make_bands(&j, levels, count, err);
    if (status == GR_OK)
        status = run(&j, out, err);
    if (status == GR_OK)
        status = gr_found_group(out, options->neighbours, err);
    if (status == GR_OK)
        gr_found_clip(out, grey->width, grey->height);
    for (int64_t b = 0; j.bands != NULL && b < j.band_count; b++)
        gr_found_free(&j.bands[b].found);
    gr_free(j.bands);
    gr_free(j.statuses);
    gr_free(j.errors);
    gr_free(levels);
    gr_band_search_free(&j.search);
    return status;
}

static gr_status find_boxes(const void *state, const gr_image *image, const gr_grey *grey, gr_found_list *out, gr_error *err)
{
    const cascade *c = state;
    (void)image;
    return gr_cascade_find(&c->cascade, &c->options, c->name, grey, out, err);
}

static const char *const endings[] = {".xml", NULL};
const gr_detector gr_detector_cascade = {
    .name = "cascade", .endings = endings, .open = open_cascade, .find = find_boxes, .free = free_cascade};
