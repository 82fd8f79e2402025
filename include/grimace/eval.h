/* Evaluation: numbers from labels, predictions and class probabilities (grimace/results.h has their files and tables). What
 * is undefined (0/0, a curve over one class) is NaN here, null in JSON, empty in CSV and "-" in a table. */
#ifndef GRIMACE_EVAL_H
#define GRIMACE_EVAL_H

#include <stdbool.h>

#include "grimace/base.h"
#include "grimace/interval.h"

struct gr_reported; /* what a paper reports: grimace/reported.h */

/* The one list of the numbers of classes, in the order of all files: a new number is a line here. SHARE: one count over another,
 * which so has an exact interval; NUMBER: any other. Each has its name in C, its key in files, what it follows from (COUNTS of the
 * confusion matrix or AREAS under curves; shares are of counts), whether one class against the rest has it (EACH) or only all
 * together (WHOLE), and its formula from the evidence `e` (src/eval/formulas.h). They are about the positive class where one is
 * meant, which is then compared with all others together: tp, fp, fn, tn are counts of that comparison. */
/* clang-format off */
#define GR_METRICS(SHARE, NUMBER) \
    /* right over all, all classes counted */ \
    SHARE(GR_METRIC_ACCURACY, "accuracy", e->right, e->n) \
    SHARE(GR_METRIC_F1, "f1", 2 * e->tp, 2 * e->tp + e->fp + e->fn) \
    SHARE(GR_METRIC_SENSITIVITY, "sensitivity", e->tp, e->tp + e->fn) /* recall */ \
    SHARE(GR_METRIC_SPECIFICITY, "specificity", e->tn, e->tn + e->fp) \
    SHARE(GR_METRIC_PRECISION, "precision", e->tp, e->tp + e->fp) \
    /* P(a positive scores above a negative), ties counted half */ \
    NUMBER(GR_METRIC_AUROC, "auroc", AREAS, EACH, e->areas.auroc) \
    /* average precision: sum of (recall step) * precision */ \
    NUMBER(GR_METRIC_AUPRC, "auprc", AREAS, EACH, e->areas.auprc) \
    /* mean recall of classes */ \
    NUMBER(GR_METRIC_BALANCED_ACCURACY, "balanced_accuracy", COUNTS, EACH, mean_of(e->recall, e->with_recall)) \
    /* mean F1 of classes that occur or are predicted */ \
    NUMBER(GR_METRIC_F1_MACRO, "f1_macro", COUNTS, WHOLE, mean_of(e->f1, e->with_f1)) \
    /* Matthews' correlation, of all classes (Gorodkin 2004) */ \
    NUMBER(GR_METRIC_MCC, "mcc", COUNTS, EACH, mcc(e)) \
    /* Cohen's kappa of labels and predictions, not weighted */ \
    NUMBER(GR_METRIC_KAPPA, "kappa", COUNTS, EACH, kappa(e)) \
    /* mean over classes against the rest */ \
    NUMBER(GR_METRIC_AUROC_MACRO, "auroc_macro", AREAS, WHOLE, e->mean_auroc) \
    /* under straight lines, from (0, 1) */ \
    NUMBER(GR_METRIC_AUPRC_TRAPEZOID, "auprc_trapezoid", AREAS, EACH, e->areas.trapezoid)
/* clang-format on */

#define GR_SHARE_IN_ENUM(metric, key, part, whole) metric,
#define GR_NUMBER_IN_ENUM(metric, key, from, of, formula) metric,
typedef enum gr_metric { GR_METRICS(GR_SHARE_IN_ENUM, GR_NUMBER_IN_ENUM) GR_METRIC_COUNT } gr_metric;
#undef GR_SHARE_IN_ENUM
#undef GR_NUMBER_IN_ENUM

/* Its key in results.json ("accuracy", ...). Never fails. */
const char *gr_metric_name(gr_metric metric);
/* Has a block of one class against the rest this number? Not the two macro means. Never fails. */
bool gr_metric_of_class(gr_metric metric);

/* One class against all others together: as if there were two classes and this one were positive. */
typedef struct gr_class_metrics {
    int64_t tp, fp, fn, tn;
    double value[GR_METRIC_COUNT];
} gr_class_metrics;

typedef struct gr_metrics {
    int64_t n;
    int class_count;
    bool repeated; /* some image counts more than once (split.repeats): rows are not independent, exact intervals undefined */
    int64_t *confusion;        /* [class_count, class_count], rows true, columns predicted; owned */
    gr_class_metrics *classes; /* [class_count]; owned */
    double value[GR_METRIC_COUNT];
} gr_metrics;

/* The Clopper-Pearson interval of `successes` out of `trials` at `level`, such as 0.95: the exact one, by quantiles of the
 * beta distribution (Clopper and Pearson 1934, Biometrika 26, 404-413). NaN without trials. Never fails. */
gr_interval gr_clopper_pearson(int64_t successes, int64_t trials, double level);
/* That of a metric which is a share of counts (accuracy, sensitivity, specificity, precision, and F1 as 2 tp out of
 * 2 tp + fp + fn, as DeepMGS takes it), of metrics->value for cls < 0, else of metrics->classes[cls]. `positive` is the
 * class that metrics->value is about; NaN when metrics->repeated. false, and NaN, for other metrics. Never fails. */
bool gr_metrics_interval(const gr_metrics *metrics, int positive, int cls, gr_metric metric, double level, gr_interval *out);

/* From labels[n], predicted[n] in [0, class_count) and probabilities[n, class_count] (NULL: no curves), all BORROWED; 0 <=
 * positive < class_count. *out GIVES (gr_metrics_free). Fails: GR_NOMEM, GR_INTERNAL (an index out of range). */
gr_status gr_metrics_compute(const int32_t *labels, const int32_t *predicted, const float *probabilities, int64_t n,
                             int class_count, int positive, gr_metrics *out, gr_error *err) GR_MUST_CHECK;
void gr_metrics_free(gr_metrics *metrics);

/* The test predictions of a run; everything BORROWED. Rows are written in the order given. */
typedef struct gr_predictions {
    int64_t count;
    int class_count;
    const char *const *classes; /* [class_count] */
    int fold_count;
    const char *const *folds;          /* [fold_count], names */
    const char *group_column;          /* NULL: no groups */
    const char *const *images;         /* [count], as the manifest spells them */
    const char *const *groups;         /* [count]; NULL: no groups */
    const int32_t *fold;               /* [count], index in folds */
    const int32_t *labels, *predicted; /* [count]; labels NULL: unknown (predict on unlabelled images) */
    const float *probabilities;        /* [count, class_count] */
    bool ordered;                      /* the classes stand in order: `predicted` are medians (grimace/ordinal.h) */
} gr_predictions;

/* The index of the largest of probabilities[class_count], the first of equals. Never fails. */
int32_t gr_predict_class(const float *probabilities, int class_count);

/* Which epoch's weights a fold was tested with. */
typedef struct gr_kept {
    int64_t epoch, epochs; /* from 1, and how many were trained; 0: there are no epochs */
    char metric[40];       /* whose best value chose it; "": it is the last one */
    double value;          /* of the metric; NaN without one */
} gr_kept;

typedef struct gr_results {
    char *name;
    int class_count, positive, fold_count;
    char **classes;               /* [class_count] */
    char **fold_names;            /* [fold_count] */
    gr_metrics *folds;            /* [fold_count] */
    gr_metrics pooled;            /* over all predictions together */
    double mean[GR_METRIC_COUNT]; /* over the folds where the number is defined */
    double std[GR_METRIC_COUNT];  /* the same, with n - 1; NaN with fewer than two such folds */
    double (*class_mean)[GR_METRIC_COUNT], (*class_std)[GR_METRIC_COUNT]; /* [class_count], of each class against the rest */
    gr_kept *kept;                  /* [fold_count]: gr_alloc'd and owned; NULL: not known */
    double confidence;              /* of the Clopper-Pearson intervals that are written; 0.95 from gr_results_make */
    struct gr_results *averaged;    /* of images taken together (grimace/averaging.h); NULL: none; gr_alloc'd and owned */
    char *averaged_over;            /* the column; owned */
    struct gr_bootstrap *bootstrap; /* of `pooled` (grimace/curves.h): NULL, or gr_alloc'd and owned */
    const struct gr_reported *reported; /* to stand beside; NULL: nothing; BORROWED, as long as this is used */
    /* Of a run of another task, owned; NULL: not of it. With landmarks, boxes or scores there are no classes, and `folds`,
     * `pooled`, `mean` and `std` are empty. */
    struct gr_landmark_results *landmarks; /* grimace/landmarks.h */
    struct gr_box_results *boxes;          /* grimace/box_results.h */
    struct gr_score_results *scores;       /* grimace/scores.h */
    struct gr_ordinal_results *ordinal;    /* grimace/ordinal.h: of classes that stand in order, beside their numbers */
    struct gr_label_results *labels;       /* grimace/multilabel.h: of several columns of classes; says what is here then */
    struct gr_calibration_results *calibration; /* grimace/calibration.h: of classes; owned; NULL: not known */
} gr_results;

/* Evaluates fold by fold and pooled. *out GIVES (gr_results_free) and keeps nothing of what is BORROWED.
 * Fails: GR_NOMEM, GR_INTERNAL. */
gr_status gr_results_make(const char *name, const gr_predictions *predictions, int positive, gr_results *out,
                          gr_error *err) GR_MUST_CHECK;
void gr_results_free(gr_results *results);

#endif
