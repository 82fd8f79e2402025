/* A study: several trainings from one config, each a whole run in a folder of its own, and what they say together. Which one
 * it is, the section `experiment` says: a network for each label (study_labels.c), or one for each value of a column, tested
 * on all others (study_cross.c). */
#ifndef GR_RUN_STUDY_H
#define GR_RUN_STUDY_H

#include <jansson.h>

#include "base/base.h"
#include "run/one/folder.h"
#include "run/one/run.h"

typedef struct gr_study_member {
    const char *name;   /* the label, or the value */
    const char *folder; /* RUN/label-NAME or RUN/train-NAME; NULL while nothing is written */
    gr_config *config;  /* owned */
} gr_study_member;

typedef struct gr_study {
    const gr_config *config; /* borrowed, as the next two */
    const gr_run_options *options;
    gr_shared *shared;
    gr_run_folder *folder; /* NULL while nothing is written */
    const char *to;        /* where its own files are written: RUN, or the road to it, once all members have run */
    gr_arena *arena; /* names and folders */
    gr_study_member *members;
    int count;
    gr_common_folds common; /* experiment.labels with cells that are empty: the folds of all members; else rows are 0 */
} gr_study;

/* The folds that all members share; NULL: each makes its own, which are the same. Never fails. */
const gr_common_folds *gr_study_folds(const gr_study *study);

/* Does the config ask for one? Never fails. */
bool gr_study_wanted(const gr_config *config);
/* gr_run_check and gr_run_shared of such a config: all members are checked before one is trained; jobs share the folds of
 * one member. Fails: as these. */
gr_status gr_study_check(const gr_config *config, const gr_run_options *options, gr_shared *shared,
                         gr_error *err) GR_MUST_CHECK;
gr_status gr_study_run(const gr_config *config, const gr_run_options *options, gr_shared *shared, gr_results *results,
                       gr_error *err) GR_MUST_CHECK;

/* ---- for the two kinds (study_members.c) ------------------------------------------------------------------------------ */

/* Makes room for `count` members, then adds one: the study's config with overrides[count] and no experiment of its own.
 * `key` names the key that lists them, for a name that can be no folder's.
 * Fails: GR_INVALID, GR_NOMEM. */
gr_status gr_study_begin(gr_study *study, int count, gr_error *err) GR_MUST_CHECK;
gr_status gr_study_add(gr_study *study, const char *key, const char *kind, const char *name, const char *const *overrides,
                       int count, gr_error *err) GR_MUST_CHECK;
/* Appends "KEY=[...]" of count texts, as an override. A failure sticks in out->failed. */
void gr_study_put_list(gr_text *out, const char *key, const char *const *texts, int count);
/* Adds `value` (TAKEN) to RUN/results.json under `key`. Fails: GR_INVALID, GR_IO, GR_NOMEM. */
gr_status gr_study_add_json(const gr_study *study, const char *key, json_t *value, gr_error *err) GR_MUST_CHECK;
/* Writes RUN/NAME (`text` TAKEN). Fails: GR_INVALID, GR_IO, GR_NOMEM. */
gr_status gr_study_write(const gr_study *study, const char *name, gr_text *text, gr_error *err) GR_MUST_CHECK;
/* Number i of results, pooled, their mean and their deviation over folds: of scores by gr_score_metric, else by gr_metric,
 * those of classes in order behind them. false, and NaN, where there is no such number. Never fails. */
bool gr_study_number(const gr_results *results, int i, double values[3]);
/* How many rows all together are of. Never fails. */
int64_t gr_study_rows(const gr_results *results);
/* For tables with a row for each member or pair of members: ",accuracy,accuracy_mean,accuracy_std,f1..." of results such as
 * these, and their numbers. */
void gr_study_put_header(gr_text *out, const gr_results *results);
void gr_study_put_numbers(gr_text *out, const gr_results *results);
/* {"pooled": {metric...}, "mean", "std"}; GIVES, NULL when memory is short. */
json_t *gr_study_numbers(const gr_results *results) GR_MUST_CHECK;
/* study_labels.c, study_cross.c: the members; and, when all have run, the files of the study. */
gr_status gr_labels_plan(gr_study *study, gr_error *err) GR_MUST_CHECK;
gr_status gr_labels_finish(gr_study *study, gr_results *results, gr_error *err) GR_MUST_CHECK;
gr_status gr_cross_plan(gr_study *study, gr_error *err) GR_MUST_CHECK;
gr_status gr_cross_finish(gr_study *study, gr_results *results, gr_error *err) GR_MUST_CHECK;

#endif
