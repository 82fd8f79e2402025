#include "report/run_files.h"

#include <dirent.h>
#include <errno.h>
#include <math.h>
#include <string.h>

#include "base/base.h"
#include "formats/json.h"

static gr_status no_memory(const gr_run_files *run, gr_error *err)
{
    return gr_fail(err, GR_NOMEM, "%s: no memory for its files", run->path);
}

/* ---- JSON files ----------------------------------------------------------------------------------------------------------
 */

static gr_status read_json(const gr_run_files *run, const char *name, json_t **out, gr_error *err)
{
    char *path = gr_path_join(run->path, name);
    gr_status status = path == NULL ? no_memory(run, err) : gr_path_exists(path) ? gr_json_read(path, out, err) : GR_OK;
    gr_free(path);
    return status;
}

/* One object a line. */
static gr_status read_lines(const gr_run_files *run, const char *path, char *text, gr_run_epochs *fold, gr_error *err)
{
    int64_t lines = 0, line = 0;
    for (const char *at = text; (at = strchr(at, '\n')) != NULL; at++)
        lines++;
    fold->epochs = gr_alloc((size_t)lines + 1, sizeof *fold->epochs);
    if (fold->epochs == NULL)
        return no_memory(run, err);
    for (char *at = text; *at != '\0'; line++) {
        char *end = at + strcspn(at, "\n");
        json_error_t why;
        json_t *value = json_loadb(at, (size_t)(end - at), 0, &why);
        if (!json_is_object(value)) {
            json_decref(value);
            return gr_fail(err, GR_INVALID, "%s:%lld: is no JSON object; one for each epoch would be right", path,
                           (long long)line + 1);
        }
        fold->epochs[fold->count++] = value;
        at = *end == '\n' ? end + 1 : end;
    }
    return GR_OK;
}

static gr_status read_epochs(gr_run_files *run, const char *name, gr_run_epochs *fold, gr_error *err)
{
    gr_text path = {0};
    gr_text_printf(&path, "%s/fold-%s/metrics.jsonl", run->path, name);
    fold->fold = name;
    char *text = NULL;
    size_t size;
    gr_status status = path.failed ? no_memory(run, err) : GR_OK;
    if (status == GR_OK && gr_path_exists(path.data))
        status = gr_file_read(path.data, (size_t)256 << 20, &text, &size, err);
    if (status == GR_OK && text != NULL)
        status = read_lines(run, path.data, text, fold, err);
    gr_free(text);
    gr_text_free(&path);
    return status;
}

static bool takes(const struct dirent *entry)
{
    return gr_starts_with(entry->d_name, "fold-") && entry->d_name[5] != '\0';
}

/* The names behind "fold-", sorted. GIVES *names in the arena. */
static gr_status list_folds(gr_run_files *run, const char ***names, int *count, gr_error *err)
{
    DIR *folder = opendir(run->path);
    if (folder == NULL)
        return gr_fail(err, GR_INVALID, "%s: cannot be read: %s", run->path, strerror(errno));
    int room = 64;
    const char **list = gr_alloc((size_t)room, sizeof *list);
    gr_status status = list != NULL ? GR_OK : no_memory(run, err);
    for (struct dirent *entry; status == GR_OK && (entry = readdir(folder)) != NULL;) {
        if (!takes(entry))
            continue;
        const char **grown = *count < room ? list : gr_realloc(list, (size_t)(room *= 2), sizeof *list);
        list = grown != NULL ? grown : list;
        if (grown == NULL || (list[*count] = gr_arena_strdup(run->arena, entry->d_name + 5)) == NULL)
            status = no_memory(run, err);
        else
            (*count)++;
    }
    closedir(folder);
    int64_t *order = status == GR_OK ? gr_names_sort(list, *count) : NULL;
    *names = order != NULL ? gr_arena_alloc(run->arena, (size_t)*count + 1, sizeof **names) : NULL;
    for (int i = 0; *names != NULL && i < *count; i++)
        (*names)[i] = list[order[i]];
    if (*names != NULL)
        gr_names_by_value(*names, *count);
    if (status == GR_OK && *names == NULL)
        status = no_memory(run, err);
    gr_free(order);
    gr_free(list);
    return status;
}

static gr_status open_folds(gr_run_files *run, gr_error *err)
{
    const char **names = NULL;
    int count = 0;
    gr_status status = list_folds(run, &names, &count, err);
    if (status != GR_OK)
        return status;
    run->folds = gr_alloc((size_t)count + 1, sizeof *run->folds);
    if (run->folds == NULL)
        return no_memory(run, err);
    for (int i = 0; status == GR_OK && i < count; i++) {
        status = read_epochs(run, names[i], &run->folds[run->fold_count], err);
        if (status != GR_OK || run->folds[run->fold_count].count > 0)
            run->fold_count++;
    }
    return status;
}

/* ---- predictions
 * ----------------------------------------------------------------------------------------------------------- */

/* A run that is not finished or whose task has no such table is shown as far as it goes: the reason is kept. */
static gr_status open_table(gr_run_files *run, gr_error *err)
{
    char *file = gr_path_join(run->path, "predictions.csv");
    if (file == NULL)
        return no_memory(run, err);
    if (gr_path_exists(file))
        run->predicted = gr_predictions_open(run->path, NULL, 0, &run->table, &run->unread) == GR_OK;
    else
        (void)gr_fail(&run->unread, GR_INVALID, "there is no predictions.csv: no run of folds has finished here");
    gr_free(file);
    return run->unread.status == GR_NOMEM ? no_memory(run, err) : GR_OK;
}

/* A folder without a config: of an evaluation, whose table has figures, or of anything. */
static gr_status no_config(gr_run_files *run, gr_error *err)
{
    char *table = gr_path_join(run->path, "predictions.csv");
    if (table == NULL)
        return no_memory(run, err);
    gr_status status = gr_path_exists(table)
                           ? gr_fail(err, GR_INVALID,
                                     "%s: holds no run: it has no config.yaml; its table alone, %s, would be right", run->path,
                                     table)
                           : gr_fail(err, GR_INVALID, "%s: holds no run: it has no config.yaml", run->path);
    gr_free(table);
    return status;
}

static gr_status open_config(gr_run_files *run, gr_error *err)
{
    char *file = gr_path_join(run->path, "config.yaml");
    if (file == NULL)
        return no_memory(run, err);
    gr_status status = gr_path_exists(file) ? gr_config_load(file, NULL, 0, &run->own, err) : no_config(run, err);
    run->config = run->own;
    gr_free(file);
    return status;
}

static gr_status open_folder(gr_run_files *run, gr_error *err)
{
    gr_status status = open_table(run, err);
    if (status == GR_OK && run->predicted)
        run->config = run->table.config;
    else if (status == GR_OK)
        status = open_config(run, err);
    if (status == GR_OK)
        status = read_json(run, "results.json", &run->results, err);
    if (status == GR_OK)
        status = read_json(run, "statistics.json", &run->statistics, err);
    if (status == GR_OK)
        status = read_json(run, "about.json", &run->about, err);
    return status == GR_OK ? open_folds(run, err) : status;
}

gr_status gr_run_files_open(const char *path, gr_run_files *out, gr_error *err)
{
    *out = (gr_run_files){.path = gr_strdup(path), .arena = gr_arena_create()};
    if (out->path == NULL || out->arena == NULL) {
        gr_run_files_close(out);
        return gr_fail(err, GR_NOMEM, "no memory for a run");
    }
    out->table_alone = !gr_is_folder(path);
    gr_status status;
    if (!out->table_alone) {
        status = open_folder(out, err);
    } else {
        status = gr_predictions_open(path, NULL, 0, &out->table, err);
        out->predicted = status == GR_OK;
        out->config = out->table.config;
    }
    if (status != GR_OK)
        gr_run_files_close(out);
    return status;
}

void gr_run_files_close(gr_run_files *run)
{
    for (int i = 0; run->folds != NULL && i < run->fold_count; i++) {
        for (int64_t k = 0; k < run->folds[i].count; k++)
            json_decref(run->folds[i].epochs[k]);
        gr_free(run->folds[i].epochs);
    }
    gr_free(run->folds);
    json_decref(run->results);
    json_decref(run->statistics);
    json_decref(run->about);
    if (run->predicted)
        gr_prediction_table_free(&run->table);
    gr_config_destroy(run->own);
    gr_arena_destroy(run->arena);
    gr_free(run->path);
    *run = (gr_run_files){0};
}

/* ---- what is asked of it
 * ----------------------------------------------------------------------------------------------------- */

double gr_run_epoch_number(const gr_run_epochs *fold, int64_t epoch, const char *key)
{
    const json_t *value = json_object_get(fold->epochs[epoch], key);
    return json_is_number(value) ? json_number_value(value) : NAN;
}

bool gr_run_has_predictions(const gr_run_files *run, gr_text *why)
{
    if (!run->predicted)
        gr_text_printf(why, "%s", run->unread.text);
    return run->predicted;
}

static bool has_kind(const gr_run_files *run, gr_table_kind kind, gr_text *why)
{
    static const char *const have[] = {"the predictions are of classes", "the predictions are of scores",
                                       "the predictions are of several columns of classes"};
    static const char *const wants[] = {"probabilities of the classes of one column", "scores"};
    if (!gr_run_has_predictions(run, why))
        return false;
    if (run->table.kind != kind)
        gr_text_printf(why, "%s; it is about %s", have[run->table.kind], wants[kind]);
    return run->table.kind == kind;
}

bool gr_run_has_classes(const gr_run_files *run, gr_text *why)
{
    return has_kind(run, GR_TABLE_CLASSES, why);
}

bool gr_run_has_scores(const gr_run_files *run, gr_text *why)
{
    return has_kind(run, GR_TABLE_SCORES, why);
}
