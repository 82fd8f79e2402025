#include "explain/relevance.h"

#include <string.h>

#include "explain/relevance_kinds.h"

enum { LINE = 64, NONE = -1 };

/* What is known of a value of the graph. */
typedef struct value_note {
    bool reached; /* depends on the image */
    bool weighed; /* behind a layer with weights */
    bool above;   /* no number below 0 */
    bool wanted;  /* gets relevance */
    bool kept;
    int givers;  /* steps that give it relevance */
    int readers; /* operators that read it */
    int slot;    /* its relevance's memory */
    bool written;
} value_note;

typedef struct slot {
    size_t bytes;
    bool busy;
    float *data;
} slot;

struct gr_relevance {
    const gr_graph *graph;
    gr_params *params;
    gr_workspace *workspace;
    gr_plan *plan;
    gr_relevance_options options;
    value_note *values;       /* [graph->value_count] */
    gr_relevance_step *steps; /* in the order of running */
    int step_count;
    const gr_op **norms; /* [graph->op_count] the batch norm that operator i takes in */
    slot *slots;
    int slot_count;
    size_t work_bytes;
    char *work;
    float *bounds; /* low and high of every first layer's input */
    float *start;
};

/* ---- what runs
 * -------------------------------------------------------------------------------------------------------------------------
 */

static void look_forward(gr_relevance *r)
{
    const gr_graph *g = r->graph;
    r->values[r->options.to->index].reached = true;
    for (int o = 0; o < g->op_count; o++) {
        const gr_op *op = g->ops[o];
        const gr_relevance_kind *kind = gr_relevance_kind_of(op->type);
        value_note all = {.weighed = kind != NULL && kind->weighs};
        bool above[GR_MAX_INPUTS];
        for (int i = 0; i < op->in_count; i++) {
            value_note *in = &r->values[op->in[i]->index];
            all.reached = all.reached || in->reached;
            all.weighed = all.weighed || (in->weighed && in->reached);
            above[i] = in->above;
            in->readers++;
        }
        all.above = gr_relevance_stays_above(op, above);
        for (int i = 0; i < op->out_count; i++)
            r->values[op->out[i]->index] = all;
    }
}

/* Which batch norm each layer takes in: the only reader of its output, unless that is where relevance starts. */
static void find_norms(gr_relevance *r)
{
    const gr_graph *g = r->graph;
    for (int o = 0; r->options.rules.fold_norm && o < g->op_count; o++) {
        const gr_op *norm = g->ops[o];
        const gr_relevance_kind *kind = gr_relevance_kind_of(norm->type);
        if (kind == NULL || kind->weighs || norm->param_count != 4 || norm->in[0]->maker == NULL)
            continue;
        const gr_relevance_kind *layer = gr_relevance_kind_of(norm->in[0]->maker->type);
        if (layer == NULL || !layer->weighs || r->values[norm->in[0]->index].readers != 1 || norm->in[0] == r->options.from)
            continue;
        for (int i = 0; i < o; i++)
            if (g->ops[i] == norm->in[0]->maker)
                r->norms[i] = norm;
    }
}

static bool is_taken_in(const gr_relevance *r, const gr_op *op)
{
    for (int i = 0; i < r->graph->op_count; i++)
        if (r->norms[i] == op)
            return true;
    return false;
}

static gr_shape shape_of(const gr_relevance *r, const gr_value *value)
{
    gr_shape shape = value->shape;
    shape.dim[0] = r->options.batch;
    return shape;
}

static gr_relevance_step make_step(const gr_relevance *r, int o)
{
    const gr_op *op = r->graph->ops[o], *norm = r->norms[o];
    gr_relevance_step step = {.kind = gr_relevance_kind_of(op->type),
                              .op = op,
                              .norm = norm,
                              .graph = r->graph,
                              .params = r->params,
                              .rules = &r->options.rules};
    step.call = (gr_call){.op = op, .threads = gr_threads_get()};
    for (int i = 0; i < op->out_count; i++) {
        step.out[i] = norm != NULL ? norm->out[0] : op->out[i];
        step.call.out[i].shape = shape_of(r, step.out[i]);
    }
    for (int i = 0; i < op->in_count; i++) {
        step.call.in[i].shape = shape_of(r, op->in[i]);
        step.above[i] = r->values[op->in[i]->index].above;
    }
    for (int i = 0; i < op->param_count; i++) {
        const gr_parameter *parameter = r->graph->params[op->param[i]];
        step.call.param[i].shape = parameter->shape;
        step.call.param[i].data = r->params->values + parameter->offset;
    }
    step.first = step.kind != NULL && step.kind->weighs && !r->values[op->in[0]->index].weighed;
    return step;
}

static bool gives(const gr_relevance *r, const gr_relevance_step *step, int i)
{
    bool given = step->kind->gives == NULL || step->kind->gives(step, i);
    return given && r->values[step->op->in[i]->index].reached;
}

static gr_status check_kind(const gr_op *op, const gr_relevance_kind *kind, gr_error *err)
{
    if (kind == NULL)
        return gr_fail(err, GR_INVALID, "%s: there is no rule that brings relevance through the operator %s", op->name,
                       op->type->name);
    return kind->refusal == NULL ? GR_OK : gr_fail(err, GR_INVALID, "%s: %s", op->name, kind->refusal);
}

static gr_status look_back(gr_relevance *r, gr_error *err)
{
    r->values[r->options.from->index].wanted = true;
    for (int o = r->graph->op_count - 1; o >= 0; o--) {
        gr_relevance_step step = make_step(r, o);
        bool used = false;
        for (int i = 0; i < step.op->out_count; i++)
            used = used || (step.out[i] != NULL && r->values[step.out[i]->index].wanted);
        if (!used || !r->values[step.op->out[0]->index].reached || is_taken_in(r, step.op))
            continue;
        gr_status status = check_kind(step.op, step.kind, err);
        if (status != GR_OK)
            return status;
        for (int i = 0; i < step.op->in_count; i++)
            if (gives(r, &step, i)) {
                r->values[step.op->in[i]->index].wanted = true;
                r->values[step.op->in[i]->index].givers++;
            }
        r->steps[r->step_count++] = step;
    }
    if (!r->values[r->options.to->index].wanted)
        return gr_fail(err, GR_INVALID, "%s does not depend on %s", r->options.from->name, r->options.to->name);
    return GR_OK;
}

/* ---- memory
 * ------------------------------------------------------------------------------------------------------------------------------
 */

static int take_slot(gr_relevance *r, size_t bytes)
{
    int best = NONE;
    for (int i = 0; i < r->slot_count; i++) {
        const slot *s = &r->slots[i];
        if (s->busy)
            continue;
        bool better = best == NONE || (s->bytes >= bytes ? r->slots[best].bytes < bytes || s->bytes < r->slots[best].bytes
                                                         : s->bytes > r->slots[best].bytes);
        best = better ? i : best;
    }
    if (best == NONE)
        best = r->slot_count++;
    slot *s = &r->slots[best];
    s->bytes = s->bytes > bytes ? s->bytes : bytes;
    s->busy = true;
    return best;
}

static size_t bytes_of(const gr_relevance *r, const gr_value *value)
{
    gr_shape shape = shape_of(r, value);
    return (size_t)gr_shape_elements(&shape) * sizeof(float);
}

/* Where the relevance of input i goes. An input that only this step gives to has its output's memory when the numbers are
 * the same. */
static void place_input(gr_relevance *r, gr_relevance_step *step, int i)
{
    value_note *in = &r->values[step->op->in[i]->index], *out = &r->values[step->out[0]->index];
    if (i == 0 && in->givers == 1 && step->kind->passes != NULL && step->kind->passes(step)) {
        in->slot = out->slot;
        in->written = step->idle = true;
        out->slot = NONE;
        return;
    }
    if (in->slot == NONE)
        in->slot = take_slot(r, bytes_of(r, step->op->in[i]));
    step->call.in[i].accumulate = in->written;
    step->in_slot[i] = in->slot;
    in->written = true;
}

static void place(gr_relevance *r)
{
    for (int i = 0; i < r->graph->value_count; i++)
        r->values[i].slot = NONE;
    r->values[r->options.from->index].slot = take_slot(r, bytes_of(r, r->options.from));
    for (int s = 0; s < r->step_count; s++) {
        gr_relevance_step *step = &r->steps[s];
        for (int i = 0; i < step->op->out_count; i++)
            step->out_slot[i] = r->values[step->out[i]->index].slot;
        for (int i = 0; i < step->op->in_count; i++) {
            step->in_slot[i] = NONE;
            if (gives(r, step, i))
                place_input(r, step, i);
        }
        for (int i = 0; i < step->op->out_count; i++) /* who still has it here gave it to nobody, and is done */
            if (step->out_slot[i] != NONE && r->values[step->out[i]->index].slot == step->out_slot[i])
                r->slots[step->out_slot[i]].busy = false;
    }
}

static float *slot_of(const gr_relevance *r, int s)
{
    return s != NONE ? r->slots[s].data : NULL;
}

static gr_status allocate(gr_relevance *r, gr_error *err)
{
    bool good = true;
    for (int i = 0; i < r->slot_count; i++) {
        r->slots[i].data = gr_alloc_aligned(r->slots[i].bytes, 1);
        good = good && r->slots[i].data != NULL;
    }
    for (int s = 0; s < r->step_count; s++) {
        gr_relevance_step *step = &r->steps[s];
        for (int i = 0; i < step->op->in_count; i++)
            step->call.in[i].grad = slot_of(r, step->in_slot[i]);
        for (int i = 0; i < step->op->out_count; i++)
            step->call.out[i].grad = slot_of(r, step->out_slot[i]);
        size_t saved = step->kind->saved_size != NULL ? (step->kind->saved_size(step) + LINE - 1) / LINE * LINE : 0;
        size_t bytes = saved + (step->kind->scratch_size != NULL ? step->kind->scratch_size(step) : 0);
        r->work_bytes = r->work_bytes > bytes ? r->work_bytes : bytes;
    }
    r->work = gr_alloc_aligned(r->work_bytes + LINE, 1);
    r->start = gr_alloc(bytes_of(r, r->options.from), 1);
    good = good && r->work != NULL && r->start != NULL;
    return good ? GR_OK : gr_fail(err, GR_NOMEM, "no memory for the relevance of %lld images", (long long)r->options.batch);
}

/* ---- making it
 * -----------------------------------------------------------------------------------------------------------------------------
 */

static gr_status compile(gr_relevance *r, gr_error *err)
{
    const gr_value **keep = gr_alloc((size_t)r->graph->value_count, sizeof *keep);
    if (keep == NULL)
        return gr_fail(err, GR_NOMEM, "no memory for the plan");
    r->values[r->options.from->index].kept = true;
    if (r->options.also != NULL)
        r->values[r->options.also->index].kept = true;
    for (int s = 0; s < r->step_count; s++) {
        const gr_relevance_step *step = &r->steps[s];
        unsigned reads = step->kind->reads != NULL ? step->kind->reads(step) : 0;
        for (int i = 0; i < step->op->in_count; i++)
            if (reads >> i & 1)
                r->values[step->op->in[i]->index].kept = true;
        for (int i = 0; i < step->op->out_count; i++)
            if (reads / GR_READS_OUTPUT0 >> i & 1)
                r->values[step->out[i]->index].kept = true;
    }
    int count = 0;
    for (int i = 0; i < r->graph->value_count; i++)
        if (r->values[i].kept)
            keep[count++] = r->graph->values[i];
    gr_plan_options options = {.batch = r->options.batch, .explained = true, .keep = keep, .keep_count = count};
    gr_status status = gr_plan_compile(r->graph, r->params, r->workspace, &options, &r->plan, err);
    gr_free(keep);
    return status;
}

static float *data_of(const gr_relevance *r, const gr_value *value)
{
    return r->values[value->index].kept ? gr_plan_data(r->plan, value) : NULL;
}

static void fill_images(gr_relevance *r, const float *channels)
{
    gr_shape shape = shape_of(r, r->options.to);
    int64_t c = gr_shape_last(&shape);
    float *images = gr_relevance_images(r);
    for (int64_t i = 0; i < gr_shape_elements(&shape); i++)
        images[i] = channels[i % c];
}

/* The range of what first layers see is what the steps in front of them make of the darkest and the brightest image. */
static gr_status find_bounds(gr_relevance *r, gr_error *err)
{
    size_t floats = 0;
    if (r->options.low == NULL || r->options.high == NULL)
        return gr_fail(err, GR_INVALID, "these rules need the range of the image's values");
    for (int s = 0; s < r->step_count; s++)
        floats += r->steps[s].first ? (size_t)gr_relevance_elements(&r->steps[s].call.in[0]) : 0;
    r->bounds = gr_alloc(2 * floats + 1, sizeof *r->bounds);
    if (r->bounds == NULL)
        return gr_fail(err, GR_NOMEM, "no memory for the range of the image's values");
    float *at = r->bounds;
    for (int high = 0; high < 2; high++) {
        fill_images(r, high ? r->options.high : r->options.low);
        gr_plan_forward(r->plan, 0, 0);
        for (int s = 0; s < r->step_count; s++) {
            gr_relevance_step *step = &r->steps[s];
            if (!step->first || data_of(r, step->op->in[0]) == NULL)
                continue;
            size_t count = (size_t)(gr_relevance_elements(&step->call.in[0]) / r->options.batch);
            memcpy(at, data_of(r, step->op->in[0]), count * sizeof *at);
            *(high ? &step->high : &step->low) = at;
            at += count;
        }
    }
    return GR_OK;
}

static gr_status make(gr_relevance *r, gr_error *err)
{
    look_forward(r);
    find_norms(r);
    gr_status status = look_back(r, err);
    if (status != GR_OK)
        return status;
    place(r);
    for (int s = 0; status == GR_OK && s < r->step_count; s++)
        if (r->steps[s].kind->prepare != NULL)
            status = r->steps[s].kind->prepare(&r->steps[s], err);
    if (status == GR_OK)
        status = allocate(r, err);
    if (status == GR_OK)
        status = compile(r, err);
    if (status == GR_OK && r->options.rules.bounded)
        status = find_bounds(r, err);
    return status;
}

gr_status gr_relevance_create(const gr_graph *graph, gr_params *params, const gr_relevance_options *options,
                              gr_relevance **out, gr_error *err)
{
    *out = NULL;
    gr_status status = gr_graph_status(graph, err);
    if (status != GR_OK)
        return status;
    gr_relevance *r = gr_alloc(1, sizeof *r);
    if (r == NULL)
        return gr_fail(err, GR_NOMEM, "no memory for relevance");
    r->graph = graph;
    r->params = params;
    r->options = *options;
    r->workspace = gr_workspace_create();
    r->values = gr_alloc((size_t)graph->value_count, sizeof *r->values);
    r->steps = gr_alloc((size_t)graph->op_count, sizeof *r->steps);
    r->norms = gr_alloc((size_t)graph->op_count, sizeof *r->norms);
    r->slots = gr_alloc((size_t)graph->value_count, sizeof *r->slots);
    bool good = r->workspace != NULL && r->values != NULL && r->steps != NULL && r->norms != NULL && r->slots != NULL;
    status = good ? make(r, err) : gr_fail(err, GR_NOMEM, "no memory for relevance");
    r->options.low = r->options.high = NULL; /* the caller's */
    if (status != GR_OK) {
        gr_relevance_destroy(r);
        return status;
    }
    *out = r;
    return GR_OK;
}

void gr_relevance_destroy(gr_relevance *r)
{
    if (r == NULL)
        return;
    for (int s = 0; r->steps != NULL && s < r->step_count; s++)
        if (r->steps[s].kind->destroy != NULL)
            r->steps[s].kind->destroy(&r->steps[s]);
    for (int i = 0; r->slots != NULL && i < r->slot_count; i++)
        gr_free(r->slots[i].data);
    gr_plan_destroy(r->plan);
    gr_workspace_destroy(r->workspace);
    gr_free(r->values);
    gr_free(r->steps);
    gr_free(r->norms);
    gr_free(r->slots);
    gr_free(r->work);
    gr_free(r->bounds);
    gr_free(r->start);
    gr_free(r);
}

/* ---- running it
 * --------------------------------------------------------------------------------------------------------------------------
 */

float *gr_relevance_images(gr_relevance *r)
{
    return gr_plan_data(r->plan, r->options.to);
}

const float *gr_relevance_forward(gr_relevance *r)
{
    gr_plan_forward(r->plan, 0, 0);
    return gr_plan_data(r->plan, r->options.from);
}

const float *gr_relevance_also(const gr_relevance *r)
{
    return r->options.also != NULL ? gr_plan_data(r->plan, r->options.also) : NULL;
}

static void run_step(gr_relevance *r, gr_relevance_step *step)
{
    gr_call *call = &step->call;
    size_t saved = step->kind->saved_size != NULL ? (step->kind->saved_size(step) + LINE - 1) / LINE * LINE : 0;
    call->saved = r->work;
    call->scratch = r->work + saved;
    for (int i = 0; i < step->op->in_count; i++)
        call->in[i].data = data_of(r, step->op->in[i]);
    for (int i = 0; i < step->op->out_count; i++)
        call->out[i].data = data_of(r, step->out[i]);
    step->kind->run(step);
}

const float *gr_relevance_propagate(gr_relevance *r, const float *start)
{
    memcpy(r->slots[0].data, start, bytes_of(r, r->options.from));
    for (int s = 0; s < r->step_count; s++)
        if (!r->steps[s].idle)
            run_step(r, &r->steps[s]);
    return slot_of(r, r->values[r->options.to->index].slot);
}

const float *gr_relevance_explain(gr_relevance *r, const int64_t *index)
{
    const float *values = gr_plan_data(r->plan, r->options.from);
    int64_t outputs = gr_shape_last(&r->options.from->shape);
    memset(r->start, 0, bytes_of(r, r->options.from));
    for (int64_t n = 0; n < r->options.batch; n++) {
        float value = values[n * outputs + index[n]];
        r->start[n * outputs + index[n]] = r->options.rules.start_above_0 && value < 0.0f ? 0.0f : value;
    }
    return gr_relevance_propagate(r, r->start);
}

void gr_relevance_map_sums(const gr_relevance *r, double *sums)
{
    gr_shape shape = shape_of(r, r->options.to);
    const float *map = slot_of(r, r->values[r->options.to->index].slot);
    gr_relevance_sums(r->options.batch, gr_shape_elements(&shape) / r->options.batch, map, sums);
}
