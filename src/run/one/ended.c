#include "run/one/ended.h"

#include <string.h>

/* RUN/name as JSON (json_decref); NULL: it is not there, or damaged. */
static json_t *read_json(const char *folder, const char *name)
{
    json_t *root = NULL;
    gr_error unused = {0};
    char *path = gr_path_join(folder, name);
    if (path == NULL || !gr_path_exists(path) || gr_json_read(path, &root, &unused) != GR_OK)
        root = NULL;
    gr_free(path);
    return root;
}

bool gr_run_is_done(const char *folder)
{
    json_t *about = read_json(folder, "about.json");
    const char *end = json_string_value(json_object_get(about, "end"));
    bool done = end != NULL && strcmp(end, "done") == 0;
    json_decref(about);
    return done;
}

bool gr_run_is_of_train(const char *folder)
{
    json_t *about = read_json(folder, "about.json");
    const json_t *first = json_array_get(json_object_get(about, "sessions"), 0);
    const char *command = json_string_value(json_object_get(first, "command"));
    bool of_train = command != NULL && gr_starts_with(command, "grimace train ");
    json_decref(about);
    return of_train;
}

/* The tables that are written with results of their kind; warnings.txt and some others are there for a reason only. */
static bool has_tables(const char *folder, const json_t *results)
{
    static const char *const of_all[] = {"splits.csv", "predictions.csv", "results.csv", "summary.csv"};
    static const char *const of_classes[] = {"roc.csv", "pr.csv"};
    bool classes = json_object_get(results, "classes") != NULL, there = results != NULL;
    for (size_t i = 0; there && i < sizeof of_all / sizeof of_all[0]; i++)
        there = gr_has_file(folder, of_all[i]);
    for (size_t i = 0; there && classes && i < sizeof of_classes / sizeof of_classes[0]; i++)
        there = gr_has_file(folder, of_classes[i]);
    bool judged = classes || json_object_get(results, "labels") != NULL; /* landmarks and boxes have no such statistics */
    return there && (!judged || gr_has_file(folder, "statistics.json"));
}

bool gr_run_has_tables(const char *folder)
{
    json_t *results = read_json(folder, "results.json");
    bool there = has_tables(folder, results);
    json_decref(results);
    return there;
}

bool gr_run_is_whole(const char *folder)
{
    json_t *results = gr_run_is_done(folder) ? read_json(folder, "results.json") : NULL;
    const json_t *folds = json_object_get(results, "folds"), *one;
    size_t i;
    bool whole = json_array_size(folds) > 0 && has_tables(folder, results);
    json_array_foreach(folds, i, one)
    {
        gr_text path = {0};
        const char *name = json_string_value(json_object_get(one, "fold"));
        gr_text_printf(&path, "%s/fold-%s/checkpoint", folder, name != NULL ? name : "");
        whole = whole && name != NULL && !path.failed && gr_path_exists(path.data);
        gr_text_free(&path);
    }
    json_decref(results);
    return whole;
}

gr_status gr_run_reopen(const char *folder, gr_error *err)
{
    json_t *about = read_json(folder, "about.json");
    char *path = gr_path_join(folder, "about.json");
    gr_status status = GR_OK;
    if (path == NULL)
        status = gr_fail(err, GR_NOMEM, "no memory for a path");
    else if (about == NULL)
        status = gr_fail(err, GR_INVALID, "%s: is not there, or damaged", path);
    else if (json_object_set_new(about, "end", json_string("stopped")) != 0)
        status = gr_fail(err, GR_NOMEM, "%s: no memory to write it", path);
    if (status == GR_OK)
        status = gr_json_write_rounded(path, about, err);
    json_decref(about);
    gr_free(path);
    return status;
}

bool gr_has_file(const char *folder, const char *name)
{
    char *path = gr_path_join(folder, name);
    bool there = path != NULL && gr_path_exists(path);
    gr_free(path);
    return there;
}

bool gr_is_being_shared(const char *folder)
{
    return gr_has_file(folder, "crew") || gr_has_file(folder, "crew.gone"); /* whoever cleared away was killed */
}

bool gr_run_has_result(const char *folder, const char *key)
{
    json_t *results = read_json(folder, "results.json");
    bool has = json_object_get(results, key) != NULL;
    json_decref(results);
    return has;
}

gr_status gr_run_put_result(const char *folder, const char *key, json_t *value, gr_error *err)
{
    json_t *root = NULL;
    char *path = gr_path_join(folder, "results.json");
    gr_status status = path != NULL ? gr_json_read(path, &root, err) : gr_fail(err, GR_NOMEM, "no memory for a path");
    if (status == GR_OK && json_object_set(root, key, value) != 0)
        status = gr_fail(err, GR_NOMEM, "%s: no memory to write it", path);
    if (status == GR_OK)
        status = gr_json_write(path, root, err);
    json_decref(root);
    gr_free(path);
    return status;
}
