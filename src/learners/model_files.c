/* Model files, from a path to networks: the files of a run's folds, or one. */
#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "learners/boosted_file.h"
#include "learners/card_guide.h"
#include "learners/card_trees.h"
#include "learners/model_files.h"
#include "models/models.h"

static int by_name(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

static gr_status add_path(gr_model_files *files, const char *path, gr_error *err)
{
    char **paths = gr_realloc(files->paths, (size_t)files->count + 1, sizeof *paths);
    if (paths == NULL)
        return gr_fail(err, GR_NOMEM, "no memory for the list of models");
    files->paths = paths;
    paths[files->count] = gr_arena_strdup(files->arena, path);
    return paths[files->count++] != NULL ? GR_OK : gr_fail(err, GR_NOMEM, "no memory for the list of models");
}

/* The model of one fold, tensors or trees, where it has one. */
static gr_status add_fold(gr_model_files *files, const char *run, const char *fold, gr_error *err)
{
    static const char *const names[] = {"model.safetensors", "model.json"};
    gr_status status = GR_OK;
    for (size_t i = 0; status == GR_OK && i < sizeof names / sizeof names[0]; i++) {
        char *path = gr_arena_printf(files->arena, "%s/%s/%s", run, fold, names[i]);
        if (path == NULL)
            status = gr_fail(err, GR_NOMEM, "no memory for the list of models");
        else if (gr_path_exists(path))
            return add_path(files, path, err);
    }
    return status;
}

/* Adds the model of every fold that has one. part[size]: a run that is a part of this one, of those
 * whose names begin with label-, train- or setting-; "": there is none. */
static gr_status list_folds(gr_model_files *files, const char *run, char *part, size_t size, gr_error *err)
{
    static const char *const parts[] = {"label-", "train-", "setting-"};
    DIR *folder = opendir(run);
    if (folder == NULL)
        return gr_fail(err, GR_INVALID, "%s: the folder cannot be read: %s", run, strerror(errno));
    gr_status status = GR_OK;
    part[0] = '\0';
    for (struct dirent *entry; status == GR_OK && (entry = readdir(folder)) != NULL;) {
        for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++)
            if (gr_starts_with(entry->d_name, parts[i]) && (part[0] == '\0' || strcmp(entry->d_name, part) < 0))
                snprintf(part, size, "%s", entry->d_name);
        if (!gr_starts_with(entry->d_name, "fold-"))
            continue;
        status = add_fold(files, run, entry->d_name, err);
    }
    closedir(folder);
    return status;
}

/* Those of all runs RUN/train-NAME of a cross study. */
static gr_status list_trained(gr_model_files *files, const char *run, gr_error *err)
{
    char unused[256];
    DIR *folder = opendir(run);
    if (folder == NULL)
        return gr_fail(err, GR_INVALID, "%s: the folder cannot be read: %s", run, strerror(errno));
    gr_status status = GR_OK;
    for (struct dirent *entry; status == GR_OK && (entry = readdir(folder)) != NULL;) {
        char *path =
            gr_starts_with(entry->d_name, "train-") ? gr_arena_printf(files->arena, "%s/%s", run, entry->d_name) : NULL;
        if (path != NULL)
            status = list_folds(files, path, unused, sizeof unused, err);
    }
    closedir(folder);
    return status;
}

static bool is_run(const char *folder)
{
    char *path = gr_path_join(folder, "config.yaml");
    bool is = path == NULL || gr_path_exists(path);
    gr_free(path);
    return is;
}

/* The models of a run: of its folds, or of the runs that a cross study is made of. */
static gr_status list_models(gr_model_files *files, const char *run, gr_error *err)
{
    char part[256];
    gr_status status = list_folds(files, run, part, sizeof part, err);
    if (status == GR_OK && files->count == 0 && gr_starts_with(part, "train-"))
        status = list_trained(files, run, err);
    if (status == GR_OK && files->count == 0 && part[0] != '\0')
        return gr_fail(err, GR_INVALID, "%s: holds several trainings; one of them, such as %s/%s, would be right", run, run,
                       part);
    if (status == GR_OK && files->count == 0)
        status = gr_fail(err, GR_INVALID, "%s: holds no fold-NAME/model.safetensors: %s", run,
                         is_run(run) ? "no fold of this run is finished" : "it is no run that cv or train wrote");
    if (status == GR_OK)
        qsort(files->paths, (size_t)files->count, sizeof *files->paths, by_name);
    return status;
}

static gr_status read_card(const char *path, gr_card *card, gr_error *err)
{
    gr_weights *weights = NULL;
    if (gr_boosted_is_file(path))
        return gr_boosted_card(path, card, err);
    gr_status status = gr_weights_read_notes(path, &weights, err);
    if (status == GR_OK)
        status = gr_card_read(weights, path, card, err);
    gr_weights_destroy(weights);
    return status;
}

gr_status gr_model_files_open(const char *path, gr_model_files *out, gr_error *err)
{
    *out = (gr_model_files){.arena = gr_arena_create()};
    if (out->arena == NULL)
        return gr_fail(err, GR_NOMEM, "no memory for a model");
    gr_status status = gr_is_folder(path) ? list_models(out, path, err) : add_path(out, path, err);
    out->first = status == GR_OK ? out->paths[0] : NULL;
    if (status == GR_OK)
        status = read_card(out->first, &out->card, err);
    if (status != GR_OK)
        gr_model_files_close(out);
    return status;
}

void gr_model_files_close(gr_model_files *files)
{
    gr_card_free(&files->card);
    gr_free(files->paths);
    gr_arena_destroy(files->arena);
    *files = (gr_model_files){0};
}

static bool same_text(const char *a, const char *b)
{
    return a == NULL || b == NULL ? a == b : strcmp(a, b) == 0;
}

static bool same_task(const gr_card *a, const gr_card *b)
{
    return strcmp(a->classic, b->classic) == 0 && (a->lbp == NULL) == (b->lbp == NULL) &&
           (a->numbers == NULL) == (b->numbers == NULL);
}

static bool same_numbers(const gr_card *a, const gr_card *b)
{
    bool same = a->number_count == b->number_count && gr_card_features(a) == gr_card_features(b) &&
                (a->frozen.file == NULL) == (b->frozen.file == NULL) && a->frozen.key == b->frozen.key;
    for (int i = 0; same && i < a->number_count; i++)
        same = strcmp(a->numbers[i], b->numbers[i]) == 0;
    return same;
}

static bool same_architecture(const gr_card *a, const gr_card *b)
{
    const gr_model_options *x = &a->model, *y = &b->model;
    if (!same_task(a, b))
        return false;
    if (a->numbers != NULL) /* each may read others of them */
        return strcmp(a->task, b->task) == 0 && same_numbers(a, b);
    if (a->lbp != NULL)
        return a->lbp->radius == b->lbp->radius && a->lbp->points == b->lbp->points && a->lbp->grid == b->lbp->grid &&
               a->lbp->method == b->lbp->method;
    bool same = same_text(x->backbone, y->backbone) && same_text(x->head, y->head) &&
                same_text(x->layers, y->layers) && x->landmarks == y->landmarks &&
                x->box_stride == y->box_stride && x->box_filters == y->box_filters &&
                strcmp(a->task, b->task) == 0 && x->mlp.hidden_count == y->mlp.hidden_count;
    for (int i = 0; same && i < x->mlp.hidden_count; i++)
        same = x->mlp.hidden[i] == y->mlp.hidden[i];
    return same;
}

static bool same_labels(const gr_card *a, const gr_card *b)
{
    bool same = a->label_count == b->label_count;
    for (int64_t i = 0; same && i < a->label_count; i++)
        same = strcmp(a->labels[i], b->labels[i]) == 0;
    return same;
}

static bool same_input(const gr_card *a, const gr_card *b)
{
    bool same = a->model.size == b->model.size && a->model.channels == b->model.channels &&
                a->model.classes == b->model.classes && a->transform_count == b->transform_count &&
                gr_card_same_guide(a, b) &&
                memcmp(a->mean, b->mean, sizeof a->mean) == 0 && memcmp(a->std, b->std, sizeof a->std) == 0;
    for (int64_t c = 0; same && c < a->model.classes; c++)
        same = strcmp(a->classes[c], b->classes[c]) == 0;
    for (int t = 0; same && t < a->transform_count; t++)
        same = gr_transforms_equal(&a->transforms[t], &b->transforms[t]);
    for (int v = 0; same && v < a->tta.count && v < b->tta.count; v++)
        same = strcmp(a->tta.items[v], b->tta.items[v]) == 0;
    return same && a->tta.count == b->tta.count;
}

/* Is it the same kind of model as the first? */
static gr_status same_card(const gr_model_files *files, const gr_card *card, const char *path, gr_error *err)
{
    bool same = same_architecture(card, &files->card) && same_labels(card, &files->card) && same_input(card, &files->card);
    return same ? GR_OK
                : gr_fail(err, GR_INVALID, "%s: is another kind of model than %s, so their predictions cannot be averaged",
                          path, files->first);
}

gr_status gr_model_files_card(const gr_model_files *files, int index, gr_card *out, gr_error *err)
{
    gr_status status = read_card(files->paths[index], out, err);
    if (status != GR_OK)
        return status;
    status = same_card(files, out, files->paths[index], err);
    if (status != GR_OK)
        gr_card_free(out);
    return status;
}

gr_status gr_model_files_weights(const gr_model_files *files, int index, gr_weights **out, gr_error *err)
{
    gr_status status = gr_weights_read(files->paths[index], out, err);
    if (status != GR_OK)
        return status;
    gr_card card;
    status = gr_card_read(*out, files->paths[index], &card, err);
    if (status == GR_OK) {
        status = same_card(files, &card, files->paths[index], err);
        gr_card_free(&card);
    }
    if (status != GR_OK) {
        gr_weights_destroy(*out);
        *out = NULL;
    }
    return status;
}

gr_status gr_model_files_load(const gr_model_files *files, int index, gr_network *out, gr_card *card, gr_error *err)
{
    const char *path = files->paths[index];
    gr_weights *weights = NULL;
    *out = (gr_network){0};
    if (card != NULL)
        *card = (gr_card){0};
    gr_status status = gr_model_files_weights(files, index, &weights, err);
    if (status == GR_OK && card != NULL)
        status = gr_card_read(weights, path, card, err);
    if (status == GR_OK) {
        status = gr_model_create(&files->card.model, &out->model, err);
        if (status == GR_OK)
            status = gr_params_alloc(out->model->graph, false, &out->params, err); /* the file has them all */
        if (status == GR_OK)
            status = gr_model_check_whole(out->model, &files->card.model, weights, err);
        if (status == GR_OK)
            status = gr_model_import(out->model, out->params, weights, NULL, NULL, err);
        if (status == GR_INVALID)
            gr_error_prefix(err, "%s", path);
    }
    gr_weights_destroy(weights);
    if (status != GR_OK) {
        gr_network_destroy(out);
        if (card != NULL)
            gr_card_free(card);
    }
    return status;
}
