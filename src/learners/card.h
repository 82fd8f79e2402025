/* The card of a model file: what lets it stand alone. */
#ifndef GR_LEARNERS_CARD_H
#define GR_LEARNERS_CARD_H

#include "base/base.h"
#include "grimace/image.h"
#include "grimace/lbp.h"
#include "grimace/models.h"
#include "grimace/recipe.h"
#include "grimace/weights.h"

/* How faces are cut out of pictures that have no boxes. */
typedef struct gr_card_crop {
    const char *detector; /* its file; NULL: whole pictures */
    double margin;
    bool square;
    uint64_t key; /* of the detector's content and the rest of this: gr_cutter's */
} gr_card_crop;

/* What a model file says of itself, so that it suffices for predictions. Strings and arrays are borrowed when made from a
 * cohort, and belong to `arena` when read from a file. */
typedef struct gr_card {
    const char *classic; /* the learner that made the model: a value of model.classic */
    const gr_lbp *lbp;   /* NULL: a network, or boosted trees; else `model` is no more than size, channels and classes */
    const char *const *numbers; /* [number_count]: columns whose numbers the trees read, likewise; NULL: it is no trees' */
    int number_count;
    const struct gr_descriptor_set *set; /* of trees: numbers are coordinates, and these are read of them; NULL: they are read */
    const int *kept; /* [kept_count], of trees: which of the numbers or descriptors the model reads, indices */
    int kept_count;
    const char *chosen; /* of trees: a JSON object that says what the fold chose for itself; NULL: nothing */
    const char *task; /* what is answered; of files of before tasks had names: landmarks with that head, else classes */
    gr_model_options model;
    const char *const *classes; /* [model.classes]; none of scores and landmarks */
    const char *const
        *labels; /* [label_count], the columns that are answered; NULL where it is one of classes, or landmarks */
    int64_t label_count;
    const double *ranges;       /* of scores: [label_count, 2], what predictions are clipped to; NULL: to nothing */
    double mean[3], std[3];
    const gr_transform *transforms; /* how an image is prepared */
    int transform_count;
    gr_card_crop crop;
    const char *file; /* written: the model's path, from whose folder on the detector is named; NULL: as it is */
    gr_strings tta; /* views of the prepared image over which answers are averaged beside it (learners/views.h) */
    gr_arena *arena;
} gr_card;

/* Sets the card as a note of `weights`. Fails: GR_INVALID (a class that is no UTF-8), GR_NOMEM. */
gr_status gr_card_write(const gr_card *card, gr_weights *weights, gr_error *err) GR_MUST_CHECK;
/* Reads it back; `path` is for sentences, and where a detector is named from. Gives *card (gr_card_free). Fails: GR_INVALID (none,
 * damaged), GR_NOMEM. */
gr_status gr_card_read(const gr_weights *weights, const char *path, gr_card *card, gr_error *err) GR_MUST_CHECK;
/* The same from the note's text, and to it, for model files that hold no tensors. GIVES the text. Fails: likewise. */
gr_status gr_card_text(const gr_card *card, gr_text *out, gr_error *err) GR_MUST_CHECK;
gr_status gr_card_parse(const char *text, const char *path, gr_card *card, gr_error *err) GR_MUST_CHECK;
/* The features of trees, what `kept` counts: descriptors of the numbers, or these themselves. Never fail. */
int gr_card_features(const gr_card *card);
const char *gr_card_feature(const gr_card *card, int i);
void gr_card_free(gr_card *card);

#endif
