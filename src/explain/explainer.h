/* What an explainer is made of. */
#ifndef GR_EXPLAIN_EXPLAINER_H
#define GR_EXPLAIN_EXPLAINER_H

#include "explain/pass.h"
#include "explain/tested.h"

struct gr_explainer {
    gr_pass_models models;
    gr_tested *tested;  /* of a run */
    const char **folds; /* [models.files.count], their names; of a run */
};

/* The model that alone explains the image in the file `path`, -1: all do. Never fails. */
int gr_explainer_model_of(const gr_explainer *explainer, const char *path);

#endif
