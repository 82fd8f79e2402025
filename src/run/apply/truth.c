#include "run/apply/truth.h"

#include <math.h>
#include <string.h>

static gr_status no_memory(gr_error *err)
{
    return gr_fail(err, GR_NOMEM, "no memory for the labels of a table");
}

typedef struct reading {
    const gr_ask *ask;
    const gr_manifest_options *options;
    const gr_card *card;
    gr_truth *out;
} reading;

static gr_status find_column(const reading *r, const char *name, const char *where, int *column, gr_error *err)
{
    const gr_csv *csv = r->ask->table;
    *column = gr_csv_column(csv, name);
    if (*column >= 0) {
        r->out->own[r->out->own_count++] = name;
        return GR_OK;
    }
    const char *near = gr_nearest(name, csv->header, (size_t)csv->columns);
    return gr_fail(err, GR_INVALID, "%s:%lld: there is no column %.80s, which %s names%s%.80s%s", csv->path,
                   (long long)csv->header_line, name, where,
                   near != NULL ? ", did you mean " : "; another on the command line would be right",
                   near != NULL ? near : "", near != NULL ? "?" : "");
}

/* Notes the first problem of a row. */
static bool say(const reading *r, int64_t i, const char *column, const char *text, const char *right)
{
    if (r->out->problems[i] == NULL)
        r->out->problems[i] = gr_arena_printf(r->out->arena, "%s: \"%.80s\" %s", column, text, right);
    r->out->known[i] = false;
    return r->out->problems[i] != NULL;
}

static int class_of(const gr_card *card, const char *text)
{
    for (int c = 0; c < (int)card->model.classes; c++)
        if (strcmp(card->classes[c], text) == 0)
            return c;
    return -1;
}

/* ", 0, 1 and 2" for a sentence. */
static const char *list_classes(const reading *r)
{
    gr_text list = {0};
    gr_text_printf(&list, "is none of the model's classes ");
    for (int c = 0; c < (int)r->card->model.classes && list.size < 300; c++)
        gr_text_printf(&list, "%s%.60s", c > 0 ? ", " : "", r->card->classes[c]);
    const char *copy = list.failed ? NULL : gr_arena_strdup(r->out->arena, list.data);
    gr_text_free(&list);
    return copy;
}

/* ---- one column of classes
 * ------------------------------------------------------------------------------------------------- */

static gr_status read_labels(const reading *r, gr_error *err)
{
    gr_truth *t = r->out;
    int column;
    gr_status status = find_column(r, r->options->label, r->options->label_where, &column, err);
    int32_t *labels = gr_arena_alloc(t->arena, (size_t)t->manifest.rows, sizeof *labels);
    const char *classes = list_classes(r);
    if (status == GR_OK && (labels == NULL || classes == NULL))
        status = no_memory(err);
    for (int64_t i = 0; status == GR_OK && i < r->ask->count; i++) {
        if (r->ask->row[i] < 0)
            continue;
        const char *text = gr_ask_cell(r->ask, i, column);
        int label = class_of(r->card, text);
        labels[r->ask->row[i]] = label >= 0 ? label : 0;
        t->known[i] = label >= 0;
        if (label < 0 && !gr_csv_unknown(text) && !say(r, i, r->options->label, text, classes))
            status = no_memory(err);
    }
    t->manifest.label_column = r->options->label;
    t->manifest.labels = labels;
    return status;
}

/* ---- numbers, and several columns
 * ------------------------------------------------------------------------------------------- */

/* NaN: not known; false: it is wrong, as `why` says. */
static bool read_value(const reading *r, const char *text, double *value, const char **why)
{
    const gr_manifest_options *o = r->options;
    *value = NAN;
    if (o->values == GR_VALUES_CLASSES) {
        int label = class_of(r->card, text);
        *value = label >= 0 ? label : NAN;
        return label >= 0 || gr_csv_unknown(text);
    }
    if (gr_csv_unknown(text))
        return true;
    double number;
    bool right = gr_parse_double(text, &number) && (!o->ranged || (number >= o->range[0] && number <= o->range[1]));
    *why = "is no number that is right here";
    *value = right ? number : NAN;
    return right;
}

static gr_status read_values(const reading *r, gr_error *err)
{
    const gr_manifest_options *o = r->options;
    gr_truth *t = r->out;
    size_t cells;
    bool fits = gr_mul_size((size_t)t->manifest.rows, (size_t)o->value_count, &cells);
    double *values = fits ? gr_arena_alloc(t->arena, cells, sizeof *values) : NULL;
    const char *why = list_classes(r);
    gr_status status = values != NULL && why != NULL ? GR_OK : no_memory(err);
    for (int k = 0; status == GR_OK && k < o->value_count; k++) {
        int column;
        status = find_column(r, o->value_columns[k], o->values_where, &column, err);
        for (int64_t i = 0; status == GR_OK && i < r->ask->count; i++) {
            if (r->ask->row[i] < 0)
                continue;
            double *to = &values[r->ask->row[i] * o->value_count + k];
            const char *text = gr_ask_cell(r->ask, i, column);
            bool right = read_value(r, text, to, &why);
            t->known[i] = t->known[i] || !isnan(*to);
            if (!right && !say(r, i, o->value_columns[k], text, why))
                status = no_memory(err);
        }
    }
    for (int64_t i = 0; status == GR_OK && i < r->ask->count; i++)
        t->known[i] = t->known[i] && t->problems[i] == NULL;
    t->manifest.values = values;
    t->manifest.value_columns = o->value_columns;
    t->manifest.value_count = o->value_count;
    return status;
}

/* ---- groups
 * ------------------------------------------------------------------------------------------------------------------ */

static gr_status read_groups(const reading *r, gr_error *err)
{
    gr_truth *t = r->out;
    const char *name = r->options->group;
    int column;
    if (name == NULL)
        return GR_OK;
    gr_status status = find_column(r, name, r->options->group_where, &column, err);
    if (status != GR_OK)
        return status;
    size_t rows = (size_t)t->manifest.rows;
    const char **texts = gr_arena_alloc(t->arena, rows, sizeof *texts),
               **names = gr_arena_alloc(t->arena, rows, sizeof *names);
    int32_t *groups = gr_arena_alloc(t->arena, rows, sizeof *groups);
    int64_t different = 0, *number = NULL;
    for (int64_t i = 0; texts != NULL && i < r->ask->count; i++) {
        if (r->ask->row[i] < 0)
            continue;
        texts[r->ask->row[i]] = gr_ask_cell(r->ask, i, column);
        t->whose[i] = !gr_csv_unknown(texts[r->ask->row[i]]);
        if (!t->whose[i] && !say(r, i, name, texts[r->ask->row[i]], "names no group, so who trained on it cannot be known"))
            status = no_memory(err);
    }
    if (texts != NULL && names != NULL && groups != NULL)
        number = gr_names_number(texts, t->manifest.rows, &different);
    if (number == NULL)
        return no_memory(err);
    for (int64_t row = 0; row < t->manifest.rows; row++) {
        groups[row] = (int32_t)number[row];
        names[number[row]] = texts[row];
    }
    gr_free(number);
    t->manifest.group_column = name;
    t->manifest.group_count = (int)different;
    t->manifest.group_names = names;
    t->manifest.groups = groups;
    return status;
}

/* ---- all
 * ---------------------------------------------------------------------------------------------------------------------- */

gr_status gr_truth_read(const gr_ask *ask, const gr_manifest_options *options, const gr_card *card, gr_truth *out,
                        gr_error *err)
{
    *out = (gr_truth){.manifest = ask->manifest, .arena = gr_arena_create()};
    size_t n = (size_t)ask->count;
    if (out->arena != NULL) {
        out->problems = gr_arena_alloc(out->arena, n, sizeof *out->problems);
        out->known = gr_arena_alloc(out->arena, n, sizeof *out->known);
        out->whose = gr_arena_alloc(out->arena, n, sizeof *out->whose);
    }
    gr_status status = out->problems != NULL && out->known != NULL && out->whose != NULL ? GR_OK : no_memory(err);
    for (int64_t i = 0; status == GR_OK && i < ask->count; i++) {
        out->problems[i] = NULL;
        out->whose[i] = true;
        bool placed = options->landmarks != GR_LANDMARKS_IGNORED || options->mark_count > 0;
        out->known[i] = placed && ask->row[i] >= 0; /* rows without any landmark were refused; without a box there is no face */
    }
    out->manifest.class_count = (int)card->model.classes;
    out->manifest.classes = card->classes;
    const reading r = {.ask = ask, .options = options, .card = card, .out = out};
    if (status == GR_OK && options->values != GR_VALUES_NONE)
        status = read_values(&r, err);
    else if (status == GR_OK && options->landmarks == GR_LANDMARKS_IGNORED && options->mark_count == 0)
        status = read_labels(&r, err);
    if (status == GR_OK)
        status = read_groups(&r, err);
    if (status != GR_OK)
        gr_truth_close(out);
    return status;
}

void gr_truth_close(gr_truth *t)
{
    gr_arena_destroy(t->arena);
    *t = (gr_truth){0};
}
