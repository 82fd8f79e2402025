#include "run/one/chosen.h"

#include "formats/json.h"

static gr_status no_memory(gr_error *err)
{
    return gr_fail(err, GR_NOMEM, "no memory for what folds chose");
}

/* One more fold has the features of `fold`. */
static void count(json_t *counts, const json_t *fold)
{
    const json_t *list = json_object_get(fold, "features");
    for (size_t i = 0; i < json_array_size(list); i++) {
        const char *name = json_string_value(json_array_get(list, i));
        json_int_t before = json_integer_value(json_object_get(counts, name));
        json_object_set_new(counts, name, json_integer(before + 1));
    }
}

/* All that could be chosen, in its order: what never was is told as well. */
static gr_status count_none(const gr_learning *learning, json_t *counts, gr_error *err)
{
    int count = 0;
    const char *const *names = learning->learner->offered(learning, &count);
    bool good = true;
    for (int i = 0; good && i < count; i++)
        good = json_object_set_new(counts, names[i], json_integer(0)) == 0;
    return good ? GR_OK : no_memory(err);
}

static gr_status read_folds(const gr_learning *learning, json_t *folds, json_t *counts, gr_error *err)
{
    gr_status status = GR_OK;
    for (int f = 0; status == GR_OK && f < learning->cohort->split.fold_count; f++) {
        gr_text text = {0};
        status = learning->learner->chosen(learning, f, &text, err);
        json_t *fold = status == GR_OK && !text.failed ? json_loads(text.data, 0, NULL) : NULL;
        if (status == GR_OK && (fold == NULL || json_object_set(folds, learning->cohort->split.folds[f].name, fold) != 0))
            status = no_memory(err);
        if (status == GR_OK)
            count(counts, fold);
        json_decref(fold);
        gr_text_free(&text);
    }
    return status;
}

gr_status gr_chosen_note(const gr_learning *learning, gr_error *err)
{
    if (learning->learner->chosen == NULL)
        return GR_OK;
    json_t *root = NULL, *folds = json_object(), *counts = json_object();
    char *path = gr_path_join(learning->folder, "results.json");
    gr_status status = path != NULL && folds != NULL && counts != NULL ? gr_json_read(path, &root, err) : no_memory(err);
    if (status == GR_OK)
        status = count_none(learning, counts, err);
    if (status == GR_OK)
        status = read_folds(learning, folds, counts, err);
    json_t *chosen = json_pack("{s:O, s:O}", "folds", folds, "features", counts);
    if (status == GR_OK && json_object_set(root, "chosen", chosen) != 0)
        status = no_memory(err);
    if (status == GR_OK)
        status = gr_json_write(path, root, err);
    json_decref(chosen);
    json_decref(folds);
    json_decref(counts);
    json_decref(root);
    gr_free(path);
    return status;
}
