/* Images that a run's folds tested: by the path that its manifest gives them, else by the bytes of the files. */
#include "explain/tested.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/base.h"
#include "formats/csv.h"
#include "grimace/config.h"

struct gr_tested {
    gr_csv *splits;
    gr_arena *arena;
    int64_t count;
    const char **paths; /* [count], of images that were tested, in the order of the table */
    const char **folds;
    int64_t *order; /* that sorts paths */
    int64_t *sizes; /* [count], bytes of each file, -1: it is not there; NULL until the first image that no path tells */
};

static const size_t most_bytes = (size_t)512 << 20;

/* A path without links in it where it leads somewhere, as it is where not. */
static const char *whole_path(gr_arena *arena, const char *path)
{
    char *real = realpath(path, NULL);
    const char *kept = gr_arena_strdup(arena, real != NULL ? real : path);
    free(real);
    return kept;
}

static gr_status list(gr_tested *t, const char *folder, gr_error *err)
{
    const gr_csv *s = t->splits;
    int image = gr_csv_column(s, "image"), fold = gr_csv_column(s, "fold"), part = gr_csv_column(s, "part");
    if (image < 0 || fold < 0 || part < 0)
        return gr_fail(err, GR_INVALID, "%s:%lld: has no columns image, fold and part, as a run's has", s->path,
                       (long long)s->header_line);
    t->paths = gr_arena_alloc(t->arena, (size_t)s->rows, sizeof *t->paths);
    t->folds = gr_arena_alloc(t->arena, (size_t)s->rows, sizeof *t->folds);
    bool whole = t->paths != NULL && t->folds != NULL;
    for (int64_t r = 0; whole && r < s->rows; r++) {
        if (strcmp(gr_csv_field(s, r, part), "test") != 0)
            continue;
        char *path = gr_path_join(folder, gr_csv_field(s, r, image));
        t->paths[t->count] = path != NULL ? whole_path(t->arena, path) : NULL;
        t->folds[t->count] = gr_csv_field(s, r, fold);
        whole = t->paths[t->count++] != NULL;
        gr_free(path);
    }
    if (whole)
        t->order = gr_names_sort(t->paths, t->count);
    return whole && t->order != NULL ? GR_OK : gr_fail(err, GR_NOMEM, "%s: no memory for its images", s->path);
}

gr_status gr_tested_open(const char *run, gr_tested **out, gr_error *err)
{
    gr_tested *t = gr_alloc(1, sizeof *t);
    *out = t;
    char *splits = gr_path_join(run, "splits.csv"), *path = gr_path_join(run, "config.yaml"), *folder = NULL;
    gr_config *config = NULL;
    gr_status status = GR_OK;
    if (t == NULL || splits == NULL || path == NULL || (t->arena = gr_arena_create()) == NULL)
        status = gr_fail(err, GR_NOMEM, "no memory for the images of a run");
    if (status == GR_OK)
        status = gr_csv_read(splits, &t->splits, err);
    if (status == GR_OK)
        status = gr_config_load(path, NULL, 0, &config, err);
    if (status == GR_OK && (folder = gr_path_folder(config->data.manifest != NULL ? config->data.manifest : path)) == NULL)
        status = gr_fail(err, GR_NOMEM, "no memory for the images of a run");
    if (status == GR_OK)
        status = list(t, folder, err);
    gr_config_destroy(config);
    gr_free(splits);
    gr_free(path);
    gr_free(folder);
    if (status != GR_OK) {
        gr_tested_close(t);
        *out = NULL;
    }
    return status;
}

void gr_tested_close(gr_tested *t)
{
    if (t == NULL)
        return;
    gr_csv_destroy(t->splits);
    gr_free(t->order);
    gr_free(t->sizes);
    gr_arena_destroy(t->arena);
    gr_free(t);
}

static int64_t size_of(const char *path)
{
    struct stat s;
    return stat(path, &s) == 0 && S_ISREG(s.st_mode) ? (int64_t)s.st_size : -1;
}

static bool same_bytes(const char *path, const char *data, size_t size)
{
    char *other = NULL;
    size_t length = 0;
    gr_error ignored = {0};
    bool same = gr_file_read(path, most_bytes, &other, &length, &ignored) == GR_OK && length == size &&
                memcmp(other, data, size) == 0;
    gr_free(other);
    return same;
}

static const char *by_bytes(gr_tested *t, const char *path)
{
    int64_t size = size_of(path);
    const char *fold = NULL;
    char *data = NULL;
    size_t length = 0;
    gr_error ignored = {0};
    if (t->sizes == NULL && (t->sizes = gr_alloc((size_t)t->count, sizeof *t->sizes)) != NULL)
        for (int64_t i = 0; i < t->count; i++)
            t->sizes[i] = size_of(t->paths[i]);
    for (int64_t i = 0; t->sizes != NULL && size > 0 && fold == NULL && i < t->count; i++) {
        if (t->sizes[i] != size)
            continue;
        if (data == NULL && gr_file_read(path, most_bytes, &data, &length, &ignored) != GR_OK)
            break;
        fold = same_bytes(t->paths[i], data, length) ? t->folds[i] : NULL;
    }
    gr_free(data);
    return fold;
}

const char *gr_tested_fold(gr_tested *t, const char *path)
{
    char *real = realpath(path, NULL);
    int64_t at = t->count > 0 ? gr_names_find(t->paths, t->order, t->count, real != NULL ? real : path) : -1;
    free(real);
    for (int64_t i = 0; i < at; i++) /* of several rows the first */
        if (strcmp(t->paths[i], t->paths[at]) == 0)
            at = i;
    return at >= 0 ? t->folds[at] : by_bytes(t, path);
}
