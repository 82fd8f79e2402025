/* TreeSHAP's shares of boosted trees as a table: what each number contributes to a margin. */
#ifndef GR_LEARNERS_BOOSTED_SHARES_H
#define GR_LEARNERS_BOOSTED_SHARES_H

#include "learners/boosted_models.h"
#include "learners/learner.h"

/* Rows to explain; all BORROWED. */
typedef struct gr_shares_asked {
    const char *const *images; /* [count] */
    const float *features;     /* [count, gr_card_features] */
    int64_t count;
    size_t *ends; /* [count], written: where in the table each image's rows end; NULL: not wanted */
} gr_shares_asked;

/* Appends "image,fold,class,margin,bias,NAME...": NAME is a feature (gr_card_feature). Shortage sticks in `out`. Never
 * fails. */
void gr_shares_header(const gr_card *card, gr_text *out);
/* Appends a row for each image and margin (of several classes, one each; of scores and ordinal classes the label's name
 * stands for the class) by model `index`, or with index -1 the mean over all; `fold` names whose. margin is the sum of bias
 * and shares. Fails: as gr_boosted_explain. */
gr_status gr_shares_put(const gr_model_files *files, int index, const char *fold, const gr_shares_asked *asked, gr_text *out,
                        gr_error *err) GR_MUST_CHECK;
/* Writes RUN/shap.csv, each tested row by the fold that tests it, and RUN/features.csv, "image,NAME...": all folds are
 * finished. features[manifest.rows, width] are called names[width]. Fails: GR_INVALID, GR_IO, GR_NOMEM, GR_FAILED. */
gr_status gr_shares_of_run(const gr_learning *learning, const char *const *names, int width, const float *features,
                           gr_error *err) GR_MUST_CHECK;

#endif
