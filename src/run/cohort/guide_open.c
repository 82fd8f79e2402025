#include "run/cohort/guide_open.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "config/config.h"
#include "geometry/upright.h"
#include "grimace/descriptors.h"
#include "learners/row_numbers.h"
#include "run/apply/align_rule.h"
#include "run/apply/guide.h"

enum { MOST_LANDMARKS = 10000 };

typedef struct work {
    gr_cohort *e;
    const gr_recipe_data *data;
    gr_guide_images images;
    gr_guide_points points;
    int64_t trained_on; /* images that the run which finds landmarks trained on with all its folds */
    gr_recall *recall; /* what was asked before; NULL: nobody keeps it */
} work;

static gr_status no_memory(gr_error *err)
{
    return gr_fail(err, GR_NOMEM, "no memory for the landmarks of a run's images");
}

/* ---- the rule -------------------------------------------------------------------------------------------------------- */

static const char *rule_key(const gr_recipe_data *d)
{
    return d->align != NULL ? "data.align" : "data.align_to";
}

static gr_status read_rule(work *w, gr_error *err)
{
    const gr_config *config = w->e->config;
    const gr_recipe_data *d = w->data;
    gr_upright *upright = gr_arena_alloc(w->e->texts, 1, sizeof *upright);
    gr_text option = {0};
    if (upright == NULL)
        return no_memory(err);
    upright->size = d->align_size > 0 ? d->align_size : d->image.size;
    upright->margin = d->align_margin;
    gr_text_printf(&option, "%s: %s", gr_config_where(config, rule_key(d)), rule_key(d));
    gr_status status = option.failed ? no_memory(err) : GR_OK;
    if (status == GR_OK && d->align != NULL)
        status = gr_align_rule_read(d->align, option.data, MOST_LANDMARKS, &upright->rule, err);
    else if (status == GR_OK) {
        status = gr_align_template_read(d->align_to, upright->size, 0, w->e->texts, &upright->rule, err);
        if (status == GR_INVALID)
            gr_error_prefix(err, "%s", option.data);
    }
    w->e->upright = upright;
    gr_text_free(&option);
    return status;
}

/* Must landmark `i`, from 0 on, be there? *key: for which key's sake. */
static bool is_needed(const work *w, int i, const char **key)
{
    const gr_descriptor_set *set = w->data->features.set;
    *key = rule_key(w->data);
    if (w->e->upright != NULL && gr_align_rule_uses(&w->e->upright->rule, i))
        return true;
    *key = "data.features.describe";
    for (int d = 0; set != NULL && d < set->count; d++)
        for (int p = 0; p < set->items[d].parts; p++) {
            const gr_descriptor_part *part = &set->items[d].part[p];
            for (int c = 0; c < part->corners; c++)
                if (part->points[c] == i)
                    return true;
            for (int c = 0; c < part->over_corners; c++)
                if (part->over[c] == i)
                    return true;
        }
    return false;
}

/* ---- landmarks of a run ---------------------------------------------------------------------------------------------- */

static bool is_config(const gr_recipe_data *d)
{
    return d->landmarks_from != NULL &&
           (gr_ends_with(d->landmarks_from, ".yaml") || gr_ends_with(d->landmarks_from, ".yml"));
}

static gr_status ask_run(work *w, int least, gr_error *err)
{
    const gr_manifest *m = &w->e->manifest;
    const char **groups = m->groups != NULL ? gr_alloc((size_t)m->rows, sizeof *groups) : NULL, *key;
    if (m->groups != NULL && groups == NULL)
        return no_memory(err);
    for (int64_t r = 0; groups != NULL && r < m->rows; r++)
        groups[r] = m->group_names[m->groups[r]];
    if (is_config(w->data)) {
        gr_free(groups);
        return gr_config_fail(
            w->e->config, "data.landmarks_from", err,
            "is a config, which cv and train alone train first; a run made of it (grimace cv) would be right");
    }
    w->images.names = m->images;
    w->images.paths = m->paths;
    w->images.groups = groups;
    uint64_t question = w->recall != NULL ? gr_recall_question(w->data->landmarks_from, least, &w->images) : 0;
    bool answered = false;
    gr_status status = w->recall != NULL ? gr_recall_take(w->recall, question, &w->images, &answered, &w->points, err) : GR_OK;
    if (status == GR_OK && !answered) {
        status = gr_guide_find(w->data->landmarks_from, 0, least, &w->images, &w->points, err);
        if (status == GR_OK && w->recall != NULL)
            gr_recall_keep(w->recall, question, &w->images, &w->points);
    }
    if (status == GR_INVALID)
        gr_error_prefix(err, "%s: data.landmarks_from", gr_config_where(w->e->config, "data.landmarks_from"));
    for (int i = 0; status == GR_OK && i < w->points.count; i++)
        if (!w->points.known[i] && is_needed(w, i, &key))
            status = gr_config_fail(
                w->e->config, key, err,
                "needs landmark %d, which %s does not find; a run that learnt it (data.landmarks) would be right", i + 1,
                w->data->landmarks_from);
    gr_free(groups);
    return status;
}

/* ---- landmarks of the manifest --------------------------------------------------------------------------------------- */

static gr_status find_columns(const work *w, int count, int *columns, gr_error *err)
{
    const gr_manifest *m = &w->e->manifest;
    for (int i = 0; i < 2 * count; i++) {
        char name[32];
        snprintf(name, sizeof name, "lm%d_%c", i / 2 + 1, i % 2 == 0 ? 'x' : 'y');
        columns[i] = gr_align_rule_uses(&w->e->upright->rule, i / 2) ? gr_manifest_column(m, name) : -1;
        if (columns[i] < 0 && gr_align_rule_uses(&w->e->upright->rule, i / 2))
            return gr_config_fail(
                w->e->config, rule_key(w->data), err,
                "needs landmark %d, and there is no column %s in %s; data.landmarks_from, a run that finds it, "
                "would be right, too",
                i / 2 + 1, name, m->path);
    }
    return GR_OK;
}

static gr_status read_row(const work *w, int64_t row, const int *columns, float *to, gr_error *err)
{
    const gr_manifest *m = &w->e->manifest;
    for (int c = 0; c < 2 * w->points.count; c++) {
        to[c] = NAN;
        const char *text = columns[c] >= 0 ? gr_manifest_cell(m, row, columns[c]) : "";
        if (!gr_number_of(text, &to[c]))
            return gr_fail(err, GR_INVALID, "%s:%lld: lm%d_%c: \"%.40s\" is no number of pixels", gr_manifest_file(m, row),
                           (long long)m->lines[row], c / 2 + 1, c % 2 == 0 ? 'x' : 'y', text);
        if (c % 2 == 1 && isnan(to[c]) != isnan(to[c - 1]))
            return gr_fail(err, GR_INVALID,
                           "%s:%lld: lm%d_x: the landmark is half there; two numbers or two empty cells would be right",
                           gr_manifest_file(m, row), (long long)m->lines[row], c / 2 + 1);
    }
    return GR_OK;
}

static gr_status read_manifest(work *w, int count, gr_error *err)
{
    int64_t rows = w->e->manifest.rows;
    int *columns = gr_alloc(2 * (size_t)count, sizeof *columns);
    size_t cells;
    w->points.count = count;
    if (gr_mul_size((size_t)rows, 2 * (size_t)count, &cells))
        w->points.at = gr_alloc(cells, sizeof *w->points.at);
    gr_status status = columns != NULL && w->points.at != NULL ? find_columns(w, count, columns, err) : no_memory(err);
    for (int64_t r = 0; status == GR_OK && r < rows; r++)
        status = read_row(w, r, columns, w->points.at + r * 2 * count, err);
    gr_free(columns);
    return status;
}

/* ---- all ------------------------------------------------------------------------------------------------------------- */

/* The first image whose landmarks are not known, and how many there are. */
static gr_status check_rows(const work *w, gr_error *err)
{
    const gr_manifest *m = &w->e->manifest;
    int64_t bad = 0, first = -1;
    for (int64_t r = m->rows - 1; r >= 0; r--)
        if (w->images.problems[r] != NULL) {
            first = r;
            bad++;
        }
    if (bad == 0)
        return GR_OK;
    if (w->trained_on == bad)
        return gr_config_fail(w->e->config, "data.landmarks_from", err,
                              "all folds of %s trained on %lld of the %lld images or on their groups, such as %s; a run in "
                              "which each image is tested would be right, as grimace cv makes it with a k-fold split.scheme",
                              w->data->landmarks_from, (long long)bad, (long long)m->rows, m->images[first]);
    return gr_fail(err, GR_INVALID, "%s:%lld: image: %s: %s; %lld of %lld images are so, leave them out",
                   gr_manifest_file(m, first), (long long)m->lines[first], m->images[first], w->images.problems[first],
                   (long long)bad, (long long)m->rows);
}

/* What a fold's samples and numbers are made of. */
static void keep(work *w)
{
    gr_cohort *e = w->e;
    for (int64_t r = 0; e->upright != NULL && r < e->manifest.rows; r++)
        for (int64_t k = 1; k < e->copies; k++) {
            e->samples[r + k * e->manifest.rows].side = e->samples[r].side;
            e->samples[r + k * e->manifest.rows].map = e->samples[r].map;
        }
    if (w->data->landmarks_from == NULL)
        return;
    e->found = w->points.at;
    e->found_count = w->points.count;
    e->found_key = w->points.key;
    w->points.at = NULL;
}

/* The landmarks of all images, and the samples' maps; problems[rows] of what cannot be told. */
static gr_status find(work *w, gr_error *err)
{
    gr_cohort *e = w->e;
    const gr_recipe_data *d = w->data;
    int least = e->upright != NULL ? gr_align_rule_needs(&e->upright->rule) : 0;
    if (d->features.set != NULL && d->features.set->landmarks > least)
        least = d->features.set->landmarks;
    w->images = (gr_guide_images){
        .count = e->manifest.rows, .samples = e->samples, .trained_on = &w->trained_on, .arena = e->texts};
    w->images.problems = gr_alloc((size_t)e->manifest.rows, sizeof *w->images.problems);
    if (w->images.problems == NULL)
        return no_memory(err);
    gr_status status = d->landmarks_from != NULL ? ask_run(w, least, err) : read_manifest(w, least, err);
    if (status == GR_OK && e->upright != NULL)
        gr_guide_turn(e->upright, &w->points, &w->images);
    return status;
}

static bool is_asked(const gr_recipe_data *d)
{
    return d->align != NULL || d->align_to != NULL || d->landmarks_from != NULL;
}

static void close_work(work *w)
{
    gr_free(w->images.problems);
    gr_guide_points_free(&w->points);
}

gr_status gr_guide_open(gr_cohort *e, gr_recall *recall, gr_error *err)
{
    work w = {.e = e, .data = &e->recipe.data, .recall = recall};
    if (!is_asked(w.data))
        return GR_OK;
    gr_status status = w.data->align != NULL || w.data->align_to != NULL ? read_rule(&w, err) : GR_OK;
    if (status == GR_OK)
        status = find(&w, err);
    if (status == GR_OK)
        status = check_rows(&w, err);
    if (status == GR_OK)
        keep(&w);
    close_work(&w);
    return status;
}

/* ---- looked at alone ------------------------------------------------------------------------------------------------- */

static gr_status add_all(const work *w, gr_check *check, gr_error *err)
{
    const gr_manifest *m = &w->e->manifest;
    gr_status status = GR_OK;
    for (int64_t r = 0; status == GR_OK && r < m->rows; r++) {
        char text[1200];
        if (w->images.problems[r] == NULL)
            continue;
        snprintf(text, sizeof text, "%s:%lld: image: %.400s: %.400s", m->path, (long long)m->lines[r], m->images[r],
                 w->images.problems[r]);
        status = gr_check_add(check, true, text, err);
    }
    return status;
}

gr_status gr_guide_check(const gr_config *config, gr_check *check, gr_error *err)
{
    gr_cohort e = {.config = config, .recipe = gr_config_recipe(config), .manifest = check->manifest, .copies = 1};
    work w = {.e = &e, .data = &e.recipe.data};
    if (!is_asked(w.data))
        return GR_OK;
    const gr_manifest *m = &e.manifest;
    e.texts = gr_arena_create();
    e.samples = e.texts != NULL ? gr_arena_alloc(e.texts, (size_t)m->rows, sizeof *e.samples) : NULL;
    for (int64_t r = 0; e.samples != NULL && r < m->rows; r++) {
        e.samples[r] = (gr_sample){.path = m->paths[r], .has_box = m->boxes != NULL && m->boxes[r].width > 0};
        if (e.samples[r].has_box)
            memcpy(e.samples[r].box, (double[4]){m->boxes[r].x, m->boxes[r].y, m->boxes[r].width, m->boxes[r].height},
                   sizeof e.samples[r].box);
    }
    gr_status status = e.samples != NULL ? GR_OK : no_memory(err);
    if (status == GR_OK && (w.data->align != NULL || w.data->align_to != NULL))
        status = read_rule(&w, err);
    if (status == GR_OK && is_config(w.data)) { /* there are no landmarks yet */
        gr_arena_destroy(e.texts);
        return GR_OK;
    }
    if (status == GR_OK)
        status = find(&w, err);
    if (status == GR_OK)
        status = add_all(&w, check, err);
    close_work(&w);
    gr_arena_destroy(e.texts);
    return status;
}
