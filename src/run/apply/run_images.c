#include "run/apply/run_images.h"

#include <string.h>

#include "config/config.h"

static void ignore(void *ctx, int64_t line, const char *column, const char *text)
{
    (void)ctx;
    (void)line;
    (void)column;
    (void)text;
}

static gr_status no_memory(gr_error *err)
{
    return gr_fail(err, GR_NOMEM, "no memory for the images of a run");
}

/* "NAME:" of the extra table a/NAME.csv. */
static const char *prefix_of(gr_run_images *r, const char *path)
{
    const char *slash = strrchr(path, '/'), *base = slash != NULL ? slash + 1 : path;
    size_t length = gr_ends_with(base, ".csv") ? strlen(base) - 4 : strlen(base);
    return gr_arena_printf(r->arena, "%.*s:", (int)length, base);
}

static gr_status add_table(gr_run_images *r, const char *path, const char *prefix, gr_text *said, gr_error *err)
{
    gr_manifest_options options = {.absent_files = true, .report = ignore};
    gr_error problem = {0};
    if (path == NULL || r->count == GR_RUN_MANIFESTS)
        return GR_OK;
    gr_manifest *m = &r->tables[r->count].manifest;
    gr_status status = gr_manifest_load(path, &options, m, &problem);
    if (status != GR_OK) {
        gr_text_printf(said,
                       "the run's manifest cannot be read, so its pictures are known by name and group alone, not by their "
                       "bytes (%.300s)\n",
                       problem.text);
        return status == GR_NOMEM ? no_memory(err) : GR_OK;
    }
    r->tables[r->count].prefix = prefix;
    r->tables[r->count].order = gr_names_sort(m->images, m->rows);
    return r->tables[r->count++].order != NULL ? GR_OK : no_memory(err);
}

gr_status gr_run_images_open(const char *run, gr_run_images *r, gr_text *said, gr_error *err)
{
    *r = (gr_run_images){.arena = gr_arena_create()};
    char *path = gr_path_join(run, "config.yaml");
    gr_config *config = NULL;
    gr_error problem = {0};
    gr_status status = r->arena != NULL && path != NULL ? GR_OK : no_memory(err);
    if (status == GR_OK && gr_config_load(path, NULL, 0, &config, &problem) != GR_OK)
        gr_text_printf(said, "%.400s: so its pictures are known by name and group alone\n", problem.text);
    if (status == GR_OK && config != NULL)
        status = add_table(r, config->data.manifest, "", said, err);
    for (int i = 0; status == GR_OK && config != NULL && i < config->data.extra_manifests.count; i++) {
        const char *extra = config->data.extra_manifests.items[i], *prefix = prefix_of(r, extra);
        status = prefix != NULL ? add_table(r, extra, prefix, said, err) : no_memory(err);
    }
    if (status == GR_OK && config != NULL && config->model.pretrained != NULL) {
        r->pretrained = gr_arena_strdup(r->arena, config->model.pretrained);
        status = r->pretrained != NULL ? GR_OK : no_memory(err);
    }
    gr_config_destroy(config);
    gr_free(path);
    if (status != GR_OK)
        gr_run_images_close(r);
    return status;
}

void gr_run_images_close(gr_run_images *r)
{
    for (int i = 0; i < r->count; i++) {
        gr_manifest_free(&r->tables[i].manifest);
        gr_free(r->tables[i].order);
    }
    gr_arena_destroy(r->arena);
    *r = (gr_run_images){0};
}

/* The table that has an image of that name, and its row; -1: none. */
static int find(const gr_run_images *r, const char *name, int64_t *row)
{
    for (int t = 0; t < r->count; t++) {
        const gr_manifest *m = &r->tables[t].manifest;
        const char *prefix = r->tables[t].prefix;
        if (!gr_starts_with(name, prefix))
            continue;
        *row = gr_names_find(m->images, r->tables[t].order, m->rows, name + strlen(prefix));
        if (*row >= 0)
            return t;
    }
    return -1;
}

const char *gr_run_images_path(const gr_run_images *r, const char *name)
{
    int64_t row;
    int table = find(r, name, &row);
    return table >= 0 ? r->tables[table].manifest.paths[row] : NULL;
}

const char *gr_run_images_own_name(const gr_run_images *r, const char *name)
{
    int64_t row;
    int table = find(r, name, &row);
    return table >= 0 ? name + strlen(r->tables[table].prefix) : name;
}
