/* What the parts of the reader of PyTorch's files share: refusals, foreign objects, and what may still be made. */
#include "formats/torch_private.h"

gr_status gr_torch_refuse(const gr_torch *l, const char *what, gr_error *err)
{
    return gr_fail(err, GR_INVALID, "%s: is damaged: %s", l->source->path, what);
}

gr_status gr_torch_no_memory(const gr_torch *l, gr_error *err)
{
    return gr_fail(err, GR_NOMEM, "%s: no memory for its tensors", l->source->path);
}

gr_status gr_torch_spend(gr_torch *l, uint64_t bytes, gr_error *err)
{
    if (bytes > l->budget)
        return gr_fail(err, GR_INVALID, "%s: asks for far more memory than its size can mean", l->source->path);
    l->budget -= bytes;
    return GR_OK;
}

bool gr_torch_whole(const gr_pickle *object, uint64_t *out)
{
    *out = (uint64_t)object->integer;
    return object->kind == GR_PICKLE_INTEGER && object->integer >= 0;
}

gr_status gr_torch_make(const gr_torch *l, int what, void *data, gr_pickle **out, gr_error *err)
{
    *out = gr_pickle_new(l->arena, GR_PICKLE_FOREIGN);
    bool empty = what == GR_TORCH_ARRAY || what == GR_TORCH_THING;
    if ((data == NULL && !empty) || *out == NULL)
        return gr_torch_no_memory(l, err);
    (*out)->what = what;
    (*out)->data = data;
    return GR_OK;
}

/* Every element that the view names must lie in its storage, and it names at most as many as there are (a broadcast one may
 * repeat a few thousand), so that a small file cannot ask for much. */
bool gr_torch_fits(const gr_torch_view *v)
{
    int64_t elements;
    uint64_t last = v->offset, repeats = v->storage->view_count > 65536 ? v->storage->view_count : 65536;
    if (!gr_shape_count(&v->shape, &elements))
        return false;
    if (elements == 0)
        return true;
    for (int d = 0; d < v->shape.rank; d++) {
        uint64_t step;
        if (__builtin_mul_overflow((uint64_t)v->shape.dim[d] - 1, v->stride[d], &step) || __builtin_add_overflow(last, step, &last))
            return false;
    }
    return last < v->storage->view_count && (uint64_t)elements <= repeats;
}
