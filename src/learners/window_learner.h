/* Detectors that look at windows of pictures and are no networks: what is common to learning them. Their models are files of
 * other programs, which model.safetensors holds whole beside the card. */
#ifndef GR_LEARNERS_WINDOW_LEARNER_H
#define GR_LEARNERS_WINDOW_LEARNER_H

#include "detect/found.h"
#include "fitting/pictures.h"
#include "learners/learner.h"

/* A kind of such detectors. */
typedef struct gr_window_kind {
    const char *name;    /* of its learner */
    const char *file;    /* in a fold's folder: what `grimace detect` takes */
    const char *partial; /* there while a fold is trained: what is done so far; NULL: nothing is kept of it */

    /* Refuses what a config has wrong. Fails: GR_INVALID. */
    gr_status (*check)(const gr_recipe *recipe, gr_error *err);
    /* Fits one to the pictures of a fold and appends its file's bytes to `out`. `partial` is the path above. Fails:
     * GR_INVALID, GR_NOMEM, GR_IO, GR_INTERRUPTED. */
    gr_status (*fit)(const gr_learning *learning, int fold, const gr_fit_pictures *pictures, const char *partial,
                     gr_text *out, gr_error *err);
    /* Gives *model, read from its file's bytes; `name` is for sentences. Fails: GR_INVALID, GR_NOMEM. */
    gr_status (*open)(const char *name, const char *bytes, size_t size, void **model, gr_error *err);
    void (*close)(void *model);
    /* Adds its boxes in a picture, as `grimace detect` finds them with its defaults. Fails: GR_NOMEM. */
    gr_status (*find)(const void *model, const gr_grey *grey, gr_found_list *out, gr_error *err);
} gr_window_kind;

/* The parts of a gr_learner that follow from a kind. */
gr_status gr_window_open(const gr_window_kind *kind, const gr_learning *learning, gr_error *err) GR_MUST_CHECK;
gr_status gr_window_fit(const gr_window_kind *kind, const gr_learning *learning, int fold, gr_error *err) GR_MUST_CHECK;
gr_status gr_window_predict(const gr_window_kind *kind, const gr_model_files *files, const gr_target *target,
                            gr_loader *loader, const int64_t *order, int64_t count, float *predictions,
                            const volatile sig_atomic_t *stop, gr_error *err) GR_MUST_CHECK;
/* Writes the detector of the only model of `files` to `out`, and a sentence about that. Fails: GR_INVALID, GR_NOMEM, GR_IO.
 */
gr_status gr_window_export(const gr_model_files *files, const char *path, const char *out, gr_text *summary,
                           gr_error *err) GR_MUST_CHECK;
/* What the records of such learners have in common. */
void gr_window_close(gr_learning *learning);
bool gr_window_heavy(const gr_learning *learning);
gr_status gr_window_prepare(gr_learning *learning, gr_error *err);

#endif
