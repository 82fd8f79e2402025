/* What the folds of a run trained on, so that none of them judges an image that it knows. */
#ifndef GR_RUN_TRAINED_H
#define GR_RUN_TRAINED_H

#include "base/base.h"
#include "grimace/text.h"

/* Images that somebody asks about. */
typedef struct gr_asked_images {
    int64_t count;
    const char *const *names;  /* [count], as their manifest spells them */
    const char *const *paths;  /* [count]; NULL: no file */
    const char *const *groups; /* [count]; NULL: no groups, or one that is not known */
} gr_asked_images;

/* Sets knows[count * models] of the models paths[models] (RUN/fold-NAME/model.safetensors): true where the training part of
 * the model's fold (RUN/splits.csv) holds the image, by the same name or the same bytes, or its group. A model without such
 * a table beside it knows nothing; `said` gets a sentence a line about that, and where the run's own manifest cannot be
 * read, so that bytes are not compared. `missing` (NULL: nobody asks) gets one about folds of a run of which no model is among
 * them. Fails: GR_INVALID (a damaged table), GR_NOMEM. */
gr_status gr_trained_knows(char *const *paths, int models, const gr_asked_images *images, bool *knows, gr_text *said,
                           gr_text *missing, gr_error *err) GR_MUST_CHECK;
/* RUN of RUN/fold-NAME/model.safetensors, GIVES; *fold is NAME, GIVES. Both NULL where the path is no such one. Fails:
 * GR_NOMEM. */
gr_status gr_trained_run(const char *path, char **run, char **fold, gr_error *err) GR_MUST_CHECK;

#endif
