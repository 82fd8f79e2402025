/* The trained models behind a path: one model.safetensors, or those of all folds of a run. */
#ifndef GR_LEARNERS_MODEL_FILES_H
#define GR_LEARNERS_MODEL_FILES_H

#include "learners/network.h"

/* Of one image: how many models could tell whether it is like their training images, and how many found it unlike; how many could
 * tell whether it is cut as they are, and how many found that it is not. */
typedef struct gr_strange {
    int judged, unlike, framed, uncut;
} gr_strange;

typedef struct gr_model_files {
    gr_arena *arena;
    char **paths; /* in the byte order of their folds */
    int count;
    const char *first; /* whose card it is: paths may be narrowed to some of them */
    gr_card card;      /* of the first; the others are the same, which gr_model_files_load checks */
    gr_strange *strange; /* BORROWED, [samples of the loader] where not NULL: predicting adds what it finds */
} gr_model_files;

/* Lists the models of `path`, a model file, the folder of a run, or that of a cross study (all its runs' models), and reads
 * the first one's card. GIVES *out. Fails: GR_INVALID (absent, damaged, no model of grimace, a run without a finished fold),
 * GR_NOMEM. */
gr_status gr_model_files_open(const char *path, gr_model_files *out, gr_error *err) GR_MUST_CHECK;
void gr_model_files_close(gr_model_files *files);
/* Reads the card of model `index`. GIVES *out (gr_card_free). Fails: GR_INVALID (damaged, of another kind than the first),
 * GR_NOMEM. */
gr_status gr_model_files_card(const gr_model_files *files, int index, gr_card *out, gr_error *err) GR_MUST_CHECK;
/* GIVES the tensors of model `index`. Fails: GR_INVALID (damaged, of another kind than the first), GR_NOMEM. */
gr_status gr_model_files_weights(const gr_model_files *files, int index, gr_weights **out, gr_error *err) GR_MUST_CHECK;
/* GIVES the network of model `index` with the file's numbers, for inference, and its own card (gr_card_free; NULL: not
 * wanted). Fails: GR_INVALID (damaged, incomplete, of another kind than the first), GR_NOMEM. */
gr_status gr_model_files_load(const gr_model_files *files, int index, gr_network *out, gr_card *card,
                              gr_error *err) GR_MUST_CHECK;

#endif
