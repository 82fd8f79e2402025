/* Boxes evaluated: the found ones of a run's images against the true ones, fold by fold, each kind of box by itself. */
#ifndef GRIMACE_BOX_RESULTS_H
#define GRIMACE_BOX_RESULTS_H

#include "grimace/boxes.h"
#include "grimace/eval.h"

/* The numbers of one kind (grimace/boxes.h), the one that settings are ranked by first. */
typedef enum gr_box_metric {
    GR_BOX_AP50,
    GR_BOX_AP,
    GR_BOX_AP75,
    GR_BOX_VOC,
    GR_BOX_RECALL,
    GR_BOX_PRECISION,
    GR_BOX_MEAN_IOU,
    GR_BOX_METRIC_COUNT
} gr_box_metric;
/* "ap50", "ap", ... Never fails. */
const char *gr_box_metric_name(gr_box_metric metric);
double gr_box_metric_of(const gr_box_numbers *numbers, gr_box_metric metric);

/* A box of a kind; of a true one the score is not looked at. */
typedef struct gr_kind_box {
    gr_plain_box box; /* in pixels of the decoded image */
    double score;
    int kind;
} gr_kind_box;

/* The boxes of an image; BORROWED. */
typedef struct gr_box_case {
    const gr_kind_box *truths;
    int64_t truth_count;
    const gr_kind_box *found; /* the highest score first */
    int64_t found_count;
} gr_box_case;

/* The test predictions of a run, or those of `grimace predict`; everything BORROWED. Rows are written in the order given. */
typedef struct gr_box_predictions {
    int64_t count;
    int kind_count;
    const char *const *kinds; /* [kind_count] */
    double score;             /* boxes count as found from here on; average precisions read all */
    int fold_count;           /* 0: none are named */
    const char *const *folds;
    const char *group_column;  /* NULL: no groups */
    const char *const *images; /* [count] */
    const char *const *groups; /* [count]; NULL: no groups */
    const int32_t *fold;       /* [count], index in folds */
    const gr_box_case *cases;  /* [count] */
    bool known;                /* are the true boxes? */
} gr_box_predictions;

/* The numbers of kind `kind` of the cases[count] for which take[i] is true (NULL: all): counts, recall, precision, mean IoU
 * and empty images of the boxes from `score` on, average precisions of all. Fails: GR_NOMEM. */
gr_status gr_box_numbers_of_kind(const gr_box_case *cases, const bool *take, int64_t count, int kind, double score,
                                 gr_box_numbers *out, gr_error *err) GR_MUST_CHECK;

typedef struct gr_box_results {
    int kind_count;
    char **kinds;
    double score;
    gr_box_numbers *each; /* [fold_count + 1, kind_count]: of each fold, then of all together */
    double mean[GR_BOX_METRIC_COUNT],
        std[GR_BOX_METRIC_COUNT]; /* of the first kind, over the folds where they are defined */
} gr_box_results;

/* Evaluates fold by fold and pooled. *out GIVES (gr_results_free) with out->boxes, and keeps nothing of what is BORROWED.
 * Fails: GR_NOMEM. */
gr_status gr_box_results_make(const char *name, const gr_box_predictions *predictions, gr_results *out,
                              gr_error *err) GR_MUST_CHECK;

#endif
