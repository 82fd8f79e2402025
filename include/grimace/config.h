/* The config of an experiment: a YAML file and key=value overrides, checked against one table of keys (docs/config.md lists
 * them all), in a plain structure. Names (of networks, schemes, optimisers, schedules) are strings: the tables of those who
 * build them say what they mean. */
#ifndef GRIMACE_CONFIG_H
#define GRIMACE_CONFIG_H

#include <stdbool.h>

#include "grimace/image.h"
#include "grimace/reported.h"
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

typedef enum gr_sweep_mode {
    GR_SWEEP_GRID = 0,      /* every combination of the axes' values */
    GR_SWEEP_ONE_AT_A_TIME, /* one axis varies, the others keep the config's own values */
    GR_SWEEP_PAIRWISE,      /* a grid over each pair of axes, the others keep the config's own values */
    GR_SWEEP_RANDOM,        /* `draws` settings, each axis drawn by the seed */
    GR_SWEEP_LIST           /* named settings */
} gr_sweep_mode;
enum { GR_SWEEP_MODES = 5 };

/* One axis of a sweep: a key of this table and the values it takes, each as YAML ("0.05", "[0.9, 0.99]"), so that
 * "key=value" is an override for gr_config_with; or, in a random sweep, the range that it is drawn from. */
typedef struct gr_sweep_axis {
    const char *key;
    gr_strings values;
    bool ranged; /* `values` is empty, and numbers are drawn from [low, high], evenly or evenly in the logarithm */
    bool log, whole;
    double low, high;
    const char *place; /* "FILE:LINE" or "command line", for errors */
} gr_sweep_axis;

/* One setting of a list: its name and its overrides "key=value". */
typedef struct gr_sweep_setting {
    const char *name;
    gr_strings overrides;
    const char *reported; /* one more: "reported=...", what a paper reports of this setting, or "reported=null" */
    const char *place;
} gr_sweep_setting;

typedef struct gr_config {
    const char *name;
    uint64_t seed;
    int threads; /* 0: all cores */
    struct {
        const char *manifest; /* absolute path, or NULL when the config has none */
        gr_strings extra_manifests; /* absolute paths */
        gr_strings only;      /* "COLUMN=VALUE" */
        int at_most;          /* 0: all */
        const char *label;
        gr_strings classes;   /* count 0: the label column's sorted values */
        const char *positive; /* NULL: the last class */
        const char *group;    /* NULL: none */
        struct {
            int size, channels;
            double mean[3], std[3]; /* the first `channels` are in use, the others NaN */
        } image;
        gr_transforms train_transforms, eval_transforms;
        const char *balance; /* none | undersample | undersample_once | oversample | class_weight */
        int cache_mb;        /* decoded images kept in memory, MiB; 0: automatic */
        int workers;         /* loader threads; 0: automatic */
        gr_ints landmark_flip;     /* pairs of landmarks, from 1, that change places in a mirrored image */
        gr_ints landmark_distance; /* two landmarks, or none: their distance normalises errors, else the image's side */
    } data;
    struct {
        const char *scheme; /* leave_one_group_out | group_kfold | stratified_group_kfold | stratified_kfold | holdout |
                             * column */
        int folds, repeats;
        const char *stratify;    /* a column of the manifest, or NULL */
        double validation, test; /* shares in [0, 1) and (0, 1) */
        bool shuffle;
    } split;
    struct {
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
    } model;
    struct {
        const char *name; /* cross_entropy | mse | wing */
        struct {
            double w, epsilon;
        } wing;
        struct {
            double lambda, margin;
            int top_k;
        } prsc;
    } loss;
    struct {
        const char *name; /* sgd | adam | adamw */
        double lr, momentum, dampening;
        bool nesterov;
        double weight_decay, l1, betas[2], eps;
    } optimizer;
    struct {
        const char *name; /* constant | step | cosine | plateau */
        int step_size;    /* step: epochs between drops */
        double gamma;     /* step: factor of each drop */
        double min_lr;    /* cosine, plateau */
        double factor;    /* plateau */
        int patience;     /* plateau: epochs without improvement that are borne */
    } schedule;
    struct {
        int epochs, batch_size;
        gr_type precision; /* GR_F32 | GR_BF16 */
        bool shuffle, drop_last;
        struct {
            const char *metric; /* NULL: off */
            const char *mode;   /* min | max; NULL: by the metric */
            int patience;
            double min_delta;
        } early_stopping;
        const char *feature_cache; /* "auto", "off" or a path */
        const char *keep, *keep_metric, *keep_mode; /* last | best; train_loss ... val_auprc_trapezoid; as above */
    } train;
    struct {
        gr_strings labels;  /* columns */
        gr_strings classes; /* count 0: the values of each column */
        double threshold;   /* 0: found in each fold */
        const char *cross;  /* a column, or NULL */
        bool equal;
    } experiment;
    struct {
        double confidence;        /* level of the exact intervals and DeLong's */
        const char *average_over; /* a column of the manifest, or NULL */
        struct {
            int count; /* 0: none */
            double level;
            const char *by; /* image | group */
        } bootstrap;
        struct {
            int count;      /* 0: none */
            const char *by; /* image | group */
        } permutation;
    } evaluate;
    struct {
        gr_sweep_mode mode;
        const char *rank_by; /* the pooled number that settings are ranked by, such as "f1" */
        int draws;           /* random: how many settings */
        gr_sweep_axis *axes;
        int count;                  /* of axes */
        gr_sweep_setting *settings; /* list */
        int setting_count;
    } sweep;
    const gr_reported *reported;     /* NULL: nothing */
    struct gr_config_source *source; /* where each value came from, and the memory of all strings */
} gr_config;

/* Reads the YAML file at `path`, applies overrides[count] ("optimizer.lr=3e-4": dotted key, YAML value; later ones win) and
 * the defaults, checks everything that needs no data, and gives *config; the caller owns it (gr_config_destroy). Relative
 * paths in the file and in overrides are taken from the config file's folder and made absolute.
 * Fails: GR_INVALID ("FILE:LINE: key: what is wrong, what would be right"; "command line: key: ..."), GR_NOMEM. */
gr_status gr_config_load(const char *path, const char *const *overrides, int count, gr_config **config,
                         gr_error *err) GR_MUST_CHECK;
/* Gives the config that `base` (borrowed) would be with more overrides behind its own, for a setting of a sweep; the sweep
 * axes themselves stay. Reads no file again. Fails: as gr_config_load. */
gr_status gr_config_with(const gr_config *base, const char *const *overrides, int count, gr_config **config,
                         gr_error *err) GR_MUST_CHECK;
void gr_config_destroy(gr_config *config);

/* Is it a network for landmarks (model.head landmarks, no model.classic)? Never fails. */
bool gr_config_of_landmarks(const gr_config *config);

/* Where the value of the dotted `key` stands: "FILE:LINE", "command line", or FILE and the line of the nearest section when
 * the value is the default. Lives as long as `config`. Never fails. */
const char *gr_config_where(const gr_config *config, const char *key);
/* Records "FILE:LINE: key: fmt..." as GR_INVALID in `err` and returns it: for checks that need data or a model. The sentence
 * goes on after the key: "there is no column \"pain\" in the manifest, ...". Fails: GR_INVALID, always. */
gr_status gr_config_fail(const gr_config *config, const char *key, gr_error *err, const char *fmt, ...) GR_PRINTF(4, 5);

/* Checks that the value of `key`, a string, and all its values in the sweep are among names (NULL-terminated, borrowed): for
 * names whose table lives elsewhere, such as "model.backbone". Fails: GR_INVALID (the nearest known name is given). */
gr_status gr_config_check_name(const gr_config *config, const char *key, const char *const *names,
                               gr_error *err) GR_MUST_CHECK;

/* Writes the resolved config (every key with its value, paths absolute) to `path`, atomically; loading it gives the same
 * config from anywhere. Fails: GR_INVALID (folder absent or not writable), GR_IO, GR_NOMEM. */
gr_status gr_config_save(const gr_config *config, const char *path, gr_error *err) GR_MUST_CHECK;

#endif
