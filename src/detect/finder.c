/* A detector that a user named, of whatever kind. */
#include <string.h>

#include "base/base.h"
#include "detect/found.h"
#include "detect/table.h"

struct gr_finder {
    const gr_detector *kind;
    void *state;
    char *name, *path;
};

static const gr_detector *const kinds[] = {GR_DETECTORS(GR_DETECTOR_ADDRESS)};
enum { KINDS = sizeof kinds / sizeof kinds[0] };

void gr_finder_close(gr_finder *f)
{
    if (f == NULL)
        return;
    if (f->state != NULL)
        f->kind->free(f->state);
    gr_free(f->name);
    gr_free(f->path);
    gr_free(f);
}

const char *gr_finder_path(const gr_finder *f)
{
    return f->path;
}

const char *gr_finder_name(const gr_finder *f)
{
    return f->name;
}

static gr_status open_as(const gr_detector *kind, const char *path, const gr_detect_options *options, gr_finder **out,
                         gr_error *err)
{
    const char *base = strrchr(path, '/');
    gr_finder *f = gr_alloc(1, sizeof *f);
    if (f != NULL) {
        f->kind = kind;
        f->path = gr_strdup(path);
        f->name = gr_strdup(base != NULL && base[1] != '\0' ? base + 1 : path);
    }
    if (f == NULL || f->path == NULL || f->name == NULL) {
        gr_finder_close(f);
        return gr_fail(err, GR_NOMEM, "no memory for a detector");
    }
    char *ending = strrchr(f->name, '.');
    if (ending != NULL && ending != f->name && !gr_is_folder(path))
        *ending = '\0';
    gr_status status = kind->open(f->path, f->name, options, &f->state, err);
    if (status == GR_OK)
        *out = f;
    else
        gr_finder_close(f);
    return status;
}

gr_status gr_finder_open(const char *path, const gr_detect_options *options, gr_finder **out, gr_error *err)
{
    const gr_detector *kind = gr_detector_of(kinds, KINDS, path);
    gr_status status = gr_detect_options_check(options, err);
    if (status != GR_OK)
        return status;
    if (!gr_path_exists(path))
        return gr_fail(err, GR_INVALID, "%s: there is no such detector", path);
    if (options->models != NULL && (gr_is_folder(path) || gr_ends_with(path, ".safetensors")))
        kind = options->models;
    if (kind == NULL)
        return gr_fail(err, GR_INVALID,
                       "%s: is no detector; an OpenCV cascade (.xml), a chain (.yaml), a network (.onnx) or a model of "
                       "task boxes (.safetensors, or a run) would be right",
                       path);
    return open_as(kind, path, options, out, err);
}

static gr_status add_file(const char *path, uint64_t *hash, gr_error *err)
{
    char *bytes = NULL;
    size_t size = 0;
    gr_status status = gr_file_read(path, (size_t)4 << 30, &bytes, &size, err);
    if (status == GR_OK)
        *hash = gr_hash(*hash, bytes, size);
    gr_free(bytes);
    return status;
}

gr_status gr_finder_content(const gr_finder *f, uint64_t *hash, gr_error *err)
{
    *hash = 0;
    gr_status status = gr_is_folder(f->path) ? GR_OK : add_file(f->path, hash, err);
    for (int i = 0; status == GR_OK && f->kind->file != NULL && f->kind->file(f->state, i) != NULL; i++)
        status = add_file(f->kind->file(f->state, i), hash, err);
    return status;
}

gr_status gr_finder_find(const gr_finder *f, const gr_image *image, gr_found_list *out, gr_error *err)
{
    gr_grey grey = {0};
    out->count = 0;
    gr_status status = f->kind->colour ? GR_OK : gr_grey_of(image, &grey, err);
    if (status != GR_OK)
        return status;
    status = f->kind->find(f->state, image, &grey, out, err);
    gr_grey_free(&grey);
    gr_found_sort(out);
    return status;
}
