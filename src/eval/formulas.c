/* The formulas of the numbers of classes, made from the list GR_METRICS of grimace/eval.h. */
#include "eval/formulas.h"

#include <math.h>
#include <stddef.h>

static double ratio(int64_t part, int64_t whole)
{
    return whole > 0 ? (double)part / (double)whole : NAN;
}

/* ---- what takes more than a line there ------------------------------------------------------------------------------------ */

static double mean_of(double sum, int count)
{
    return count > 0 ? sum / count : NAN;
}

static double mcc(const gr_evidence *e)
{
    double all = (double)e->n;
    double spread = sqrt(all * all - e->squares_true) * sqrt(all * all - e->squares_predicted);
    return spread > 0.0 ? ((double)e->right * all - e->both) / spread : NAN;
}

static double kappa(const gr_evidence *e)
{
    double all = (double)e->n, chance = e->both / (all * all);
    return e->n > 0 && chance < 1.0 ? (ratio(e->right, e->n) - chance) / (1.0 - chance) : NAN;
}

/* ---- a function a line ---------------------------------------------------------------------------------------------------- */

#define SHARE_FORMULA(metric, key, part, whole)                                                                             \
    static double formula_##metric(const gr_evidence *e) { return ratio(part, whole); }                                     \
    static void share_##metric(const gr_evidence *e, int64_t *of_part, int64_t *of_whole)                                   \
    {                                                                                                                       \
        *of_part = part;                                                                                                    \
        *of_whole = whole;                                                                                                  \
    }
#define NUMBER_FORMULA(metric, key, from, of, formula)                                                                      \
    static double formula_##metric(const gr_evidence *e) { return formula; }
GR_METRICS(SHARE_FORMULA, NUMBER_FORMULA)

#define COUNTS false
#define AREAS true
#define EACH true
#define WHOLE false
#define SHARE_RULE(metric, key, part, whole) [metric] = {key, COUNTS, EACH, formula_##metric, share_##metric},
#define NUMBER_RULE(metric, key, from, of, formula) [metric] = {key, from, of, formula_##metric, NULL},
const gr_metric_rule gr_metric_rules[GR_METRIC_COUNT] = {GR_METRICS(SHARE_RULE, NUMBER_RULE)};
