#include "learners/boosted_file.h"

#include <math.h>
#include <string.h>

#include "formats/json.h"
#include "learners/boosted_trees.h"

static const char card_key[] = "grimace", check_key[] = "grimace_check";
enum { PROBES = 2, MOST_BYTES = 1 << 28 };

bool gr_boosted_is_file(const char *path)
{
    return gr_ends_with(path, ".json");
}

static gr_status no_memory(const char *path, gr_error *err)
{
    return gr_fail(err, GR_NOMEM, "%s: no memory for a model of trees", path);
}

/* The margins [PROBES, gr_boost_margins] of probes[PROBES, columns]. */
static gr_status answer_probes(const gr_xgboost *x, const gr_boost_options *o, void *booster, const float *probes,
                               int columns, float *margins, gr_error *err)
{
    const int64_t rows[PROBES] = {0, 1};
    gr_boost_data data = {0};
    int *all = gr_alloc((size_t)columns, sizeof *all);
    gr_status status = all != NULL ? GR_OK : gr_fail(err, GR_NOMEM, "no memory for a model of trees");
    for (int c = 0; all != NULL && c < columns; c++)
        all[c] = c;
    const gr_boost_part part = {
        .values = probes, .width = (size_t)columns, .rows = rows, .count = PROBES, .columns = all, .column_count = columns};
    if (status == GR_OK)
        status = gr_boost_data_make(x, o, &part, &data, err);
    if (status == GR_OK)
        status = gr_boost_margin(x, o, booster, &data, margins, err);
    gr_boost_data_free(x, &data);
    gr_free(all);
    return status;
}

/* ---- writing ------------------------------------------------------------------------------------------------------ */

static json_t *numbers_json(const float *numbers, int64_t count)
{
    json_t *list = json_array();
    for (int64_t i = 0; i < count; i++)
        json_array_append_new(list, gr_json_real((double)numbers[i]));
    return list;
}

static gr_status put_check(const gr_xgboost *x, const gr_boost_options *o, void *booster, const float *probes, int columns,
                           gr_error *err)
{
    gr_text text = {0};
    int margins = gr_boost_margins(o);
    float *said = gr_alloc((size_t)PROBES * (size_t)margins, sizeof *said);
    gr_status status =
        said != NULL ? answer_probes(x, o, booster, probes, columns, said, err) : no_memory("model.json", err);
    if (status == GR_OK) {
        json_t *json = json_pack("{s:o, s:o}", "rows", numbers_json(probes, (int64_t)PROBES * columns), "margins",
                                 numbers_json(said, (int64_t)PROBES * margins));
        gr_json_line(&text, json);
        json_decref(json);
        status = text.failed ? no_memory("model.json", err)
                             : gr_xgboost_said(x, x->XGBoosterSetAttr(booster, check_key, text.data), err);
    }
    gr_text_free(&text);
    gr_free(said);
    return status;
}

gr_status gr_boosted_save(const gr_xgboost *x, const gr_boost_options *o, void *booster, const gr_card *card,
                          const float *probes, const char *path, gr_error *err)
{
    gr_text text = {0};
    uint64_t size = 0;
    const char *bytes = NULL;
    gr_card placed = *card;
    placed.file = path;
    gr_status status = gr_card_text(&placed, &text, err);
    if (status == GR_OK)
        status = gr_xgboost_said(x, x->XGBoosterSetAttr(booster, card_key, text.data), err);
    if (status == GR_OK)
        status = put_check(x, o, booster, probes, card->kept_count, err);
    if (status == GR_OK)
        status = gr_xgboost_said(x, x->XGBoosterSaveModelToBuffer(booster, "{\"format\": \"json\"}", &size, &bytes), err);
    if (status == GR_OK)
        status = gr_file_write(path, bytes, (size_t)size, err);
    gr_text_free(&text);
    return status;
}

/* ---- reading ------------------------------------------------------------------------------------------------------ */

static const json_t *attribute(const json_t *root, const char *key)
{
    return json_object_get(json_object_get(json_object_get(root, "learner"), "attributes"), key);
}

gr_status gr_boosted_card(const char *path, gr_card *card, gr_error *err)
{
    json_t *root = NULL;
    *card = (gr_card){0};
    gr_status status = gr_json_read(path, &root, err);
    if (status != GR_OK)
        return status;
    const char *text = json_string_value(attribute(root, card_key));
    status = text != NULL
                 ? gr_card_parse(text, path, card, err)
                 : gr_fail(err, GR_INVALID,
                           "%s: lacks the attribute \"%s\", in which grimace's models of trees say their columns and "
                           "classes; the model.json of a run with model.classic boosted would be right",
                           path, card_key);
    json_decref(root);
    if (status == GR_OK && card->numbers == NULL) {
        gr_card_free(card);
        status = gr_fail(err, GR_INVALID, "%s: its attribute \"%s\" does not describe trees", path, card_key);
    }
    return status;
}

/* Is the file of a later version than the library? By the first two numbers, as XGBoost counts. */
static bool is_later(const gr_xgboost *x, const int version[3])
{
    return version[0] > x->version[0] || (version[0] == x->version[0] && version[1] > x->version[1]);
}

/* The length of the first number in "[5E-1,5E-1]", where all are written alike; 0: they are not, or it is no list. */
static size_t one_number(const char *list)
{
    size_t first = strcspn(list + 1, ",]");
    const char *at = list + 1 + first;
    while (*at == ',' && strncmp(at + 1, list + 1, first) == 0 && strchr(",]", at[1 + first]) != NULL)
        at += 1 + first;
    return strcmp(at, "]") == 0 ? first : 0;
}

/* What a later version writes otherwise: only base_score may be, a list in brackets of one number for all margins, which
 * `data` gets alone. The file's text is the writer's: no blanks. */
static bool translate(const json_t *learner, char *data)
{
    const json_t *trees = json_object_get(learner, "gradient_booster"), *model = json_object_get(trees, "model");
    const char *base = json_string_value(json_object_get(json_object_get(learner, "learner_model_param"), "base_score"));
    const char *name = json_string_value(json_object_get(trees, "name"));
    if (base == NULL || name == NULL || strcmp(name, "gbtree") != 0 || model == NULL ||
        json_object_get(trees, "weight_drop") != NULL || json_object_get(model, "weight_drop") != NULL)
        return false;
    if (base[0] != '[')
        return true;
    char *at = strstr(data, "\"base_score\":\"[");
    size_t length = strlen(base), first = one_number(base);
    if (at == NULL || first == 0)
        return false;
    at += strlen("\"base_score\":");
    /* "[0.5]" becomes "0.5" and two blanks behind the quote, which JSON passes over */
    memmove(at + 1, at + 2, first);
    at[1 + first] = '"';
    memset(at + 2 + first, ' ', length - first);
    return true;
}

static bool read_floats(const json_t *list, float *to, int64_t count)
{
    bool good = json_array_size(list) == (size_t)count;
    for (int64_t i = 0; good && i < count; i++) {
        const json_t *value = json_array_get(list, (size_t)i);
        good = json_is_number(value) || json_is_null(value);
        to[i] = json_is_null(value) ? NAN : (float)json_number_value(value);
    }
    return good;
}

/* Does the library answer the file's own rows as the one that wrote it? */
static gr_status check(const gr_xgboost *x, const gr_boost_options *o, void *booster, const json_t *root, const char *path,
                       int columns, gr_error *err)
{
    const char *text = json_string_value(attribute(root, check_key));
    json_t *json = text != NULL ? json_loads(text, 0, NULL) : NULL;
    int margins = gr_boost_margins(o);
    float *rows = gr_alloc((size_t)PROBES * (size_t)columns, sizeof *rows);
    float *right = gr_alloc((size_t)PROBES * (size_t)margins, sizeof *right);
    float *said = gr_alloc((size_t)PROBES * (size_t)margins, sizeof *said);
    gr_status status = rows != NULL && right != NULL && said != NULL ? GR_OK : no_memory(path, err);
    if (status == GR_OK && (!read_floats(json_object_get(json, "rows"), rows, (int64_t)PROBES * columns) ||
                            !read_floats(json_object_get(json, "margins"), right, (int64_t)PROBES * margins)))
        status = gr_fail(err, GR_INVALID, "%s: its attribute \"%s\" is damaged", path, check_key);
    if (status == GR_OK) {
        gr_error why = {0};
        status = answer_probes(x, o, booster, rows, columns, said, &why);
        if (status != GR_OK)
            status = gr_fail(err, status == GR_FAILED ? GR_INVALID : status, "%s: %s", path, why.text);
    }
    for (int i = 0; status == GR_OK && i < PROBES * margins; i++)
        if (!(fabsf(said[i] - right[i]) <= 1e-4F * (1.0F + fabsf(right[i]))))
            status =
                gr_fail(err, GR_INVALID,
                        "%s: XGBoost %d.%d.%d, which is installed, answers otherwise with it than the version that made it "
                        "(a margin of %g instead of %g); that version would be right",
                        path, x->version[0], x->version[1], x->version[2], (double)said[i], (double)right[i]);
    json_decref(json);
    gr_free(rows);
    gr_free(right);
    gr_free(said);
    return status;
}

static gr_status take(const gr_xgboost *x, const gr_boost_options *o, const char *path, int columns, const json_t *root,
                      char *data, size_t size, void **booster, gr_error *err)
{
    const json_t *numbers = json_object_get(root, "version");
    int version[3];
    for (size_t i = 0; i < 3; i++)
        version[i] = (int)json_integer_value(json_array_get(numbers, i));
    if (json_array_size(numbers) != 3)
        return gr_fail(err, GR_INVALID, "%s: does not say the version of XGBoost that made it", path);
    if (is_later(x, version) && !translate(json_object_get(root, "learner"), data))
        return gr_fail(
            err, GR_INVALID,
            "%s: was made by XGBoost %d.%d.%d, and holds what %d.%d.%d, which is installed, would read wrongly; that "
            "version would be right",
            path, version[0], version[1], version[2], x->version[0], x->version[1], x->version[2]);
    gr_status status = gr_boosted_trees_check(o, root, columns, path, err);
    if (status == GR_OK)
        status = gr_xgboost_said(x, x->XGBoosterCreate(NULL, 0, booster), err);
    if (status == GR_OK && x->XGBoosterSetParam(*booster, "nthread", "1") == 0 &&
        x->XGBoosterLoadModelFromBuffer(*booster, data, size) != 0) {
        gr_error said = {0};
        status = gr_xgboost_said(x, -1, &said); /* its failure is the file's fault */
        status = status == GR_OK ? status : gr_fail(err, GR_INVALID, "%s: %s", path, said.text);
    }
    return status == GR_OK ? check(x, o, *booster, root, path, columns, err) : status;
}

gr_status gr_boosted_load(const gr_xgboost *x, const gr_boost_options *o, const char *path, int columns, void **booster,
                          gr_error *err)
{
    json_t *root = NULL;
    char *data = NULL;
    size_t size = 0;
    *booster = NULL;
    gr_status status = gr_json_read(path, &root, err);
    if (status == GR_OK)
        status = gr_file_read(path, MOST_BYTES, &data, &size, err);
    if (status == GR_OK)
        status = take(x, o, path, columns, root, data, size, booster, err);
    if (status != GR_OK && *booster != NULL) {
        x->XGBoosterFree(*booster);
        *booster = NULL;
    }
    gr_free(data);
    json_decref(root);
    return status;
}
