/* HOG windows as a detector. */
#include "detect/hog_find.h"

#include <math.h>
#include <stdlib.h>

#include "base/base.h"
#include "detect/found.h"
#include "detect/shrink.h"
#include "detect/table.h"

/* ---- search ----------------------------------------------------------------------------------------------------------- */

typedef struct scoring {
    const gr_hog_svm *machine;
    const gr_hog_blocks *blocks;
    int rows;      /* of windows */
    float *scores; /* [columns, rows] */
} scoring;

static void score_column(void *ctx, int64_t column, int thread)
{
    const scoring *s = ctx;
    int columns = s->machine->width / GR_HOG_CELL - 1;
    int64_t run = (int64_t)(s->machine->height / GR_HOG_CELL - 1) * GR_HOG_BLOCK;
    (void)thread;
    for (int row = 0; row < s->rows; row++) {
        float sum = s->machine->bias;
        for (int c = 0; c < columns; c++) {
            const float *w = s->machine->weights + c * run;
            const float *n = s->blocks->numbers + ((column + c) * s->blocks->rows + row) * GR_HOG_BLOCK;
            float part = 0;
            for (int64_t i = 0; i < run; i++)
                part += w[i] * n[i];
            sum += part;
        }
        s->scores[column * s->rows + row] = sum;
    }
}

static gr_status find_in_level(const gr_hog_svm *m, const gr_level *level, const char *name, const gr_grey *grey,
                               gr_found_list *out, gr_error *err)
{
    gr_grey small = {0};
    gr_hog_blocks blocks = {0};
    gr_status status = gr_shrink_all(grey, level, &small, err);
    if (status == GR_OK)
        status = gr_hog_make(&small, &blocks, err);
    gr_grey_free(&small);
    int columns = blocks.columns - m->width / GR_HOG_CELL + 2, rows = blocks.rows - m->height / GR_HOG_CELL + 2;
    if (status != GR_OK || columns <= 0 || rows <= 0) {
        gr_hog_free(&blocks);
        return status;
    }
    scoring s = {m, &blocks, rows, gr_alloc((size_t)columns * (size_t)rows, sizeof(float))};
    if (s.scores == NULL)
        status = gr_fail(err, GR_NOMEM, "no memory for %lld windows", (long long)columns * rows);
    else
        gr_parallel_for(columns, score_column, &s);
    for (int i = 0; status == GR_OK && i < columns * rows; i++) {
        float x = (float)(i / rows * GR_HOG_CELL), y = (float)(i % rows * GR_HOG_CELL), scale = level->scale;
        gr_found box = {(int)lrintf(x * scale),
                        (int)lrintf(y * scale),
                        (int)lrintf((float)m->width * scale),
                        (int)lrintf((float)m->height * scale),
                        1,
                        name};
        if (s.scores[i] > 0)
            status = gr_found_add(out, &box, err);
    }
    gr_free(s.scores);
    gr_hog_free(&blocks);
    return status;
}

gr_status gr_hog_svm_find(const gr_hog_svm *m, const gr_detect_options *options, const char *name, const gr_grey *grey,
                          gr_found_list *out, gr_error *err)
{
    gr_level *levels = NULL;
    int64_t count = 0;
    gr_status status = gr_levels(m->width, m->height, grey->width, grey->height, options, &levels, &count, err);
    for (int64_t i = 0; status == GR_OK && i < count; i++)
        status = find_in_level(m, &levels[i], name, grey, out, err);
    if (status == GR_OK)
        status = gr_found_group(out, options->neighbours, err);
    if (status == GR_OK)
        gr_found_clip(out, grey->width, grey->height);
    gr_free(levels);
    return status;
}

/* ---- a detector ------------------------------------------------------------------------------------------------------- */

typedef struct detector {
    gr_hog_svm machine;
    gr_detect_options options;
    const char *name;
} detector;

static gr_status open_machine(const char *path, const char *name, const gr_detect_options *options, void **state,
                              gr_error *err)
{
    detector *d = gr_alloc(1, sizeof *d);
    if (d == NULL)
        return gr_fail(err, GR_NOMEM, "no memory for a detector");
    d->options = *options;
    d->name = name;
    gr_status status = gr_hog_svm_read(path, NULL, 0, &d->machine, err);
    if (status == GR_OK)
        *state = d;
    else
        gr_free(d);
    return status;
}

static gr_status find_boxes(const void *state, const gr_image *image, const gr_grey *grey, gr_found_list *out, gr_error *err)
{
    const detector *d = state;
    (void)image;
    return gr_hog_svm_find(&d->machine, &d->options, d->name, grey, out, err);
}

static void free_machine(void *state)
{
    detector *d = state;
    gr_hog_svm_free(&d->machine);
    gr_free(d);
}

static const char *const endings[] = {".hog.xml", NULL};
const gr_detector gr_detector_hog_svm = {
    .name = "hog_svm", .endings = endings, .open = open_machine, .find = find_boxes, .free = free_machine};
