/* What the networks of a label study said: the rows that all of them tested, the sum of their scores, and from which sum on
 * an image is of the positive class. */
#include <math.h>
#include <string.h>

#include "grimace/open.h"
#include "run/several/study_labels.h"

void gr_label_scores_close(gr_label_scores *s)
{
    for (int i = 0; s->tables != NULL && i < s->study->count; i++)
        gr_prediction_table_free(&s->tables[i]);
    gr_free(s->tables);
    gr_free(s->at);
    gr_free(s->row);
    gr_totals_free(&s->totals);
    gr_cohort_close(&s->cohort);
    gr_manifest_free(&s->manifest);
}

static gr_status no_memory(gr_error *err)
{
    return gr_fail(err, GR_NOMEM, "no memory for the predictions");
}

/* ---- the tables ------------------------------------------------------------------------------------------------------- */

static const char *fold_of(const gr_prediction_table *t, int64_t row)
{
    return t->folds[t->fold[row]];
}

/* Have all tables the rows of the first? */
static bool same_rows(const gr_label_scores *s)
{
    const gr_prediction_table *first = &s->tables[0];
    bool same = true;
    for (int i = 1; same && i < s->study->count; i++) {
        const gr_prediction_table *t = &s->tables[i];
        same = t->count == first->count;
        for (int64_t r = 0; same && r < t->count; r++)
            same = strcmp(t->images[r], first->images[r]) == 0 && strcmp(fold_of(t, r), fold_of(first, r)) == 0;
    }
    return same;
}

/* Rows by image and fold. */
typedef struct index_of {
    const char **keys;
    int64_t *order;
} index_of;

static bool make_index(const gr_prediction_table *t, gr_arena *arena, index_of *out)
{
    out->keys = gr_arena_alloc(arena, (size_t)t->count, sizeof *out->keys);
    bool good = out->keys != NULL;
    for (int64_t r = 0; good && r < t->count; r++)
        good = (out->keys[r] = gr_arena_printf(arena, "%s\n%s", fold_of(t, r), t->images[r])) != NULL;
    out->order = good ? gr_names_sort(out->keys, t->count) : NULL;
    return out->order != NULL;
}

/* s->at[labels, count]: where each row of the first table that all have stands in each, in its order. */
static gr_status align(gr_label_scores *s, gr_error *err)
{
    const gr_prediction_table *first = &s->tables[0];
    int labels = s->study->count;
    gr_arena *arena = gr_arena_create();
    index_of *index = arena != NULL ? gr_arena_alloc(arena, (size_t)labels, sizeof *index) : NULL;
    gr_status status = index != NULL && s->at != NULL ? GR_OK : no_memory(err);
    for (int l = 0; status == GR_OK && l < labels; l++)
        status = make_index(&s->tables[l], arena, &index[l]) ? GR_OK : no_memory(err);
    for (int64_t r = 0; status == GR_OK && r < first->count; r++) {
        bool all = true;
        for (int l = 0; all && l < labels; l++) {
            int64_t at = gr_names_find(index[l].keys, index[l].order, s->tables[l].count, index[0].keys[r]);
            s->at[s->count * labels + l] = at;
            all = at >= 0;
        }
        s->count += all;
    }
    for (int l = 0; index != NULL && l < labels; l++)
        gr_free(index[l].order);
    gr_arena_destroy(arena);
    return status == GR_OK && s->count == 0 ? gr_config_fail(s->study->config, "experiment.labels", err,
                                                             "no tested row has a label in all of these columns, so "
                                                             "there is no total")
                                            : status;
}

static gr_status read_tables(gr_label_scores *s, gr_error *err)
{
    const gr_study *study = s->study;
    size_t labels = (size_t)study->count, cells = 0;
    s->tables = gr_alloc(labels, sizeof *s->tables);
    gr_status status = s->tables != NULL ? GR_OK : no_memory(err);
    for (int i = 0; status == GR_OK && i < study->count; i++) {
        char *path = gr_path_join(study->members[i].folder, "predictions.csv");
        status =
            path != NULL ? gr_predictions_read(path, &s->tables[i], err) : gr_fail(err, GR_NOMEM, "no memory for a path");
        gr_free(path);
    }
    if (status != GR_OK)
        return status;
    s->at = gr_mul_size((size_t)s->tables[0].count, labels, &cells) ? gr_alloc(cells, sizeof *s->at) : NULL;
    if (!same_rows(s))
        return gr_study_folds(study) != NULL
                   ? align(s, err)
                   : gr_fail(err, GR_INTERNAL, "the folds of the labels are not those of %s", study->members[0].name);
    s->count = s->tables[0].count;
    for (size_t i = 0; s->at != NULL && i < cells; i++)
        s->at[i] = (int64_t)(i / labels);
    return s->at != NULL ? GR_OK : no_memory(err);
}

/* The manifest's row of each. */
static gr_status find_rows(gr_label_scores *s, gr_error *err)
{
    const gr_manifest *m = &s->manifest;
    s->row = gr_alloc((size_t)s->count, sizeof *s->row);
    int64_t *order = gr_names_sort(m->images, m->rows);
    gr_status status = s->row != NULL && order != NULL ? GR_OK : no_memory(err);
    for (int64_t i = 0; status == GR_OK && i < s->count; i++) {
        const char *image = s->tables[0].images[gr_label_row(s, 0, i)];
        if ((s->row[i] = gr_names_find(m->images, order, m->rows, image)) < 0)
            status = gr_fail(err, GR_INTERNAL, "%s is in no row of %s", image, m->path);
    }
    gr_free(order);
    return status;
}

/* ---- scores ----------------------------------------------------------------------------------------------------------- */

int64_t gr_label_row(const gr_label_scores *s, int label, int64_t i)
{
    return s->at[i * s->study->count + label];
}

static double number_of(const gr_prediction_table *t, int32_t cls)
{
    double value = NAN;
    return gr_parse_double(t->predictions.classes[cls], &value) ? value : NAN;
}

static double true_score(const gr_label_scores *s, int label, int64_t i)
{
    const gr_prediction_table *t = &s->tables[label];
    int64_t row = gr_label_row(s, label, i);
    return t->kind == GR_TABLE_SCORES ? t->scores.truth[row] : number_of(t, t->predictions.labels[row]);
}

static double predicted_score(const gr_label_scores *s, int label, int64_t i)
{
    const gr_prediction_table *t = &s->tables[label];
    int64_t row = gr_label_row(s, label, i);
    return t->kind == GR_TABLE_SCORES ? t->scores.predicted[row] : number_of(t, t->predictions.predicted[row]);
}

/* The score of a label in the manifest's cells; NaN where it has none. */
static double score_in_table(const gr_label_scores *s, int label, int64_t row)
{
    double value;
    int column = gr_manifest_column(&s->manifest, s->study->members[label].name);
    return gr_parse_double(gr_manifest_cell(&s->manifest, row, column), &value) ? value : NAN;
}

/* The ends of a label's scale: its lowest and highest class; data.range; or what the table has. */
static void find_ends(const gr_label_scores *s, int label, double *least, double *most)
{
    const gr_prediction_table *t = &s->tables[label];
    const double *range = s->study->config->data.range;
    bool given = t->kind == GR_TABLE_SCORES && !isnan(range[0]);
    *least = given ? range[0] : INFINITY;
    *most = given ? range[1] : -INFINITY;
    for (int c = 0; t->kind == GR_TABLE_CLASSES && c < t->predictions.class_count; c++) {
        *least = fmin(*least, number_of(t, c));
        *most = fmax(*most, number_of(t, c));
    }
    for (int64_t r = 0; t->kind == GR_TABLE_SCORES && !given && r < s->manifest.rows; r++) {
        *least = fmin(*least, score_in_table(s, label, r)); /* which take the number of a number and a NaN */
        *most = fmax(*most, score_in_table(s, label, r));
    }
}

/* -1: of neither class. */
static int8_t class_of_row(const gr_label_scores *s, int64_t row)
{
    const char *name = s->manifest.classes[s->manifest.labels[row]];
    return strcmp(name, s->classes[1]) == 0 ? 1 : strcmp(name, s->classes[0]) == 0 ? 0 : -1;
}

static gr_status sum_scores(gr_label_scores *s, gr_error *err)
{
    gr_status status = gr_totals_open(s->count, s->tables[0].fold_count, &s->totals, err);
    for (int l = 0; status == GR_OK && l < s->study->count; l++) {
        double least, most;
        find_ends(s, l, &least, &most);
        s->least += least;
        s->most += most;
        for (int64_t i = 0; i < s->count; i++) {
            s->totals.truth[i] += true_score(s, l, i);
            s->totals.predicted[i] += predicted_score(s, l, i);
        }
    }
    for (int64_t i = 0; status == GR_OK && i < s->count; i++) {
        s->totals.fold[i] = s->tables[0].fold[gr_label_row(s, 0, i)];
        s->totals.label[i] = class_of_row(s, s->row[i]);
    }
    return status;
}

/* ---- thresholds ------------------------------------------------------------------------------------------------------- */

/* True totals of all rows of the manifest, by its cells. */
static double true_total(const gr_label_scores *s, int64_t row)
{
    double total = 0;
    for (int l = 0; l < s->study->count; l++)
        total += score_in_table(s, l, row);
    return total;
}

/* In each fold, on the true totals of the images that do not test. */
static gr_status find_thresholds(gr_label_scores *s, gr_error *err)
{
    const gr_prediction_table *t = &s->tables[0];
    double *totals = gr_alloc((size_t)s->manifest.rows, sizeof *totals);
    uint8_t *positive = gr_alloc((size_t)s->manifest.rows, 1);
    gr_status status = totals != NULL && positive != NULL ? GR_OK : gr_fail(err, GR_NOMEM, "no memory for a threshold");
    for (int f = 0; status == GR_OK && f < s->totals.folds; f++) {
        int64_t count = 0;
        int at = 0;
        while (at < s->split.fold_count && strcmp(s->split.folds[at].name, t->folds[f]) != 0)
            at++;
        for (int64_t r = 0; at < s->split.fold_count && r < s->manifest.rows; r++) {
            int8_t label = class_of_row(s, r);
            double total = true_total(s, r);
            if (label < 0 || gr_fold_part(&s->split.folds[at], r) == GR_PART_TEST || isnan(total))
                continue;
            totals[count] = total;
            positive[count++] = (uint8_t)label;
        }
        if (!gr_totals_threshold(totals, positive, count, &s->totals.threshold[f]))
            status =
                gr_config_fail(s->study->config, "experiment.threshold", err,
                               "is to be found, but the images that do not test in fold %s are of one class alone; a number "
                               "would be right",
                               t->folds[f]);
    }
    gr_free(totals);
    gr_free(positive);
    return status;
}

/* ---- all -------------------------------------------------------------------------------------------------------------- */

/* The folds of all, with the rows of the study's manifest: those of the first label, whose rows these are unless cells are
 * empty. */
static gr_status find_folds(gr_label_scores *s, gr_error *err)
{
    const gr_study *study = s->study;
    const gr_common_folds *common = gr_study_folds(study);
    if (common == NULL) {
        gr_status status = gr_cohort_open(study->members[0].config, study->options->first_fold, study->shared->cache, NULL,
                                          &study->shared->recall, &s->cohort, err);
        s->split = s->cohort.split;
        return status;
    }
    s->split = common->split;
    if (study->options->first_fold) {
        s->first = (gr_fold){.name = "0", .parts = common->split.folds[0].parts, .units = common->split.folds[0].units};
        s->split.folds = &s->first;
        s->split.fold_count = 1;
    }
    return GR_OK;
}

gr_status gr_label_scores_open(const gr_study *study, gr_label_scores *s, gr_error *err)
{
    *s = (gr_label_scores){.study = study};
    gr_status status = gr_manifest_open(study->config, &s->manifest, err);
    if (status == GR_OK)
        status = gr_labels_classes(study, &s->manifest, s->classes, err);
    if (status == GR_OK)
        status = find_folds(s, err);
    if (status == GR_OK)
        status = read_tables(s, err);
    if (status == GR_OK)
        status = find_rows(s, err);
    if (status == GR_OK)
        status = sum_scores(s, err);
    for (int f = 0; status == GR_OK && f < s->totals.folds; f++)
        s->totals.threshold[f] = study->config->experiment.threshold;
    return status == GR_OK && study->config->experiment.threshold == 0 ? find_thresholds(s, err) : status;
}
