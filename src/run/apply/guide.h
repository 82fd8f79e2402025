/* Landmarks that must be known of images before a model can be asked about them: a run of landmarks finds them, or a table
 * has them. They turn faces upright, or are what trees describe. */
#ifndef GR_RUN_GUIDE_H
#define GR_RUN_GUIDE_H

#include <signal.h>

#include "grimace/sample.h"
#include "grimace/text.h"
#include "learners/card_record.h"
#include "run/apply/ask.h"

/* Images about which a model is to be asked; all BORROWED. */
typedef struct gr_guide_images {
    int64_t count;
    gr_sample *samples;       /* [count]: get their maps, or numbers */
    const char *const *names; /* [count], these three as in gr_asked_images; NULL: nobody knows the images */
    const char *const *paths;
    const char *const *groups;
    const char **problems; /* [count]: one with a problem is not asked about; gets why landmarks of others are not known */
    const gr_csv *table;   /* whose row line[i] has image i's landmarks, where no run finds them; NULL: the samples have
                            * points of their own */
    const int64_t *line;
    bool all;        /* an image that all models of the landmarks' run trained on is put to all of them, not to none */
    gr_text *said;   /* gets a sentence a line, where it is not known what a run trained on; NULL: nobody hears */
    int64_t *trained_on; /* counts images that all models trained on; NULL: nobody hears */
    gr_arena *arena; /* of what samples and problems point to */
    const volatile sig_atomic_t *stop; /* NULL: never */
} gr_guide_images;

/* Landmarks, numbered as in the manifest of the run that finds them. */
typedef struct gr_guide_points {
    int count;
    float *at;    /* [images, count, 2], NaN where one is not known */
    bool *known;  /* [count]: is it ever found? */
    uint64_t key; /* of the models' content */
} gr_guide_points;

/* Asks the run or model `run` about images: each is told by the models that trained on neither it nor its group. `key` not
 * 0: its models must be those of then. `least`: so many landmarks, those that it does not find are never known. GIVES *out
 * (gr_guide_points_free). Fails: GR_INVALID (absent, no run of landmarks, another key, and as gr_predictor_open),
 * GR_INTERRUPTED, GR_NOMEM, GR_IO. */
gr_status gr_guide_find(const char *run, uint64_t key, int least, const gr_guide_images *images, gr_guide_points *out,
                        gr_error *err) GR_MUST_CHECK;
void gr_guide_points_free(gr_guide_points *points);

/* Sets the samples' maps; an image whose landmarks do not tell how its face lies gets a problem. Never fails. */
void gr_guide_turn(const struct gr_upright *upright, const gr_guide_points *points, const gr_guide_images *images);

/* Gets the samples ready for the model at `path` with this card. Fails: as gr_guide_find; GR_INVALID (landmarks of a table
 * are needed, and there is none). */
gr_status gr_guide_ready(const gr_card *card, const char *path, const gr_guide_images *images, gr_error *err) GR_MUST_CHECK;
/* The same for the images of `ask`, with the numbers that trees read of its table; `group`: its column of groups, or NULL.
 * Fails: likewise, and as gr_ask_numbers. */
gr_status gr_guide_ask(const gr_card *card, const char *path, const char *group, bool all, gr_ask *ask, gr_text *said,
                       const volatile sig_atomic_t *stop, gr_error *err) GR_MUST_CHECK;

#endif
