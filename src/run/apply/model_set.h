/* Trained models as they are asked about images: their files, the learner and the task that they are of. */
#ifndef GR_RUN_MODEL_SET_H
#define GR_RUN_MODEL_SET_H

#include "grimace/loader.h"
#include "learners/learner.h"
#include "run/tasks/task.h"

typedef struct gr_model_set {
    gr_model_files files;
    const gr_learner *learner;
    const gr_task *task;
    gr_image_cache *cache; /* of pictures of one loader to the next */
} gr_model_set;

/* GIVES *out (gr_model_set_close) of a model file or a run. Fails: as gr_model_files_open; GR_INVALID (a learner or task of another
 * version). */
gr_status gr_model_set_open(const char *path, gr_model_set *out, gr_error *err) GR_MUST_CHECK;
/* Decoded pictures are not kept: each is asked about once. Fails: GR_NOMEM. */
gr_status gr_model_set_forget(gr_model_set *set, gr_error *err) GR_MUST_CHECK;
/* A zeroed one is fine. */
void gr_model_set_close(gr_model_set *set);
/* GIVES a loader (gr_loader_destroy) of samples[count] (BORROWED for its life) as the models see them; `cutter` (NULL: nobody) cuts
 * those that have no box. `tolerant`: it goes on past what cannot be read. Fails: as gr_loader_create. */
gr_status gr_model_set_loader(const gr_model_set *set, const gr_cutter *cutter, const gr_sample *samples, int64_t count,
                              bool tolerant, gr_loader **out, gr_error *err) GR_MUST_CHECK;

#endif
