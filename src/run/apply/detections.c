#include "grimace/detections.h"

#include <math.h>
#include <string.h>

#include "base/base.h"
#include "formats/csv.h"
#include "grimace/image.h"

void gr_detections_free(gr_detections *d)
{
    for (int64_t i = 0; d->found != NULL && i < d->finder_count * d->count; i++)
        gr_found_free(&d->found[i]);
    for (int64_t i = 0; d->problems != NULL && i < d->count; i++)
        gr_free(d->problems[i]);
    gr_free(d->found);
    gr_free(d->problems);
    gr_free(d->seconds);
    *d = (gr_detections){0};
}

int64_t gr_detections_empty(const gr_detections *d, int f)
{
    int64_t empty = 0;
    for (int64_t i = 0; i < d->count; i++)
        empty += d->problems[i] == NULL && d->found[f * d->count + i].count == 0;
    return empty;
}

/* What is wrong with an image, without the path in front. */
static gr_status keep_problem(gr_detections *d, int64_t i, const char *path, const gr_error *problem, gr_error *err)
{
    size_t length = strlen(path);
    const char *text = problem->text;
    if (strncmp(text, path, length) == 0 && strncmp(text + length, ": ", 2) == 0)
        text += length + 2;
    d->broken++;
    d->problems[i] = gr_strdup(text);
    return d->problems[i] != NULL ? GR_OK : gr_fail(err, GR_NOMEM, "no memory for what is wrong with images");
}

static gr_status find_all(gr_detections *d, int64_t i, const char *path, gr_error *err)
{
    gr_image image = {0};
    gr_error problem = {0};
    gr_status status = gr_image_read(path, &image, &problem);
    if (status == GR_NOMEM)
        return gr_fail(err, GR_NOMEM, "%s", problem.text);
    if (status != GR_OK)
        return keep_problem(d, i, path, &problem, err);
    for (int f = 0; f < d->finder_count && status == GR_OK; f++) {
        double begun = gr_seconds();
        status = gr_finder_find(d->finders[f], &image, &d->found[f * d->count + i], err);
        d->seconds[f] += gr_seconds() - begun;
    }
    gr_image_free(&image);
    return status;
}

gr_status gr_detections_make(const gr_finder *const *finders, int finder_count, const char *const *paths, int64_t count,
                             const volatile sig_atomic_t *stop, gr_detections *out, gr_error *err)
{
    size_t lists;
    bool fits = gr_mul_size((size_t)finder_count, (size_t)count, &lists);
    *out = (gr_detections){.finders = finders, .finder_count = finder_count, .count = count};
    out->found = fits ? gr_alloc(lists, sizeof *out->found) : NULL;
    out->problems = gr_alloc((size_t)count, sizeof *out->problems);
    out->seconds = gr_alloc((size_t)finder_count, sizeof *out->seconds);
    gr_status status = GR_OK;
    if (out->found == NULL || out->problems == NULL || out->seconds == NULL)
        status = gr_fail(err, GR_NOMEM, "no memory for the boxes of %lld images", (long long)count);
    for (int64_t i = 0; i < count && status == GR_OK; i++) {
        if (stop != NULL && *stop != 0)
            status = gr_fail(err, GR_INTERRUPTED, "stopped after %lld of %lld images; nothing is written", (long long)i,
                             (long long)count);
        else
            status = find_all(out, i, paths[i], err);
    }
    if (status != GR_OK)
        gr_detections_free(out);
    return status;
}

/* ---- the table -------------------------------------------------------------------------------------------------------- */

static const char *const own_columns[] = {"box_x", "box_y", "box_w", "box_h", "box_score", "detector", "error"};
enum { OWN = sizeof own_columns / sizeof own_columns[0], BOX_COLUMNS = OWN - 1 };

static bool is_own(const char *name)
{
    for (int i = 0; i < OWN; i++)
        if (strcmp(name, own_columns[i]) == 0)
            return true;
    return false;
}

static void put_row(const gr_detections *d, const gr_manifest *m, const char *const *images, int64_t row,
                    const gr_found *box, gr_text *out)
{
    if (m == NULL)
        gr_csv_put(out, images[row], ',');
    for (int c = 0; m != NULL && c < m->columns; c++)
        if (!is_own(m->names[c]))
            gr_csv_put(out, gr_manifest_cell(m, row, c), ',');
    if (box != NULL) {
        gr_text_printf(out, "%d,%d,%d,%d", box->x, box->y, box->width, box->height);
        gr_csv_put_number(out, box->score);
        gr_text_add(out, ",", 1);
        gr_csv_put(out, box->detector, d->broken > 0 ? ',' : '\n');
    } else {
        gr_text_printf(out, ",,,,,%s", d->broken > 0 ? "," : "\n");
    }
    if (d->broken > 0)
        gr_csv_put(out, d->problems[row] != NULL ? d->problems[row] : "", '\n');
}

void gr_detections_csv(const gr_detections *d, const gr_manifest *m, const char *const *images, bool all, gr_text *out)
{
    if (m == NULL)
        gr_text_printf(out, "image,");
    for (int c = 0; m != NULL && c < m->columns; c++)
        if (!is_own(m->names[c]))
            gr_csv_put(out, m->names[c], ',');
    for (int i = 0; i < BOX_COLUMNS; i++)
        gr_text_printf(out, "%s%s", i > 0 ? "," : "", own_columns[i]);
    gr_text_printf(out, d->broken > 0 ? ",error\n" : "\n");
    for (int64_t i = 0; i < d->count; i++) {
        const gr_found_list *found = &d->found[i];
        int64_t rows = all && found->count > 1 ? found->count : 1;
        for (int64_t b = 0; b < rows; b++)
            put_row(d, m, images, i, found->count > 0 ? &found->boxes[b] : NULL, out);
    }
}

/* ---- numbers ---------------------------------------------------------------------------------------------------------- */

gr_status gr_detections_numbers(const gr_detections *d, int f, const gr_manifest *m, gr_box_numbers *out, gr_error *err)
{
    int64_t boxes = 0, images = 0;
    for (int64_t i = 0; i < d->count; i++)
        boxes += d->found[f * d->count + i].count;
    gr_box_image *all = gr_alloc((size_t)d->count, sizeof *all);
    size_t known = m->marked != NULL ? (size_t)m->marked[m->rows] : 0;
    gr_plain_box *truths = gr_alloc(known + 1, sizeof *truths), *truth = truths;
    gr_scored_box *scored = gr_alloc((size_t)boxes, sizeof *scored), *next = scored;
    bool room = all != NULL && truths != NULL && scored != NULL;
    gr_status status = room ? GR_OK : gr_fail(err, GR_NOMEM, "no memory for the numbers of a detector");
    for (int64_t i = 0; room && i < d->count; i++) {
        const gr_found_list *found = &d->found[f * d->count + i];
        if (d->problems[i] != NULL)
            continue;
        gr_box_image *image = &all[images++];
        *image = (gr_box_image){.truths = truth, .found = next, .found_count = found->count};
        for (int64_t t = m->marked != NULL ? m->marked[i] : 0; m->marked != NULL && t < m->marked[i + 1]; t++) {
            const gr_box *box = &m->marks[t].box;
            *truth++ = (gr_plain_box){box->x, box->y, box->width, box->height};
        }
        image->truth_count = truth - image->truths;
        for (int64_t b = 0; b < found->count; b++) {
            const gr_found *box = &found->boxes[b];
            *next++ = (gr_scored_box){{box->x, box->y, box->width, box->height}, box->score};
        }
    }
    if (room)
        status = gr_box_numbers_of(all, images, out, err);
    if (status == GR_OK && m->marked == NULL)
        out->precision = NAN;
    gr_free(all);
    gr_free(truths);
    gr_free(scored);
    return status;
}

static const char *const compared[] = {"images", "empty_percent", "ms",   "recall", "precision", "mean_iou",
                                       "ap",     "ap50",          "ap75", "voc"};
enum { COMPARED = sizeof compared / sizeof compared[0] };

static int column_width(int i)
{
    int name = (int)strlen(compared[i]);
    return name > 6 ? name : 6;
}

static void put_compared(const char *name, int width, const double *values, bool csv, gr_text *out)
{
    if (csv)
        gr_csv_put_joined(out, "", name);
    else
        gr_text_printf(out, "%-*s", width, name);
    for (int i = 0; i < COMPARED; i++) {
        if (csv)
            gr_csv_put_number(out, values[i]);
        else if (!isfinite(values[i]))
            gr_text_printf(out, "  %*s", column_width(i), "-");
        else
            gr_text_printf(out, "  %*.*f", column_width(i), i == 0 ? 0 : i < 3 ? 2 : 4, values[i]);
    }
    gr_text_add(out, "\n", 1);
}

/* What a detector is called in the table: by its path where another one has its name, as all folds' model.safetensors do. */
static const char *name_in_table(const gr_detections *d, int f)
{
    const char *name = gr_finder_name(d->finders[f]);
    for (int other = 0; other < d->finder_count; other++)
        if (other != f && strcmp(gr_finder_name(d->finders[other]), name) == 0)
            return gr_finder_path(d->finders[f]);
    return name;
}

gr_status gr_detections_compare(const gr_detections *d, const gr_manifest *m, bool csv, gr_text *out, gr_error *err)
{
    int width = 8; /* "detector" */
    for (int f = 0; f < d->finder_count; f++)
        width = (int)strlen(name_in_table(d, f)) > width ? (int)strlen(name_in_table(d, f)) : width;
    if (csv)
        gr_text_printf(out, "detector");
    else
        gr_text_printf(out, "%-*s", width, "detector");
    for (int i = 0; i < COMPARED; i++)
        gr_text_printf(out, csv ? ",%s" : "  %6s", compared[i]);
    gr_text_add(out, "\n", 1);
    for (int f = 0; f < d->finder_count; f++) {
        gr_box_numbers n;
        gr_status status = gr_detections_numbers(d, f, m, &n, err);
        if (status != GR_OK)
            return status;
        double images = (double)n.images;
        double values[COMPARED] = {images,
                                   n.images > 0 ? 100 * (double)n.empty / images : NAN,
                                   n.images > 0 ? 1000 * d->seconds[f] / images : NAN,
                                   n.recall,
                                   n.precision,
                                   n.mean_iou,
                                   n.ap,
                                   n.ap50,
                                   n.ap75,
                                   n.voc};
        put_compared(name_in_table(d, f), width, values, csv, out);
    }
    return out->failed ? gr_fail(err, GR_NOMEM, "no memory for a table") : GR_OK;
}
