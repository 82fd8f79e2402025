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
    const char *weight;   /* the column of images' weights in the loss; NULL: none */
    struct {
        int size, channels;
        double mean[3], std[3]; /* the first `channels` are in use, the others NaN */
    } image;
    const char *jpeg_dct; /* exact | fast */
    const char *crop;   /* absolute path of a detector whose best box is used of images that have none; NULL: whole images */
    double crop_margin; /* on each side, as a share of the box */
    bool crop_square;
    const char *align;    /* how faces are turned upright by landmarks: fgs37, synth18 or LEFT:RIGHT:FRAME; NULL: not so */
    const char *align_to; /* absolute path of a template that they are brought to, in its place; NULL: none */
    int align_size;       /* pixels of a side; 0: image.size */
    double align_margin;
    const char *landmarks_from; /* absolute path of a run or model that finds the landmarks; NULL: the manifest has them */
    gr_transforms train_transforms, eval_transforms;
    const char *balance;       /* none | undersample | undersample_once | oversample | class_weight */
    int cache_mb;              /* decoded images kept in memory, MiB; 0: automatic */
    int workers;               /* loader threads; 0: automatic */
    gr_strings boxes;          /* "KIND=PREFIX": which columns hold the boxes that are to be found */
    gr_ints landmarks;         /* those of the manifest that are learnt, in this order, from 1; none: all */
    gr_ints landmark_flip;     /* pairs of landmarks, from 1, that change places in a mirrored image */
    gr_ints landmark_distance; /* two landmarks, or none: their distance normalises errors, else the image's side */
    const char *landmark_units; /* a set of descriptors by whose action units errors are told; NULL: none */
    struct {
        gr_strings columns;   /* numbers of the manifest, which stand in the image's place; count 0: none */
        const char *describe; /* a set of descriptors of its landmarks, in the same place; NULL: none */
        const struct gr_descriptor_set *set; /* what `describe` names, without those of `without`; NULL: none */
        const char *backbone; /* a frozen network, whose features of the image are read in the same place; NULL: none */
        gr_strings without;   /* action units whose descriptors are left out */
    } features;
} gr_recipe_data;

/* L1 and L2 on the kernels that prefixes of names select. */
typedef struct gr_penalty {
    gr_strings layers;
    double l1, l2;
} gr_penalty;
typedef struct gr_penalties {
    gr_penalty *items;
    int count;
} gr_penalties;

/* The network, or what stands in its place. */
typedef struct gr_recipe_model {
    const char *classic; /* none | lbp_svm | boosted | cascade | hog_svm: no network, and only that one's sections of `model`
                          * are read */
    struct {
        double radius;
        int points, grid;
        const char *method; /* uniform | default | ror */
    } lbp;
    struct {
        double c;
    } svm;
    struct {
        int trees, depth;
        double rate, alpha, lambda, gamma, min_child_weight, subsample, colsample;
        const char *scale_pos_weight; /* a number above 0, or auto */
        int early_stopping;           /* rounds without a better validation part; 0: off */
    } boosted;
    struct {
        const char *features, *haar, *boost; /* haar | lbp; basic | core | all; gentle | discrete */
        int width, height, stages, trees, negatives, copies;
        double hit_rate, false_alarm, overlap, scale;
        bool mirror;
    } cascade;
    struct {
        int width, height, negatives, copies;
        double c, overlap, scale;
        bool mirror;
    } hog;
    const char *backbone, *head;
    const char *layers;     /* a plain network as YAML on one line, with backbone `layers`; else NULL */
    double width;           /* of networks that have one: multiplies channels */
    const char *variant;    /* torchvision | keras; NULL: torchvision's, as `pretrained` is no HDF5 file */
    const char *init;       /* a gr_init_name */
    gr_penalties penalty;
    bool penalty_frozen; /* frozen weights' penalties count, too */
    struct {
        double momentum, eps; /* NaN: the architecture's; momentum is the share that stays */
        const char *variance; /* a gr_batch_norm_variance_name */
    } batch_norm;
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
    struct {
        int stride, filters;
        double score; /* a box counts as found from here on */
    } boxes;
} gr_recipe_model;

/* What classes weigh in the loss. */
typedef struct gr_named_weight {
    const char *name;
    double weight;
} gr_named_weight;
typedef struct gr_named_weights {
    gr_named_weight *items;
    int count; /* 0: nothing is said of them */
} gr_named_weights;

typedef struct gr_recipe_loss {
    const char *name; /* one of the task's (gr_task_losses) */
    gr_named_weights class_weight; /* of a class that is not among them: 1 */
    const char *class_weight_mean; /* weights | batch */
    bool class_weight_val;
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
    const char *name; /* a gr_optim_name */
    const char *form; /* torch | keras */
    double lr, momentum, dampening;
    bool nesterov;
    double weight_decay;
    bool decoupled;
    double l1, betas[2], eps;
    bool amsgrad;
    double rho;
    bool centered;
    double initial_accumulator, momentum_decay;
    const char *nadam_product; /* steps | tensors */
    struct {
        double value, norm, global_norm; /* 0: none */
    } clip;
} gr_recipe_optimizer;

typedef struct gr_recipe_schedule {
    const char *name; /* a gr_schedule_name */
    const char *per;  /* epoch | step */
    int step_size;    /* step: epochs between drops */
    double gamma;     /* step: factor of each drop */
    double min_lr;    /* cosine, cosine_restarts, polynomial, plateau */
    int decay_steps;  /* 0: the whole training */
    double decay_rate;
    bool staircase;
    gr_ints boundaries; /* piecewise */
    double values[16];  /* piecewise; NaN behind the last */
    double power;       /* polynomial */
    bool cycle;
    double t_mul, m_mul; /* cosine_restarts */
    int warmup;
    double warmup_from;
    double factor;    /* plateau */
    int patience;     /* plateau: epochs without improvement that are borne */
    const char *rule; /* plateau: torch | keras */
    double min_delta; /* plateau by Keras's rule */
    int cooldown;     /* plateau */
} gr_recipe_schedule;

typedef struct gr_recipe_train {
    int epochs, batch_size;
    int blocks; /* a power of 2: parts of a batch that are computed by themselves, and shared out among peers; 1: it is whole */
    int repeats, repetition; /* how often all is trained; which of these this is, from 0: it draws as if from another seed */
    gr_type precision; /* GR_F32 | GR_BF16 */
    const char *memory; /* auto (NULL likewise) | low */
    bool shuffle, drop_last;
    bool bn_recalibrate; /* batch norm's running statistics are computed anew after training */
    struct {
        const char *metric; /* NULL: off */
        const char *mode;   /* min | max; NULL: by the metric */
        int patience;
        double min_delta;
    } early_stopping;
    const char *feature_cache;                  /* "auto", "off" or a path */
    const char *keep, *keep_metric, *keep_mode; /* last | best | best_if_stopped; train_loss ... val_auprc_trapezoid; as above */
    double keep_min_delta;
} gr_recipe_train;

/* Settings of boosted trees that are tried inside a fold's training part. */
enum { GR_TUNE_VALUES = 64 };
typedef struct gr_recipe_tune {
    const char *search; /* none | grid | random */
    const char *metric; /* accuracy | log_loss | mse; NULL: accuracy of classes, mse of scores and ordinal classes */
    int folds, draws;
    bool shuffle;
    struct {
        gr_ints trees, depth;                                                             /* count 0: not tuned */
        double alpha[GR_TUNE_VALUES], colsample[GR_TUNE_VALUES], rate[GR_TUNE_VALUES], subsample[GR_TUNE_VALUES]; /* NaN ends */
    } axes;
} gr_recipe_tune;

/* Features that are chosen inside a fold's training part. */
typedef struct gr_recipe_select {
    const char *method; /* none | rfe | boruta_shap */
    int folds;          /* rfe */
    double step;        /* rfe: share of all features that leave in a round */
    int trials;         /* boruta_shap */
    double level;       /* boruta_shap */
} gr_recipe_select;

typedef struct gr_recipe {
    uint64_t seed;
    const char *task; /* one of gr_task_names */
    gr_recipe_data data;
    gr_recipe_model model;
    gr_recipe_loss loss;
    gr_recipe_optimizer optimizer;
    gr_recipe_schedule schedule;
    gr_recipe_train train;
    gr_recipe_tune tune;
    gr_recipe_select select;
    gr_strings tta;        /* views over which answers are averaged beside the image itself (evaluate.tta) */
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
