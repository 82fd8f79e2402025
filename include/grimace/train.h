/* Runs: a config's training runs with everything that must be on disk at their end, killed and resumed at will, and
 * predictions with what they left there.
 *
 * A run's folder RUN (docs/run.md):
 *   config.yaml, splits.csv, fold-NAME/{metrics.jsonl, checkpoint, model.safetensors}, predictions.csv, results.json,
 *   results.csv, summary.csv, statistics.json, roc.csv, pr.csv, about.json
 * Each file holds its old content or all of the new one at any instant. The same config, seed and instruction set give the
 * same bytes, with any number of threads and however often the run was stopped in between; only the seconds and images per
 * second in metrics.jsonl, and about.json, differ. */
#ifndef GRIMACE_TRAIN_H
#define GRIMACE_TRAIN_H

#include <stdbool.h>

#include "grimace/config.h"
#include "grimace/eval.h"
#include "grimace/events.h"
#include "grimace/loader.h"
#include "grimace/peers.h"
#include "grimace/share.h"
#include "grimace/statistics.h"
#include "grimace/text.h"
#include "grimace/weights.h"

/* Checks what the keys of a config (BORROWED) say together about its task: head, loss, metrics, learner. gr_run and all
 * others do so themselves. Fails: GR_INVALID. */
gr_status gr_task_check(const gr_config *config, gr_error *err) GR_MUST_CHECK;

/* gr_config_load_all with what gr_task_check finds among what `report` (NULL: nobody) is told. Fails: as gr_config_load. */
gr_status gr_task_load(const char *path, const char *const *overrides, int count,
                       void (*report)(void *ctx, const char *sentence), void *ctx, gr_config **config,
                       gr_error *err) GR_MUST_CHECK;

/* ---- training --------------------------------------------------------------------------------------------------------- */

typedef struct gr_run_options {
    const char *folder; /* RUN */
    bool first_fold;    /* train the split's first fold only, under the name "0" */
    bool resume;        /* go on with what RUN holds; an absent or empty RUN starts afresh */
    bool finished;      /* RUN is at its end: its results are made once more, and no picture is looked at before */
    gr_peers *peers;    /* who does the work together, each with the same config and options; NULL: this process alone. Only the
                         * first of them writes and has results; BORROWED */
    int jobs;           /* processes that share the folds and the cores; 0 and 1: this process alone */
    int threads;        /* of each run; 0: as the config says */
    gr_hooks hooks;
    const char *command; /* the command line, for RUN/about.json; NULL: nobody says; BORROWED */
    const gr_share *share; /* the workers with whom the folds are shared; NULL: this run is alone; BORROWED */
    gr_text *summary; /* what a study found is added here, for a reader; NULL: nobody reads */
} gr_run_options;

/* Trains and tests the folds of `config` (BORROWED) and fills RUN. Whatever can be checked is checked before anything is
 * written, every image included; several trainings where experiment.* asks for them (docs/protocols.md); a run that fails
 * before its first checkpoint leaves nothing behind. GIVES *results (gr_results_free) of the whole run.
 * Fails: GR_INVALID (config, manifest, image, pretrained weights; RUN holds a run and `resume` is not set, or holds one of
 * another config, or a damaged checkpoint, or cannot be written), GR_FAILED (the loss is not finite), GR_INTERRUPTED
 * (`stop`; what is done is kept), GR_IO, GR_NOMEM. */
gr_status gr_run(const gr_config *config, const gr_run_options *options, gr_results *results, gr_error *err) GR_MUST_CHECK;

/* GIVES the weights with which every fold of `config` (BORROWED) starts, pretrained ones included, in PyTorch's names and
 * layouts, with the notes of a model file. Needs the manifest only when the config does not list the classes.
 * `notice` (may be NULL) hears one sentence on each thing that was loaded or left out. Fails: GR_INVALID, GR_NOMEM. */
gr_status gr_initial_weights(const gr_config *config, void (*notice)(void *ctx, const char *sentence), void *ctx,
                             gr_weights **out, gr_error *err) GR_MUST_CHECK;

/* GIVES the statistics (gr_statistics_free) of the test predictions of `path`: the folder of a run, or a table like
 * predictions.csv, with which a config's defaults hold. overrides[count] may set evaluate.*, data.positive and seed. Where
 * the config draws no bootstrap samples or permutations and no override says so, 1000 are drawn. For each of
 * columns[column_count], a column of the predictions or of the run's manifest, the numbers of each of its values come along.
 * Fails: GR_INVALID (no run, no such table, another override, no such column, or one of an image's rows disagree on),
 * GR_NOMEM. */
gr_status gr_run_statistics(const char *path, const char *const *overrides, int count, const char *const *columns,
                            int column_count, gr_statistics *out, gr_error *err) GR_MUST_CHECK;

/* ---- predicting ------------------------------------------------------------------------------------------------------- */

/* One model or several whose probabilities, or places of landmarks, are averaged, with the road of images into it. */
typedef struct gr_predictor gr_predictor;

/* GIVES the predictor of `path`: a model.safetensors that a run wrote, or the folder of a run (all its folds, averaged).
 * Fails: GR_INVALID (absent, damaged, no model of grimace, folds that do not fit together), GR_NOMEM. */
gr_status gr_predictor_open(const char *path, gr_predictor **out, gr_error *err) GR_MUST_CHECK;
void gr_predictor_close(gr_predictor *predictor);
/* Its classes in order, none for landmarks; they live as long as it. Never fails. */
const char *const *gr_predictor_classes(const gr_predictor *predictor, int *count);
/* How many numbers it predicts for an image: a probability for each class, x and y of each landmark, each score. Never
 * fails. */
size_t gr_predictor_width(const gr_predictor *predictor);

/* Writes predictions[count, width] of samples[count] (BORROWED): probabilities; x and y in pixels of the decoded image;
 * scores. `stop` as in gr_run_options. Fails: GR_INVALID (an image that cannot be read, named), GR_NOMEM, GR_IO,
 * GR_INTERRUPTED. */
gr_status gr_predictor_run(gr_predictor *predictor, const gr_sample *samples, int64_t count, float *predictions,
                           const volatile sig_atomic_t *stop, gr_error *err) GR_MUST_CHECK;
/* The same, but goes on past images that cannot be read: problems[count] say what is wrong with each ("is not a PNG ..."; they
 * live as long as the predictor), its predictions mean nothing; NULL: it was read. Fails: as gr_predictor_run, without such
 * images. */
gr_status gr_predictor_run_all(gr_predictor *predictor, const gr_sample *samples, int64_t count, float *predictions,
                               const char **problems, const volatile sig_atomic_t *stop, gr_error *err) GR_MUST_CHECK;
/* Appends the table of predictions[count, width] (BORROWED) of images[count]: image,predicted,p_<class>... of classes,
 * image,predicted of scores, image,lm1_x,lm1_y,... of landmarks. Where some of problems[count] (BORROWED; NULL: none) are not NULL,
 * these rows are empty behind the image, and a last column `error` says why. Memory shortage sticks in `out`. Never fails. */
void gr_predictor_csv(const gr_predictor *predictor, const char *const *images, int64_t count, const float *predictions,
                      const char *const *problems, gr_text *out);

#endif
