#include "run/apply/evaluation_table.h"

#include <string.h>

/* The table of the judged rows, and that of what is predicted for all. */
typedef struct sources {
    gr_csv *judged, *answers;
} sources;

static gr_status no_memory(gr_error *err)
{
    return gr_fail(err, GR_NOMEM, "no memory for a table of predictions");
}

static gr_status answer_all(const gr_predictor *p, const gr_evaluation_rows *r, gr_csv **out, gr_error *err)
{
    const gr_answers answers = {.card = &gr_predictor_files(p)->card,
                                .count = r->ask->count,
                                .images = r->ask->names,
                                .predictions = r->answered->mean};
    gr_text text = {0};
    gr_predictor_task(p)->answer(&answers, &text);
    if (text.failed || text.data == NULL) {
        gr_text_free(&text);
        return no_memory(err);
    }
    return gr_csv_parse("predictions", text.data, text.size, out, err);
}

/* The column of the asked table that a column of labels was read from; -1: none. */
static int label_column(const gr_evaluation_rows *r, const char *name)
{
    const gr_manifest *m = &r->truth->manifest;
    const char *one = m->label_column != NULL ? m->label_column : m->value_count == 1 ? m->value_columns[0] : NULL;
    if (strcmp(name, "label") == 0)
        return one != NULL ? gr_csv_column(r->ask->table, one) : -1;
    for (int k = 0; gr_starts_with(name, "label_") && k < m->value_count; k++)
        if (strcmp(m->value_columns[k], name + 6) == 0)
            return gr_csv_column(r->ask->table, m->value_columns[k]);
    return -1;
}

/* A column that the task wrote of judged rows: theirs, else the label as it stands in the table, else what is predicted. */
static gr_status add_column(const gr_evaluation_rows *r, const sources *s, int column, gr_sheet *sheet, gr_error *err)
{
    const char *name = s->judged->header[column];
    int label = label_column(r, name), answer = gr_csv_column(s->answers, name);
    const char **cells = gr_sheet_cells(sheet);
    for (int64_t i = 0; cells != NULL && i < r->ask->count; i++) {
        if (r->judged[i] >= 0)
            cells[i] = gr_csv_field(s->judged, r->judged[i], column);
        else if (label >= 0)
            cells[i] = gr_ask_cell(r->ask, i, label);
        else
            cells[i] = answer >= 0 && r->answered->voices[i] > 0 ? gr_csv_field(s->answers, i, answer) : "";
    }
    return gr_sheet_add(sheet, name, cells, err);
}

/* image, the group, fold. */
static gr_status add_head(const gr_evaluation_rows *r, gr_sheet *sheet, gr_error *err)
{
    const char *group = r->truth->manifest.group_column;
    const char **folds = gr_sheet_cells(sheet), **groups = group != NULL ? gr_sheet_cells(sheet) : NULL;
    for (int64_t i = 0; folds != NULL && i < r->ask->count; i++)
        folds[i] = "new";
    for (int64_t i = 0; groups != NULL && i < r->ask->count; i++)
        groups[i] = gr_ask_cell(r->ask, i, gr_csv_column(r->ask->table, group));
    gr_status status = gr_sheet_add(sheet, "image", r->ask->names, err);
    if (status == GR_OK && group != NULL)
        status = gr_sheet_add(sheet, group, groups, err);
    return status == GR_OK ? gr_sheet_add(sheet, "fold", folds, err) : status;
}

static gr_status fill(const gr_evaluation_rows *r, const sources *s, gr_sheet *sheet, gr_error *err)
{
    bool wrong = false;
    gr_status status = add_head(r, sheet, err);
    for (int c = sheet->columns; status == GR_OK && c < s->judged->columns; c++)
        status = add_column(r, s, c, sheet, err);
    if (status == GR_OK)
        status = gr_sheet_add_reals(sheet, "spread", r->answered->spread, err);
    if (status == GR_OK)
        status = gr_sheet_add_counts(sheet, "models", r->answered->voices, err);
    for (int64_t i = 0; !wrong && i < r->ask->count; i++)
        wrong = r->problems[i] != NULL;

    if (status == GR_OK && wrong)
        status = gr_sheet_add(sheet, "error", r->problems, err);
    if (status == GR_OK)
        status = gr_ask_carry(r->ask, r->truth->own, r->truth->own_count, sheet, err);
    return status;
}

gr_status gr_evaluation_table(const gr_predictor *p, const gr_evaluation_rows *r, const char *path, gr_error *err)
{
    sources s = {0};
    gr_sheet sheet = {0};
    gr_text out = {0};
    gr_status status = gr_csv_read(path, &s.judged, err);
    if (status == GR_OK)
        status = answer_all(p, r, &s.answers, err);
    if (status == GR_OK)
        status = gr_sheet_open(r->ask->count, &sheet, err);
    if (status == GR_OK)
        status = fill(r, &s, &sheet, err);
    if (status == GR_OK) {
        gr_sheet_csv(&sheet, &out);
        status = out.failed ? no_memory(err) : gr_file_write(path, out.data, out.size, err);
    }
    gr_text_free(&out);
    gr_sheet_close(&sheet);
    gr_csv_destroy(s.judged);
    gr_csv_destroy(s.answers);
    return status;
}
