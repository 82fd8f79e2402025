/* The config of an experiment: a YAML file and key=value overrides, checked against one table of keys (docs/config.md lists
 * them all), in a plain structure. Names (of networks, schemes, optimisers, schedules) are strings: the tables of those who
 * build them say what they mean. */
#ifndef GRIMACE_CONFIG_H
#define GRIMACE_CONFIG_H

#include <stdbool.h>

#include "grimace/recipe.h"
#include "grimace/reported.h"

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
    int threads;      /* 0: all cores */
    const char *task;      /* classes | ordinal | scores | landmarks */
    const char *semantics; /* torch | keras2 | keras3 */
    gr_recipe_data data;
    struct {
        const char *scheme; /* leave_one_group_out | group_kfold | stratified_group_kfold | stratified_kfold | holdout |
                             * column */
        int folds, repeats;
        const char *stratify;    /* a column of the manifest, or NULL */
        double validation, test; /* shares in [0, 1) and (0, 1) */
        double train_share;      /* of each fold's training groups, in (0, 1] */
        bool shuffle;
        const char *write; /* full | compact, how splits.csv is written; NULL: as its rows are few or many */
    } split;
    gr_recipe_model model;
    gr_recipe_loss loss;
    gr_recipe_optimizer optimizer;
    gr_recipe_schedule schedule;
    gr_recipe_train train;
    gr_recipe_tune tune;
    gr_recipe_select select;
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
        gr_strings tta;           /* views of an image over which answers are averaged */
        const char *calibrate;    /* none | temperature | platt | isotonic */
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
        int cost;            /* so many images are timed in each setting, for costs.csv; 0: none */
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
/* The same, and tells `report` each mistake in a sentence like that of `err`, which has the first: in the order of the
 * file's lines, then in that of the overrides, at most 100. What follows from another mistake alone is left out. A file that
 * cannot be read as a whole is the error itself, without a report. Fails: as gr_config_load. */
gr_status gr_config_load_all(const char *path, const char *const *overrides, int count,
                             void (*report)(void *ctx, const char *sentence), void *ctx, gr_config **config,
                             gr_error *err) GR_MUST_CHECK;
/* Gives the config that `base` (borrowed) would be with more overrides behind its own, for a setting of a sweep; the sweep
 * axes themselves stay. Reads no file again. Fails: as gr_config_load. */
gr_status gr_config_with(const gr_config *base, const char *const *overrides, int count, gr_config **config,
                         gr_error *err) GR_MUST_CHECK;
void gr_config_destroy(gr_config *config);

/* Where the value of the dotted `key` stands: "FILE:LINE", "command line", or FILE and the line of the nearest section when
 * the value is the default. Lives as long as `config`. Never fails. */
const char *gr_config_where(const gr_config *config, const char *key);
/* Records "FILE:LINE: key: fmt..." as GR_INVALID in `err` and returns it: for checks that need data or a model. The sentence
 * goes on after the key: "there is no column \"pain\" in the manifest, ...". Fails: GR_INVALID, always. */
gr_status gr_config_fail(const gr_config *config, const char *key, gr_error *err, const char *fmt, ...) GR_PRINTF(4, 5);

/* Writes the resolved config (every key with its value) to `path`, atomically; loading it gives the same config. A path
 * that was given relative is written from the folder of `path` on, where both have a folder in common but the root: the
 * two may be moved together. Other paths are absolute. Fails: GR_INVALID (folder absent or not writable), GR_IO, GR_NOMEM. */
gr_status gr_config_save(const gr_config *config, const char *path, gr_error *err) GR_MUST_CHECK;

#endif
