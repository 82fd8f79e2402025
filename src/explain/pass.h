/* Pictures through models: of which model explains which picture the caller decides. */
#ifndef GR_EXPLAIN_PASS_H
#define GR_EXPLAIN_PASS_H

#include "detect/face_cut.h"
#include "explain/average.h"

/* What is asked, and the model that is open. */
typedef struct gr_pass_models {
    gr_model_files files;
    gr_aim aim;
    gr_explain_options options;
    const gr_method **methods; /* [options.method_count] */
    gr_subject subject;
    int open; /* index of `subject` among the files */
    bool is_open;
} gr_pass_models;

typedef struct gr_image_pass {
    gr_pass_models *models;
    const gr_sample *samples;
    gr_loader *loader;
    gr_face_cut *cut; /* finds the face of a sample without a box; NULL: whole pictures */
    gr_explained each;
    void *ctx;
    const volatile sig_atomic_t *stop;
    float *map;       /* [S, S] */
    gr_image picture; /* [S, S] */
    gr_average average;
    bool averages; /* it is open */
} gr_image_pass;

/* Opens model `index` unless it is open. Fails: GR_INVALID, GR_NOMEM. */
gr_status gr_pass_model(gr_pass_models *models, int index, gr_error *err) GR_MUST_CHECK;
/* GIVES *out (gr_pass_close, also when it fails) for samples[count]. Fails: GR_INVALID, GR_NOMEM, GR_IO. */
gr_status gr_pass_open(gr_pass_models *models, const gr_sample *samples, int64_t count, gr_image_pass *out,
                       gr_error *err) GR_MUST_CHECK;
void gr_pass_close(gr_image_pass *pass);
/* Explains samples order[count] by model `model` alone, and tells each with the name of the fold. Fails: as
 * gr_explainer_run. */
gr_status gr_pass_one(gr_image_pass *pass, int model, const int64_t *order, int64_t count, const char *fold,
                      gr_error *err) GR_MUST_CHECK;
/* Explains samples order[count], at most GR_AVERAGE_MOST, by the mean of all models. Likewise. */
gr_status gr_pass_all(gr_image_pass *pass, const int64_t *order, int64_t count, const char *fold, gr_error *err) GR_MUST_CHECK;

#endif
