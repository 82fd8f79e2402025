/* Keras's VarianceScaling (keras/src/initializers/random_initializers.py): with n the fan that the mode asks for,
 *
 *   uniform           U(-r, r), r = sqrt(3 scale / n)
 *   truncated normal  N(0, s^2) drawn anew beyond 2 s, s = sqrt(scale / n) / .87962566103423978, so that its deviation is
 *                     sqrt(scale / n)
 *
 * and what a graph's layers have in place of what was built. */
#include "graph/initial.h"

#include <math.h>
#include <string.h>

#include "base/base.h"
#include "graph/op.h"

static const double CUT_DEVIATION = 0.87962566103423978; /* of a standard normal cut at 2 */

typedef enum fan { IN, MEAN } fan;

static const struct rule {
    const char *name;
    gr_init init;
    double scale;
    fan fan;
    bool normal;
} rules[] = {
    {"default", GR_INIT_ZERO, 0, IN, false},
    {"glorot_uniform", GR_INIT_GLOROT_UNIFORM, 1, MEAN, false},
    {"glorot_normal", GR_INIT_GLOROT_NORMAL, 1, MEAN, true},
    {"he_uniform", GR_INIT_HE_UNIFORM, 2, IN, false},
    {"he_normal", GR_INIT_HE_NORMAL, 2, IN, true},
    {"lecun_uniform", GR_INIT_LECUN_UNIFORM, 1, IN, false},
    {"lecun_normal", GR_INIT_LECUN_NORMAL, 1, IN, true},
};
enum { RULES = sizeof rules / sizeof rules[0] };

const char *gr_init_name(int i)
{
    return i >= 0 && i < RULES ? rules[i].name : NULL;
}

double gr_init_draw(const gr_parameter *param, gr_rng *rng)
{
    const struct rule *rule = rules;
    while (rule->init != param->init)
        rule++;
    double in = (double)(param->depthwise ? param->fan_out : param->fan_in);
    double n = rule->fan == IN ? in : (double)(param->fan_in + param->fan_out) / 2;
    double deviation = sqrt(rule->scale / fmax(n, 1.0));
    if (!rule->normal)
        return deviation * sqrt(3.0) * (2.0 * gr_rng_double(rng) - 1.0);
    double z = gr_rng_normal(rng);
    while (fabs(z) > 2.0)
        z = gr_rng_normal(rng);
    return z * deviation / CUT_DEVIATION;
}

gr_status gr_graph_set_init(gr_graph *graph, const char *name, gr_error *err)
{
    for (int i = 0; i < RULES; i++)
        if (name == NULL || strcmp(name, rules[i].name) == 0) {
            graph->own_init = i > 0;
            graph->init = rules[i].init;
            return GR_OK;
        }
    return gr_fail(err, GR_INVALID, "there is no initialiser \"%s\"; glorot_uniform, he_normal or default would be right", name);
}

static const char *const variances[] = {"unbiased", "images", "biased"};
enum { VARIANCES = sizeof variances / sizeof variances[0] };

const char *gr_batch_norm_variance_name(int i)
{
    return i >= 0 && i < VARIANCES ? variances[i] : NULL;
}

gr_status gr_graph_set_batch_norm(gr_graph *graph, double eps, double momentum, const char *variance, gr_error *err)
{
    graph->norm_eps = eps;
    graph->norm_momentum = momentum;
    for (int i = 0; i < VARIANCES; i++)
        if (variance == NULL || strcmp(variance, variances[i]) == 0) {
            graph->norm_variance = (gr_batch_norm_variance)i;
            return GR_OK;
        }
    return gr_fail(err, GR_INVALID, "there is no batch norm variance \"%s\"; unbiased, images or biased would be right", variance);
}
