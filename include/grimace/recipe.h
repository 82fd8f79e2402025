/* What a learner is told: the values of a config that training and the preparation of images follow from, in plain
 * structures. A config (grimace/config.h) holds the same sections; a program may as well fill them in itself. */
#ifndef GRIMACE_RECIPE_H
#define GRIMACE_RECIPE_H

#include <stdbool.h>

#include "grimace/image.h"
#include "grimace/tensor.h"

/* A list of strings. */
typedef struct gr_strings {
    const char **items;
    int count;
} gr_strings;

/* A list of whole numbers; of pairs, `count` numbers are count / 2 pairs. */
typedef struct gr_ints {
    const int *items;
    int count;
} gr_ints;

/* Transforms of images, in order. */
typedef struct gr_transforms {
    gr_transform *items;
    int count;
} gr_transforms;

/* Images and their labels. */
typedef struct gr_recipe_data {
    const char *manifest;       /* absolute path, or NULL when the config has none */
    gr_strings extra_manifests; /* absolute paths */
    gr_strings only;            /* "COLUMN=VALUE" */
    int at_most;                /* 0: all */
    const char *label;
    gr_strings labels;    /* columns that one network learns at once, in place of `label`; count 0: none */
    double range[2];      /* of scores; NaN: the training part's own */
    gr_strings classes;   /* count 0: the label column's sorted values */
    const char *positive; /* NULL: the last class */
    const char *group;    /* NULL: none */
    struct {
        int size, channels;
        double mean[3], std[3]; /* the first `channels` are in use, the others NaN */
    } image;
    gr_transforms train_transforms, eval_transforms;
    const char *balance;       /* none | undersample | undersample_once | oversample | class_weight */
    int cache_mb;              /* decoded images kept in memory, MiB; 0: automatic */
    int workers;               /* loader threads; 0: automatic */
    gr_ints landmarks;         /* those of the manifest that are learnt, in this order, from 1; none: all */
    gr_ints landmark_flip;     /* pairs of landmarks, from 1, that change places in a mirrored image */
    gr_ints landmark_distance; /* two landmarks, or none: their distance normalises errors, else the image's side */
} gr_recipe_data;

/* The network, or what stands in its place. */
typedef struct gr_recipe_model {
    const char *classic; /* none | lbp_svm: no network, and the rest of `model` but these three is not read */
    struct {
        double radius;
        int points, grid;
        const char *method; /* uniform | default | ror */
    } lbp;
    struct {
        double c;
    } svm;
    const char *backbone, *head;
    double width;           /* of networks that have one: multiplies channels */
    const char *variant;    /* torchvision | keras; NULL: torchvision's, as `pretrained` is no HDF5 file */
    const char *pretrained; /* absolute path, or NULL */
    gr_strings freeze;      /* prefixes of names */
    bool aux;
    struct {
        const char *pool; /* avg | max | flatten */
        gr_ints hidden;
        double dropout;
    } mlp;
    struct {
        const char *block; /* none | symmetric | asymmetric | hybrid */
        int filters;
    } landmarks;
} gr_recipe_model;

typedef struct gr_recipe_loss {
    const char *name; /* one of the task's (gr_task_losses) */
    struct {
        double w, epsilon;
    } wing;
    struct {
        double delta;
    } huber;
    struct {
        double lambda, margin;
        int top_k;
    } prsc;
} gr_recipe_loss;

typedef struct gr_recipe_optimizer {
    const char *name; /* sgd | adam | adamw */
    double lr, momentum, dampening;
    bool nesterov;
    double weight_decay, l1, betas[2], eps;
} gr_recipe_optimizer;

typedef struct gr_recipe_schedule {
    const char *name; /* constant | step | cosine | plateau */
    int step_size;    /* step: epochs between drops */
    double gamma;     /* step: factor of each drop */
    double min_lr;    /* cosine, plateau */
    double factor;    /* plateau */
    int patience;     /* plateau: epochs without improvement that are borne */
} gr_recipe_schedule;

typedef struct gr_recipe_train {
    int epochs, batch_size;
    gr_type precision; /* GR_F32 | GR_BF16 */
    bool shuffle, drop_last;
    bool bn_recalibrate; /* batch norm's running statistics are computed anew after training */
    struct {
        const char *metric; /* NULL: off */
        const char *mode;   /* min | max; NULL: by the metric */
        int patience;
        double min_delta;
    } early_stopping;
    const char *feature_cache;                  /* "auto", "off" or a path */
    const char *keep, *keep_metric, *keep_mode; /* last | best; train_loss ... val_auprc_trapezoid; as above */
} gr_recipe_train;

typedef struct gr_recipe {
    uint64_t seed;
    const char *task; /* one of gr_task_names */
    gr_recipe_data data;
    gr_recipe_model model;
    gr_recipe_loss loss;
    gr_recipe_optimizer optimizer;
    gr_recipe_schedule schedule;
    gr_recipe_train train;
    uint64_t stamp;        /* a hash of all values that a result follows from, of files their names */
    uint64_t placed_stamp; /* the same with the files' paths, as runs of older versions have it */
    uint64_t model_stamp;                                      /* a hash of those that the initial parameters follow from */
    const void *source;                                        /* BORROWED by the two that follow */
    const char *(*where)(const void *source, const char *key); /* where the value of a key stands, for sentences */
} gr_recipe;

/* Records "PLACE: key: fmt..." as GR_INVALID in `err` and returns it; the sentence goes on after the key. Fails: GR_INVALID,
 * always. */
gr_status gr_recipe_fail(const gr_recipe *recipe, const char *key, gr_error *err, const char *fmt, ...) GR_PRINTF(4, 5);
/* Puts "PLACE: key" in front of a failure that is the input's fault. Returns `status`. */
gr_status gr_recipe_blame(const gr_recipe *recipe, const char *key, gr_status status, gr_error *err);

#endif
