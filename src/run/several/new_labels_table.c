/* A label study on new images without labels: the table of `grimace predict`. */
#include <math.h>
#include <string.h>

#include "base/base.h"
#include "formats/csv.h"
#include "run/apply/judge.h"
#include "run/apply/sheet.h"
#include "run/several/new_kinds.h"
#include "run/several/total_rule.h"

typedef struct work {
    gr_total_rule rule;
    gr_csv **tables; /* [labels] */
    int labels;
    double *total;
    int32_t *voices;
} work;

static gr_status no_memory(gr_error *err)
{
    return gr_fail(err, GR_NOMEM, "no memory for the predictions");
}

/* What the first label's run says of the images goes for all labels, which share animals and folds; the class is the total's to
 * decide. */
static void repeat_said(const gr_text *of_label, gr_text *said)
{
    for (const char *line = of_label->data, *end; line != NULL && *line != '\0'; line = end) {
        end = line + strcspn(line, "\n");
        end += *end == '\n';
        if (!gr_starts_with(line, "decision: "))
            gr_text_add(said, line, (size_t)(end - line));
    }
}

static gr_status predict_label(work *w, const gr_predict_options *options, int l, gr_predicted *out, gr_error *err)
{
    gr_text from = {0};
    gr_predicted one;
    gr_text_printf(&from, "%s/label-%s", options->path, w->rule.config->experiment.labels.items[l]);
    gr_predict_options own = *options;
    own.path = from.data;
    gr_status status = !from.failed ? gr_predict_run(&own, &one, err) : no_memory(err);
    gr_text_free(&from);
    if (status != GR_OK)
        return status;
    char *text = one.table.data;
    size_t size = one.table.size;
    one.table = (gr_text){0};
    status = gr_csv_parse("predictions", text, size, &w->tables[l], err);
    out->rows = one.rows;
    out->read = one.read;
    memcpy(out->problem, one.problem, sizeof out->problem);
    if (l == 0)
        repeat_said(&one.said, &out->said);
    gr_predicted_free(&one);
    return status;
}

static void add_up(work *w)
{
    for (int64_t i = 0; i < w->tables[0]->rows; i++) {
        w->voices[i] = INT32_MAX;
        for (int l = 0; l < w->labels; l++) {
            const gr_csv *t = w->tables[l];
            double models = 0.0, score;
            bool known = gr_parse_double(gr_csv_field(t, i, gr_csv_column(t, "predicted")), &score) &&
                         gr_parse_double(gr_csv_field(t, i, gr_csv_column(t, "models")), &models);
            w->total[i] += known ? score : NAN;
            w->voices[i] = (int32_t)models < w->voices[i] ? (int32_t)models : w->voices[i];
        }
    }
}

static gr_status add_cells(gr_sheet *sheet, const gr_csv *t, int column, const char *name, gr_error *err)
{
    const char **cells = gr_sheet_cells(sheet);
    for (int64_t i = 0; cells != NULL && i < t->rows; i++)
        cells[i] = gr_csv_field(t, i, column);
    return name != NULL ? gr_sheet_add(sheet, name, cells, err) : no_memory(err);
}

/* predicted_NAME, p_NAME_CLASS..., spread_NAME of a label. */
static gr_status add_label(const work *w, int l, gr_sheet *sheet, gr_error *err)
{
    const char *label = w->rule.config->experiment.labels.items[l];
    const gr_csv *t = w->tables[l];
    gr_status status = GR_OK;
    for (int c = 1, end = gr_csv_column(t, "models"); status == GR_OK && c < end; c++) {
        const char *name = t->header[c];
        bool share = gr_starts_with(name, "p_");
        status = add_cells(sheet, t, c,
                           share ? gr_arena_printf(sheet->arena, "p_%s_%s", label, name + 2)
                                 : gr_arena_printf(sheet->arena, "%s_%s", name, label),
                           err);
    }
    return status;
}

/* predicted_total, predicted, p_CLASS of both. */
static gr_status add_total(const work *w, gr_sheet *sheet, gr_error *err)
{
    const gr_total_rule *r = &w->rule;
    const char **predicted = gr_sheet_cells(sheet);
    double *p[2] = {gr_arena_alloc(sheet->arena, (size_t)sheet->rows, sizeof(double)),
                    gr_arena_alloc(sheet->arena, (size_t)sheet->rows, sizeof(double))};
    gr_status status = predicted != NULL && p[0] != NULL && p[1] != NULL ? GR_OK : no_memory(err);
    for (int64_t i = 0; status == GR_OK && i < sheet->rows; i++) {
        bool known = !isnan(w->total[i]);
        predicted[i] = known ? r->classes[w->total[i] >= r->threshold ? r->positive : 1 - r->positive] : "";
        float share = gr_total_share(r, w->total[i]);
        p[r->positive][i] = known ? (double)share : NAN;
        p[1 - r->positive][i] = known ? (double)(1 - share) : NAN;
    }
    if (status == GR_OK)
        status = gr_sheet_add_reals(sheet, "predicted_total", w->total, err);
    if (status == GR_OK)
        status = gr_sheet_add(sheet, "predicted", predicted, err);
    for (int c = 0; status == GR_OK && c < 2; c++) {
        const char *name = gr_arena_printf(sheet->arena, "p_%s", r->classes[c]);
        status = name != NULL ? gr_sheet_add_reals(sheet, name, p[c], err) : no_memory(err);
    }
    return status;
}

static gr_status fill(const work *w, gr_sheet *sheet, gr_error *err)
{
    const gr_csv *first = w->tables[0];
    gr_status status = add_cells(sheet, first, 0, "image", err);
    for (int l = 0; status == GR_OK && l < w->labels; l++)
        status = add_label(w, l, sheet, err);
    if (status == GR_OK)
        status = add_total(w, sheet, err);
    if (status == GR_OK)
        status = gr_sheet_add_counts(sheet, "models", w->voices, err);
    int behind = gr_csv_column(first, "models") + 1;
    behind += behind < first->columns && strcmp(first->header[behind], "decision") == 0; /* about one label */
    for (int c = behind; status == GR_OK && c < first->columns; c++)
        status = add_cells(sheet, first, c, first->header[c], err);
    return status;
}

static gr_status make_table(work *w, gr_text *out, gr_error *err)
{
    gr_sheet sheet;
    w->total = gr_alloc((size_t)w->tables[0]->rows, sizeof *w->total);
    w->voices = gr_alloc((size_t)w->tables[0]->rows, sizeof *w->voices);
    gr_status status =
        w->total != NULL && w->voices != NULL ? gr_sheet_open(w->tables[0]->rows, &sheet, err) : no_memory(err);
    if (status != GR_OK)
        return status;
    add_up(w);
    status = fill(w, &sheet, err);
    if (status == GR_OK)
        gr_sheet_csv(&sheet, out);
    gr_sheet_close(&sheet);
    return status;
}

gr_status gr_predict_labels(const gr_predict_options *options, gr_predicted *out, gr_error *err)
{
    *out = (gr_predicted){0};
    work w = {0};
    if (!isnan(options->threshold) || options->unsure > 0.0)
        return gr_fail(
            err, GR_INVALID,
            "%s: is a study of labels, whose total decides by its own threshold; neither --threshold nor --unsure would be "
            "right",
            options->path);
    gr_status status = gr_total_rule_open(options->path, &w.rule, err);
    if (status == GR_OK) {
        w.labels = w.rule.config->experiment.labels.count;
        w.tables = gr_alloc((size_t)w.labels, sizeof *w.tables);
        status = w.tables != NULL ? GR_OK : no_memory(err);
    }
    for (int l = 0; status == GR_OK && l < w.labels; l++)
        status = predict_label(&w, options, l, out, err);
    if (status == GR_OK)
        status = make_table(&w, &out->table, err);
    if (status == GR_OK && out->said.failed)
        status = no_memory(err);
    if (status == GR_OK)
        gr_text_printf(&out->said, "predicted: %s from a total of %g on\n", w.rule.classes[w.rule.positive],
                       w.rule.threshold);
    for (int l = 0; w.tables != NULL && l < w.labels; l++)
        gr_csv_destroy(w.tables[l]);
    gr_free(w.tables);
    gr_free(w.total);
    gr_free(w.voices);
    gr_total_rule_close(&w.rule);
    if (status != GR_OK)
        gr_predicted_free(out);
    return status;
}
