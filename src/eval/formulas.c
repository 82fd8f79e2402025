#include "eval/formulas.h"

#include <math.h>
#include <stddef.h>

static double ratio(int64_t part, int64_t whole)
{
    return whole > 0 ? (double)part / (double)whole : NAN;
}

/* ---- shares of counts --------------------------------------------------------------------------------------------------
 */

static void share_accuracy(const gr_evidence *e, int64_t *part, int64_t *whole)
{
    *part = e->right;
    *whole = e->n;
}

static void share_f1(const gr_evidence *e, int64_t *part, int64_t *whole)
{
    *part = 2 * e->tp;
    *whole = 2 * e->tp + e->fp + e->fn;
}

static void share_sensitivity(const gr_evidence *e, int64_t *part, int64_t *whole)
{
    *part = e->tp;
    *whole = e->tp + e->fn;
}

static void share_specificity(const gr_evidence *e, int64_t *part, int64_t *whole)
{
    *part = e->tn;
    *whole = e->tn + e->fp;
}

static void share_precision(const gr_evidence *e, int64_t *part, int64_t *whole)
{
    *part = e->tp;
    *whole = e->tp + e->fp;
}

static double of_share(void (*share)(const gr_evidence *e, int64_t *part, int64_t *whole), const gr_evidence *e)
{
    int64_t part, whole;
    share(e, &part, &whole);
    return ratio(part, whole);
}

static double accuracy(const gr_evidence *e)
{
    return of_share(share_accuracy, e);
}

static double f1(const gr_evidence *e)
{
    return of_share(share_f1, e);
}

static double sensitivity(const gr_evidence *e)
{
    return of_share(share_sensitivity, e);
}

static double specificity(const gr_evidence *e)
{
    return of_share(share_specificity, e);
}

static double precision(const gr_evidence *e)
{
    return of_share(share_precision, e);
}

/* ---- of all classes alike ----------------------------------------------------------------------------------------------
 */

static double balanced_accuracy(const gr_evidence *e)
{
    return e->with_recall > 0 ? e->recall / e->with_recall : NAN;
}

static double f1_macro(const gr_evidence *e)
{
    return e->with_f1 > 0 ? e->f1 / e->with_f1 : NAN;
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

/* ---- areas -------------------------------------------------------------------------------------------------------------
 */

static double auroc(const gr_evidence *e)
{
    return e->areas.auroc;
}

static double auprc(const gr_evidence *e)
{
    return e->areas.auprc;
}

static double trapezoid(const gr_evidence *e)
{
    return e->areas.trapezoid;
}

static double auroc_macro(const gr_evidence *e)
{
    return e->mean_auroc;
}

/* ---- the table, from the list of grimace/eval.h -------------------------------------------------------------------------
 */

#define COUNTS false
#define AREAS true
#define EACH true
#define WHOLE false
#define share_NONE NULL
#define RULE(metric, key, from, of, formula, share) [metric] = {key, from, of, formula, share_##share},
const gr_metric_rule gr_metric_rules[GR_METRIC_COUNT] = {GR_METRICS(RULE)};
