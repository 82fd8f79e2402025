/* Sweeps: a full cross-validation for each setting of a config's `sweep`, and one ranked table of them.
 *
 * The folder RUN of a sweep: config.yaml, setting-NNN (each a run's folder, see grimace/train.h), sweep.json, sweep.csv;
 * with sweep.cost costs.csv, whose times no two runs share. */
#ifndef GRIMACE_SWEEP_H
#define GRIMACE_SWEEP_H

#include "grimace/cost.h"
#include "grimace/text.h"
#include "grimace/train.h"

/* One setting that is run. */
typedef struct gr_setting {
    const char *number;  /* "001": its folder is setting-001 */
    const char *name;    /* "lambda=0.1 margin=0.2", or its name in a list */
    gr_config *config;   /* what is run; owned */
    const char **values; /* [key_count], as YAML */
} gr_setting;

/* The settings of a sweep. Settings that come to the same config are one. */
typedef struct gr_settings {
    int key_count;
    const char *const *keys; /* what differs between settings */
    int requested;           /* settings as the sweep's mode makes them, repeats included */
    const int *which;        /* [requested]: index in items */
    int count;
    gr_setting *items; /* [count], in the order in which they come first */
    void *memory;
} gr_settings;

/* Makes the settings of `config` (BORROWED during the call). *out GIVES (gr_settings_free).
 * Fails: GR_INVALID (no sweep; a setting that is no valid config; more than 10,000), GR_NOMEM. */
gr_status gr_settings_make(const gr_config *config, gr_settings *out, gr_error *err) GR_MUST_CHECK;
void gr_settings_free(gr_settings *settings);

/* Results of the settings of a sweep; NaN where a number is undefined. Number i of a setting is what gr_sweep_number names. */
typedef struct gr_sweep_results {
    const char *task;                  /* its name, of all settings */
    bool several;                      /* label columns are learnt at once */
    int count;                         /* of settings */
    int *order;                        /* [count]: settings from the best to the worst */
    int *folds;                        /* [count] */
    double (*pooled)[GR_MOST_NUMBERS]; /* [count] */
    double (*mean)[GR_MOST_NUMBERS];   /* [count], over folds */
    double (*std)[GR_MOST_NUMBERS];    /* [count], over folds */
    int rank_by;                       /* a number */
    gr_cost *costs;                    /* [count], of each setting's first model; NULL: not asked for (sweep.cost) */
} gr_sweep_results;
/* The name in results.json of number i; NULL: there are no more. Never fails. */
const char *gr_sweep_number(const gr_sweep_results *results, int i);
void gr_sweep_results_free(gr_sweep_results *results);

/* Cross-validates every setting of `config` (BORROWED) as gr_run does, in options->folder; options->jobs processes share the
 * settings and the cores, and give the same bytes as one. All settings are checked before anything is written. Images are
 * decoded once, initial weights made once for settings with the same model. *results GIVES (gr_sweep_results_free), in the
 * order of *settings, which it GIVES too (gr_settings_free).
 * Fails: as gr_run, and GR_INVALID (no sweep, a rank_by that is no number of results.json, settings for different tasks). */
gr_status gr_sweep_run(const gr_config *config, const gr_run_options *options, gr_settings *settings,
                       gr_sweep_results *results, gr_error *err) GR_MUST_CHECK;

/* Reads FOLDER/setting-NNN/results.json of every setting and ranks them by the pooled number `rank_by`, undefined ones last,
 * equals in their order. Fails: GR_INVALID (a file absent or damaged), GR_NOMEM. */
gr_status gr_sweep_collect(const gr_settings *settings, const char *folder, int rank_by, gr_sweep_results *results,
                           gr_error *err) GR_MUST_CHECK;
/* Writes FOLDER/sweep.csv and FOLDER/sweep.json (numbers not rounded). Fails: GR_INVALID, GR_IO, GR_NOMEM. */
gr_status gr_sweep_write(const gr_config *config, const gr_settings *settings, const gr_sweep_results *results,
                         const char *folder, gr_error *err) GR_MUST_CHECK;
/* Adds the ranked table to `out`, then the spread over settings, then, for settings of which a paper reports something
 * (grimace/reported.h), its numbers beside the run's, then their costs where they were measured. Memory shortage sticks in
 * `out`. Never fails. */
void gr_sweep_table(const gr_config *config, const gr_settings *settings, const gr_sweep_results *results,
                    gr_text *out);

#endif
