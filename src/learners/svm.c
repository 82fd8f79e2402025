/* LIBSVM's training, and the one vector that a linear kernel makes of its support vectors. */
#include "grimace/svm.h"

#include <libsvm/svm.h>
#include <limits.h>
#include <math.h>

#include "base/base.h"

/* LIBSVM's own default: where its optimiser stops. */
static const double stopping = 1e-3, cache_megabytes = 100;

static void say_nothing(const char *text)
{
    (void)text;
}

/* The rows as LIBSVM wants them: without zeros, each with an end mark. */
typedef struct problem {
    struct svm_problem svm;
    struct svm_node *nodes;
} problem;

static void free_problem(problem *p)
{
    gr_free(p->svm.x);
    gr_free(p->svm.y);
    gr_free(p->nodes);
}

static bool make_problem(const float *x, size_t features, const int64_t *rows, const bool *positive, int64_t count,
                         problem *p)
{
    size_t nodes = (size_t)count;
    for (int64_t i = 0; i < count; i++)
        for (size_t f = 0; f < features; f++)
            nodes += x[(size_t)rows[i] * features + f] != 0;
    p->svm.x = gr_alloc((size_t)count, sizeof *p->svm.x);
    p->svm.y = gr_alloc((size_t)count, sizeof *p->svm.y);
    p->nodes = gr_alloc(nodes, sizeof *p->nodes);
    if (p->svm.x == NULL || p->svm.y == NULL || p->nodes == NULL)
        return false;
    p->svm.l = (int)count;
    struct svm_node *next = p->nodes;
    for (int64_t i = 0; i < count; i++) {
        const float *row = x + (size_t)rows[i] * features;
        p->svm.x[i] = next;
        p->svm.y[i] = positive[i] ? 1 : -1;
        for (size_t f = 0; f < features; f++)
            if (row[f] != 0)
                *next++ = (struct svm_node){.index = (int)f + 1, .value = (double)row[f]};
        *next++ = (struct svm_node){.index = -1};
    }
    return true;
}

/* The sum of the support vectors with their coefficients; LIBSVM counts upwards for the class it met first. */
static gr_status take_model(const struct svm_model *model, size_t features, gr_svm *out, gr_error *err)
{
    double *sum = gr_alloc(features, sizeof *sum);
    out->weights = gr_alloc(features, sizeof *out->weights);
    if (sum == NULL || out->weights == NULL) {
        gr_free(sum);
        gr_svm_free(out);
        return gr_fail(err, GR_NOMEM, "no memory for the weights of a support vector machine");
    }
    double sign = model->label[0] > 0 ? 1 : -1;
    for (int i = 0; i < model->l; i++)
        for (const struct svm_node *n = model->SV[i]; n->index != -1; n++)
            sum[n->index - 1] += model->sv_coef[0][i] * n->value;
    for (size_t f = 0; f < features; f++)
        out->weights[f] = (float)(sign * sum[f]);
    out->bias = (float)(-sign * model->rho[0]);
    out->features = features;
    gr_free(sum);
    return GR_OK;
}

static gr_status check(size_t features, const bool *positive, int64_t count, const gr_svm_options *options, gr_error *err)
{
    const double *weights = options->class_weights;
    if (!(options->c > 0 && isfinite(options->c) && weights[0] > 0 && isfinite(weights[0]) && weights[1] > 0 &&
          isfinite(weights[1])))
        return gr_fail(err, GR_INVALID, "a support vector machine needs a penalty and class weights above 0");
    if (count > INT_MAX || features >= INT_MAX)
        return gr_fail(err, GR_INVALID, "a support vector machine takes at most %d images and features", INT_MAX);
    int64_t ones = 0;
    for (int64_t i = 0; i < count; i++)
        ones += positive[i];
    if (ones == 0 || ones == count)
        return gr_fail(err, GR_INVALID, "all %lld training images are of one class; a support vector machine needs both",
                       (long long)count);
    return GR_OK;
}

gr_status gr_svm_train(const float *x, size_t features, const int64_t *rows, const bool *positive, int64_t count,
                       const gr_svm_options *options, gr_svm *out, gr_error *err)
{
    *out = (gr_svm){0};
    gr_status status = check(features, positive, count, options, err);
    if (status != GR_OK)
        return status;
    problem p = {0};
    int labels[2] = {-1, 1};
    double weights[2] = {options->class_weights[0], options->class_weights[1]};
    struct svm_parameter parameter = {.svm_type = C_SVC,
                                      .kernel_type = LINEAR,
                                      .cache_size = cache_megabytes,
                                      .eps = stopping,
                                      .C = options->c,
                                      .nr_weight = 2,
                                      .weight_label = labels,
                                      .weight = weights,
                                      .shrinking = 1};
    struct svm_model *model = NULL;
    if (!make_problem(x, features, rows, positive, count, &p))
        status = gr_fail(err, GR_NOMEM, "no memory to train a support vector machine on %lld images", (long long)count);
    if (status == GR_OK) {
        svm_set_print_string_function(say_nothing);
        model = svm_train(&p.svm, &parameter);
        status = take_model(model, features, out, err);
        svm_free_and_destroy_model(&model);
    }
    free_problem(&p);
    return status;
}

double gr_svm_decide(const gr_svm *svm, const float *x)
{
    double sum = 0;
    for (size_t f = 0; f < svm->features; f++)
        sum += (double)svm->weights[f] * (double)x[f];
    return sum + (double)svm->bias;
}

gr_status gr_svm_write(const gr_svm *svm, const char *path, gr_error *err)
{
    gr_text out = {0};
    gr_text_printf(&out, "svm_type c_svc\nkernel_type linear\nnr_class 2\ntotal_sv 1\nrho %.17g\nlabel 1 0\nnr_sv 1 0\nSV\n1",
                     -(double)svm->bias);
    for (size_t f = 0; f < svm->features; f++)
        if (svm->weights[f] != 0)
            gr_text_printf(&out, " %zu:%.17g", f + 1, (double)svm->weights[f]);
    gr_text_printf(&out, " \n"); /* as LIBSVM ends a line */
    gr_status status =
        out.failed ? gr_fail(err, GR_NOMEM, "%s: no memory to write it", path) : gr_file_write(path, out.data, out.size, err);
    gr_text_free(&out);
    return status;
}

void gr_svm_free(gr_svm *svm)
{
    gr_free(svm->weights);
    *svm = (gr_svm){0};
}
