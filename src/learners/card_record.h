/* What a card holds; card.h writes and reads it. */
#ifndef GR_LEARNERS_CARD_RECORD_H
#define GR_LEARNERS_CARD_RECORD_H

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

/* What must be known of a picture before the model can be asked about it: landmarks, numbered as in the manifest. */
typedef struct gr_card_guide {
    const struct gr_upright *upright; /* how they turn the face upright (geometry/upright.h); NULL: they do not */
    const char *run; /* the run or model that finds them; NULL: a table has them */
    uint64_t key;    /* of its models' content */
} gr_card_guide;

/* The backbone whose features trees read of an image. */
typedef struct gr_card_frozen {
    const char *file; /* its model; written: its name in the folder above the trees'. NULL: they read a table */
    uint64_t key;     /* a hash of the file's content */
} gr_card_frozen;

/* What a model file says of itself, so that it suffices for predictions. Strings and arrays are borrowed when made from a
 * cohort, and belong to `arena` when read from a file. */
typedef struct gr_card {
    const char *classic; /* the learner that made the model: a value of model.classic */
    const gr_lbp *lbp;   /* of lbp_svm, else NULL; of all but networks `model` is no more than size, channels and classes */
    const char *const *numbers; /* [number_count]: columns whose numbers the trees read, likewise; NULL: it is no trees' */
    int number_count;
    const struct gr_descriptor_set *set; /* of trees: numbers are coordinates, and these are read of them; NULL: they are read */
    gr_card_frozen frozen; /* of trees: numbers are what a backbone reads of an image, not columns of a table */
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
    gr_card_guide guide;
    bool fast_dct; /* of JPEGs, as gr_image_read_by */
    const char *file; /* written: the model's path, from whose folder on detector and run are named; NULL: as it is */
    gr_strings tta; /* views of the prepared image over which answers are averaged beside it (learners/views.h) */
    gr_arena *arena;
} gr_card;

#endif
