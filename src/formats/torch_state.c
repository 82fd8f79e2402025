/* The elements of the tensors that were found. */
#include "formats/torch_private.h"

#include <inttypes.h>
#include <string.h>

/* The elements of a storage, kept until another is wanted: tensors that share one follow each other. */
static gr_status read_storage(gr_torch *l, const gr_torch_storage *s, gr_error *err)
{
    uint64_t bytes;
    const gr_zip_entry *entry = NULL;
    if (l->raw_of != NULL && strcmp(l->raw_of->key, s->key) == 0 && l->raw_of->count >= s->count &&
        l->raw_of->type == s->type)
        return GR_OK;
    bool good = !__builtin_mul_overflow(s->count, (uint64_t)gr_type_size(s->type), &bytes);
    if (good && l->prefix != NULL) {
        char *name = gr_arena_printf(l->arena, "%sdata/%s", l->prefix, s->key);
        if (name == NULL)
            return gr_torch_no_memory(l, err);
        entry = gr_zip_find(&l->zip, name);
        good = entry != NULL && entry->size >= bytes;
        bytes = good ? entry->size : 0;
    }
    if (!good)
        return gr_fail(err, GR_INVALID, "%s: is damaged: storage \"%s\" is missing or shorter than its %" PRIu64 " elements",
                       l->source->path, s->key, s->count);
    gr_status status = gr_torch_spend(l, bytes, err);
    if (status != GR_OK)
        return status;
    gr_free(l->raw);
    l->raw_of = NULL;
    l->raw = gr_alloc_aligned(bytes + 1, 1);
    if (l->raw == NULL)
        return gr_torch_no_memory(l, err);
    status = entry != NULL ? gr_zip_read(&l->zip, entry, l->raw, err) : gr_source_read(l->source, l->raw, bytes, s->at, err);
    l->raw_of = status == GR_OK ? s : NULL;
    return status;
}

/* Strided elements at `from` into a dense row-major array. */
static void copy_view(const gr_torch_view *v, const char *from, char *to)
{
    size_t size = gr_type_size(v->storage->type);
    int64_t count = gr_shape_elements(&v->shape), index[GR_MAX_RANK] = {0};
    from += (v->storage->view_at + v->offset) * size;
    for (int64_t i = 0; i < count; i++) {
        uint64_t at = 0;
        for (int d = 0; d < v->shape.rank; d++)
            at += (uint64_t)index[d] * v->stride[d];
        memcpy(to + (uint64_t)i * size, from + at * size, size);
        for (int d = v->shape.rank - 1; d >= 0 && ++index[d] == v->shape.dim[d]; d--)
            index[d] = 0;
    }
}

static bool is_dense(const gr_torch_view *v)
{
    uint64_t expected = 1;
    for (int d = v->shape.rank - 1; d >= 0; d--) {
        if (v->shape.dim[d] != 1 && v->stride[d] != expected)
            return false;
        expected *= (uint64_t)v->shape.dim[d];
    }
    return true;
}

static gr_status take_tensor(gr_torch *l, const char *name, const gr_torch_view *v, gr_weights *weights, gr_error *err)
{
    gr_tensor tensor = {0};
    size_t bytes = 0, size = gr_type_size(v->storage->type);
    if (!gr_shape_bytes(&v->shape, v->storage->type, &bytes))
        return gr_torch_refuse(l, "a tensor is too large", err);
    gr_status status = gr_torch_spend(l, bytes, err);
    if (status == GR_OK && bytes > 0 && v->storage->bytes == NULL)
        status = read_storage(l, v->storage, err);
    if (status == GR_OK)
        status = gr_tensor_create(&tensor, v->storage->type, &v->shape, err);
    if (status == GR_OK && bytes > 0) {
        const char *from = v->storage->bytes != NULL ? v->storage->bytes : l->raw;
        if (is_dense(v))
            memcpy(tensor.data, from + (v->storage->view_at + v->offset) * size, bytes);
        else
            copy_view(v, from, tensor.data);
    }
    if (status == GR_OK) {
        status = gr_weights_take(weights, name, &tensor, err);
        if (status == GR_INVALID)
            gr_error_prefix(err, "%s", l->source->path);
    }
    gr_tensor_destroy(&tensor);
    return status;
}

gr_status gr_torch_take_state(gr_torch *l, const gr_pickle *root, gr_weights *weights, gr_error *err)
{
    gr_torch_found *found = NULL;
    size_t count = 0;
    gr_status status = gr_torch_find(l, root, &found, &count, err);
    for (size_t i = 0; status == GR_OK && i < count; i++)
        status = take_tensor(l, found[i].name, found[i].view, weights, err);
    gr_free(found);
    return status;
}
