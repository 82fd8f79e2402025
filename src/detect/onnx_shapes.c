/* ONNX's operators that move numbers and change none: shapes, slices, constants. */
#include <math.h>
#include <string.h>

#include "detect/onnx_kinds.h"

static gr_status copy(gr_onnx_call *c, int rank, const int64_t *dim)
{
    const gr_nd *x = c->in[0];
    gr_status status = gr_nd_make(&c->out[0], rank, dim, c->err);
    if (status == GR_OK && c->out[0].count != x->count)
        return gr_fail(c->err, GR_INVALID, "%lld numbers do not fill the shape", (long long)x->count);
    if (status == GR_OK && x->count > 0)
        memcpy(c->out[0].values, x->values, (size_t)x->count * sizeof *x->values);
    c->out[0].whole = x->whole;
    return status;
}

static gr_status run_identity(gr_onnx_call *c)
{
    return copy(c, c->in[0]->rank, c->in[0]->dim);
}

/* To float, or to whole numbers (their types from 2 to 13), which cuts what stands behind the point. */
static gr_status run_cast(gr_onnx_call *c)
{
    int64_t to = gr_onnx_whole(c, "to", 1);
    gr_status status = copy(c, c->in[0]->rank, c->in[0]->dim);
    c->out[0].whole = to != 1 && to != 10 && to != 11;
    for (int64_t i = 0; status == GR_OK && c->out[0].whole && i < c->out[0].count; i++)
        c->out[0].values[i] = truncf(c->out[0].values[i]);
    return status;
}

static gr_status run_reshape(gr_onnx_call *c)
{
    const gr_nd *x = c->in[0];
    int64_t dim[GR_ONNX_RANK], rest = x->count;
    int rank = gr_onnx_list(c, 1, "shape", dim, GR_ONNX_RANK), open = -1;
    for (int i = 0; i < rank; i++) {
        if (dim[i] == 0 && i < x->rank && gr_onnx_whole(c, "allowzero", 0) == 0)
            dim[i] = x->dim[i];
        if (dim[i] == -1 && open < 0)
            open = i;
        else if (dim[i] > 0 && rest % dim[i] == 0)
            rest /= dim[i];
        else
            return gr_fail(c->err, GR_INVALID, "%lld numbers do not fill the shape", (long long)x->count);
    }
    if (rank < 0)
        return gr_fail(c->err, GR_INVALID, "has no shape that is known");
    if (open >= 0)
        dim[open] = rest;
    return copy(c, rank, dim);
}

static gr_status run_flatten(gr_onnx_call *c)
{
    const gr_nd *x = c->in[0];
    int64_t axis = gr_onnx_whole(c, "axis", 1), dim[2] = {1, 1};
    axis += axis < 0 ? x->rank : 0;
    for (int i = 0; i < x->rank; i++)
        dim[i < axis ? 0 : 1] *= x->dim[i];
    return copy(c, 2, dim);
}

static gr_status run_squeeze(gr_onnx_call *c)
{
    const gr_nd *x = c->in[0];
    int64_t axes[GR_ONNX_RANK], dim[GR_ONNX_RANK];
    int count = gr_onnx_list(c, 1, "axes", axes, GR_ONNX_RANK), rank = 0;
    for (int i = 0; i < x->rank; i++) {
        bool gone = count < 0 && x->dim[i] == 1;
        for (int a = 0; a < count; a++)
            gone = gone || gr_onnx_axis(axes[a], x->rank) == i;
        if (!gone)
            dim[rank++] = x->dim[i];
    }
    return copy(c, rank, dim);
}

static gr_status run_unsqueeze(gr_onnx_call *c)
{
    const gr_nd *x = c->in[0];
    int64_t axes[GR_ONNX_RANK], dim[GR_ONNX_RANK];
    int count = gr_onnx_list(c, 1, "axes", axes, GR_ONNX_RANK), rank = x->rank + count, at = 0;
    if (count < 0 || rank > GR_ONNX_RANK)
        return gr_fail(c->err, GR_INVALID, "has no axes, or too many");
    for (int i = 0; i < rank; i++) {
        bool fresh = false;
        for (int a = 0; a < count; a++)
            fresh = fresh || gr_onnx_axis(axes[a], rank) == i;
        if (!fresh && at == x->rank)
            return gr_fail(c->err, GR_INVALID, "has an axis twice");
        dim[i] = fresh ? 1 : x->dim[at++];
    }
    return copy(c, rank, dim);
}

static gr_status run_shape(gr_onnx_call *c)
{
    gr_status status = gr_nd_make(&c->out[0], 1, (int64_t[]){c->in[0]->rank}, c->err);
    for (int i = 0; status == GR_OK && i < c->in[0]->rank; i++)
        c->out[0].values[i] = (float)c->in[0]->dim[i];
    c->out[0].whole = true;
    return status;
}

static gr_status run_constant(gr_onnx_call *c)
{
    const gr_onnx_attribute *a = gr_onnx_attribute_find(c->node, "value"),
                            *number = gr_onnx_attribute_find(c->node, "value_float"),
                            *whole = gr_onnx_attribute_find(c->node, "value_int"),
                            *list = gr_onnx_attribute_find(c->node, "value_ints");
    gr_status status = GR_OK;
    if (a != NULL && a->array != NULL) {
        status = gr_nd_make(&c->out[0], a->array->rank, a->array->dim, c->err);
        if (status == GR_OK && a->array->count > 0)
            memcpy(c->out[0].values, a->array->values, (size_t)a->array->count * sizeof(float));
        c->out[0].whole = a->array->whole;
    } else if (number != NULL || whole != NULL) {
        status = gr_nd_make(&c->out[0], 0, NULL, c->err);
        if (status == GR_OK)
            c->out[0].values[0] = (float)(number != NULL ? number->number : whole->number);
        c->out[0].whole = number == NULL;
    } else if (list != NULL) {
        status = gr_nd_make(&c->out[0], 1, (int64_t[]){list->count}, c->err);
        for (int i = 0; status == GR_OK && i < list->count; i++)
            c->out[0].values[i] = (float)list->wholes[i];
        c->out[0].whole = true;
    } else {
        return gr_fail(c->err, GR_INVALID, "has no value that is read");
    }
    return status;
}

/* ---- picking ---------------------------------------------------------------------------------------------------------- */

/* Numbers that stand behind one another along the axes behind `axis`. */
static int64_t behind(const gr_nd *x, int axis)
{
    int64_t size = 1;
    for (int i = axis + 1; i < x->rank; i++)
        size *= x->dim[i];
    return size;
}

/* out[i] = x[at[i_0], ...]: along axis a, place k of the result is read at first[a] + k * step[a]; axis a of the result is
 * axis from[a] of x. All places must be inside. */
static gr_status pick(gr_onnx_call *c, gr_nd *out, const int64_t *dim, const int *from, const int64_t *first,
                      const int64_t *step)
{
    const gr_nd *x = c->in[0];
    int64_t at[GR_ONNX_RANK] = {0}, move[GR_ONNX_RANK], place = 0;
    gr_status status = gr_nd_make(out, x->rank, dim, c->err);
    for (int a = 0; a < x->rank; a++) {
        place += first[a] * behind(x, from[a]);
        move[a] = step[a] * behind(x, from[a]);
    }
    for (int64_t i = 0; status == GR_OK && i < out->count; i++) {
        out->values[i] = x->values[place];
        for (int a = x->rank - 1; a >= 0; a--) {
            place += move[a];
            if (++at[a] < dim[a])
                break;
            at[a] = 0;
            place -= move[a] * dim[a];
        }
    }
    out->whole = x->whole;
    return status;
}

static gr_status run_transpose(gr_onnx_call *c)
{
    const gr_nd *x = c->in[0];
    int64_t order[GR_ONNX_RANK], dim[GR_ONNX_RANK], first[GR_ONNX_RANK] = {0}, step[GR_ONNX_RANK];
    int from[GR_ONNX_RANK], count = gr_onnx_list(c, -1, "perm", order, GR_ONNX_RANK);
    unsigned seen = 0;
    for (int i = 0; i < x->rank; i++) {
        int64_t axis = count < 0 ? x->rank - 1 - i : i < count ? order[i] : -1;
        if (axis < 0 || axis >= x->rank || (count >= 0 && count != x->rank) || seen >> axis & 1)
            return gr_fail(c->err, GR_INVALID, "perm does not name each axis once");
        seen |= 1u << axis;
        from[i] = (int)axis;
        dim[i] = x->dim[axis];
        step[i] = 1;
    }
    return pick(c, &c->out[0], dim, from, first, step);
}

/* Starts, ends, axes, steps: inputs, or attributes before opset 10. */
static gr_status run_slice(gr_onnx_call *c)
{
    const gr_nd *x = c->in[0];
    int64_t starts[GR_ONNX_RANK], ends[GR_ONNX_RANK], axes[GR_ONNX_RANK], steps[GR_ONNX_RANK];
    int64_t dim[GR_ONNX_RANK], first[GR_ONNX_RANK] = {0}, step[GR_ONNX_RANK];
    int from[GR_ONNX_RANK], count = gr_onnx_list(c, 1, "starts", starts, GR_ONNX_RANK);
    bool good = count >= 0 && gr_onnx_list(c, 2, "ends", ends, GR_ONNX_RANK) == count;
    int named = gr_onnx_list(c, 3, "axes", axes, GR_ONNX_RANK), stepped = gr_onnx_list(c, 4, "steps", steps, GR_ONNX_RANK);
    good = good && (named < 0 || named == count) && (stepped < 0 || stepped == count);
    for (int i = 0; i < x->rank; i++) {
        from[i] = i;
        dim[i] = x->dim[i];
        step[i] = 1;
    }
    for (int k = 0; good && k < count; k++) {
        int axis = gr_onnx_axis(named < 0 ? k : axes[k], x->rank);
        int64_t by = stepped < 0 ? 1 : steps[k];
        good = axis >= 0 && by != 0 && by > -(1 << 30) && by < 1 << 30;
        if (!good)
            break;
        int64_t n = x->dim[axis], lowest = by > 0 ? 0 : -1, highest = by > 0 ? n : n - 1, ends_at[2] = {starts[k], ends[k]};
        for (int e = 0; e < 2; e++) {
            int64_t v = ends_at[e] < 0 ? (ends_at[e] < -n ? (by > 0 ? 0 : -1) : ends_at[e] + n) : ends_at[e];
            ends_at[e] = v < lowest ? lowest : v > highest ? highest : v;
        }
        int64_t length = by > 0 ? (ends_at[1] - ends_at[0] + by - 1) / by : (ends_at[0] - ends_at[1] - by - 1) / -by;
        dim[axis] = length > 0 ? length : 0;
        first[axis] = dim[axis] > 0 ? ends_at[0] : 0;
        step[axis] = by;
    }
    return good ? pick(c, &c->out[0], dim, from, first, step)
                : gr_fail(c->err, GR_INVALID, "has starts, ends, axes or steps that do not go together");
}

/* Parts along an axis: their lengths as an input or attribute, or all alike. */
static gr_status run_split(gr_onnx_call *c)
{
    enum { PARTS = 256 };
    const gr_nd *x = c->in[0];
    int64_t lengths[PARTS], first[GR_ONNX_RANK] = {0}, step[GR_ONNX_RANK], dim[GR_ONNX_RANK];
    int from[GR_ONNX_RANK], axis = gr_onnx_axis(gr_onnx_whole(c, "axis", 0), x->rank);
    int count = gr_onnx_list(c, 1, "split", lengths, PARTS);
    if (axis < 0 || c->out_count > PARTS || (count >= 0 && count != c->out_count))
        return gr_fail(c->err, GR_INVALID, "has other numbers of parts and outputs, or no such axis");
    for (int i = 0; i < x->rank; i++) {
        from[i] = i;
        dim[i] = x->dim[i];
        step[i] = 1;
    }
    int64_t equal = (x->dim[axis] + c->out_count - 1) / c->out_count;
    gr_status status = GR_OK;
    for (int o = 0; status == GR_OK && o < c->out_count; o++) {
        int64_t left = x->dim[axis] - first[axis];
        dim[axis] = count >= 0 ? lengths[o] : equal < left ? equal : left;
        if (dim[axis] < 0 || dim[axis] > left)
            return gr_fail(c->err, GR_INVALID, "has parts that are longer than the whole");
        status = pick(c, &c->out[o], dim, from, first, step);
        first[axis] += dim[axis];
    }
    return status;
}

static gr_status run_concat(gr_onnx_call *c)
{
    const gr_nd *x = c->in[0];
    int axis = gr_onnx_axis(gr_onnx_whole(c, "axis", 0), x->rank);
    int64_t dim[GR_ONNX_RANK], before = 1;
    bool good = axis >= 0, whole = true;
    memcpy(dim, x->dim, sizeof dim);
    for (int i = 0; good && i < c->in_count; i++) {
        const gr_nd *n = c->in[i];
        good = n != NULL && n->rank == x->rank;
        for (int a = 0; good && a < x->rank; a++)
            good = a == axis || n->dim[a] == x->dim[a];
        if (good && i > 0)
            dim[axis] += n->dim[axis];
        whole = whole && good && n->whole;
    }
    if (!good)
        return gr_fail(c->err, GR_INVALID, "has inputs of shapes that do not go together");
    for (int a = 0; a < axis; a++)
        before *= dim[a];
    gr_status status = gr_nd_make(&c->out[0], x->rank, dim, c->err);
    float *to = c->out[0].values;
    for (int64_t b = 0; status == GR_OK && b < before; b++)
        for (int i = 0; i < c->in_count; i++) {
            int64_t size = before > 0 ? c->in[i]->count / before : 0;
            if (size > 0)
                memcpy(to, c->in[i]->values + b * size, (size_t)size * sizeof *to);
            to += size;
        }
    c->out[0].whole = whole;
    return status;
}

static gr_status run_gather(gr_onnx_call *c)
{
    const gr_nd *x = c->in[0], *at = c->in[1];
    int axis = gr_onnx_axis(gr_onnx_whole(c, "axis", 0), x->rank), rank = 0;
    int64_t dim[2 * GR_ONNX_RANK], before = 1;
    if (axis < 0 || x->rank - 1 + at->rank > GR_ONNX_RANK)
        return gr_fail(c->err, GR_INVALID, "has no such axis, or too many");
    for (int i = 0; i < axis; i++) {
        dim[rank++] = x->dim[i];
        before *= x->dim[i];
    }
    for (int i = 0; i < at->rank; i++)
        dim[rank++] = at->dim[i];
    for (int i = axis + 1; i < x->rank; i++)
        dim[rank++] = x->dim[i];
    int64_t size = behind(x, axis), n = x->dim[axis];
    for (int64_t i = 0; i < at->count; i++)
        if (!(at->values[i] >= (float)-n && at->values[i] < (float)n))
            return gr_fail(c->err, GR_INVALID, "%g is no place along an axis of %lld", (double)at->values[i], (long long)n);
    gr_status status = gr_nd_make(&c->out[0], rank, dim, c->err);
    for (int64_t b = 0; status == GR_OK && b < before; b++)
        for (int64_t i = 0; i < at->count; i++) {
            int64_t place = (int64_t)at->values[i] + (at->values[i] < 0 ? n : 0);
            if (size > 0)
                memcpy(c->out[0].values + (b * at->count + i) * size, x->values + (b * n + place) * size,
                       (size_t)size * sizeof(float));
        }
    c->out[0].whole = x->whole;
    return status;
}

/* With a constant; how much before and behind each axis is an input, or an attribute before opset 11; less than nothing cuts
 * off. */
static gr_status run_pad(gr_onnx_call *c)
{
    const gr_nd *x = c->in[0];
    int64_t pads[2 * GR_ONNX_RANK], dim[GR_ONNX_RANK], at[GR_ONNX_RANK] = {0};
    float fill = c->in[2] != NULL && c->in[2]->count > 0 ? c->in[2]->values[0] : (float)gr_onnx_number(c, "value", 0);
    bool good = gr_onnx_list(c, 1, "pads", pads, 2 * GR_ONNX_RANK) == 2 * x->rank && x->rank > 0 &&
                strcmp(gr_onnx_word(c, "mode", "constant"), "constant") == 0;
    for (int a = 0; good && a < x->rank; a++) {
        int64_t before = pads[a], after = pads[x->rank + a], most = 1 << 24;
        good = before > -most && after > -most && before < most && after < most && x->dim[a] + before + after >= 0;
        dim[a] = good ? x->dim[a] + before + after : 0;
    }
    if (!good)
        return gr_fail(c->err, GR_INVALID, "has borders that are not known here");
    gr_status status = gr_nd_make(&c->out[0], x->rank, dim, c->err);
    for (int64_t i = 0; status == GR_OK && i < c->out[0].count; i++)
        c->out[0].values[i] = fill;
    int last = x->rank - 1;
    for (int64_t i = 0; status == GR_OK && i < x->count; i++) {
        int64_t to = 0;
        bool inside = true;
        for (int a = 0; a < x->rank; a++) {
            inside = inside && at[a] + pads[a] >= 0 && at[a] + pads[a] < dim[a];
            to = to * dim[a] + at[a] + pads[a];
        }
        if (inside)
            c->out[0].values[to] = x->values[i];
        for (int a = last; a >= 0 && ++at[a] == x->dim[a]; a--)
            at[a] = 0;
    }
    return status;
}

const gr_onnx_kind gr_onnx_shapes[] = {{"Identity", 1, run_identity},
                                       {"Dropout", 1, run_identity},
                                       {"Cast", 1, run_cast},
                                       {"Reshape", 2, run_reshape},
                                       {"Flatten", 1, run_flatten},
                                       {"Squeeze", 1, run_squeeze},
                                       {"Unsqueeze", 1, run_unsqueeze},
                                       {"Shape", 1, run_shape},
                                       {"Constant", 0, run_constant},
                                       {"Transpose", 1, run_transpose},
                                       {"Slice", 1, run_slice},
                                       {"Split", 1, run_split},
                                       {"Concat", 1, run_concat},
                                       {"Gather", 2, run_gather},
                                       {"Pad", 1, run_pad},
                                       {NULL, 0, NULL}};
