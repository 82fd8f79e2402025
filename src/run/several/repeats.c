#include "run/several/repeats.h"

#include <math.h>
#include <string.h>

#include "formats/csv.h"
#include "formats/json.h"
#include "grimace/sweep.h"
#include "run/one/ended.h"
#include "run/one/left.h"
#include "run/one/shared_folds.h"
#include "run/several/run_list.h"
#include "run/several/task_numbers.h"

/* The pooled numbers of all repetitions, and of the first one the spread over folds. */
typedef struct repeats {
    const gr_config *config;
    const gr_run_options *options;
    const gr_task *task;
    gr_left left;
    int count;
    gr_shared *shared;
    gr_results *results; /* of the first */
    bool has_results, begun;
    double (*pooled)[GR_MOST_NUMBERS]; /* [count] */
    double std[GR_MOST_NUMBERS];
} repeats;

bool gr_repeats_wanted(const gr_config *config)
{
    return config->train.repeats > 1;
}

gr_status gr_repeats_check(const gr_config *config, gr_error *err)
{
    if (config->experiment.labels.count > 0 || config->experiment.cross != NULL)
        return gr_config_fail(config, "train.repeats", err,
                              "repeats one run, and experiment asks for several; 1 would be right, or a sweep of seed");
    if (config->train.repetition > 0)
        return gr_config_fail(config, "train.repetition", err,
                              "names one repetition, and train.repeats asks for all; 0 would be right");
    return GR_OK;
}

/* ---- training ---------------------------------------------------------------------------------------------------------- */

typedef struct one_repeat {
    repeats *all;
    int index;
    char name[32];
} one_repeat;

static void tell(void *ctx, const gr_event *event)
{
    one_repeat *one = ctx;
    gr_event named = *event;
    if (one->index == 0) {
        gr_hooks_tell(&one->all->options->hooks, event);
        return;
    }
    named.setting = one->name;
    named.at_setting = one->index - 1;
    named.settings = one->all->count - 1;
    named.seconds_left = gr_left_seconds(&one->all->left, one->index - 1, gr_left_of_run(event), event);
    gr_hooks_tell(&one->all->options->hooks, &named);
}

/* "RUN/repeat-3" for index 2, "RUN" for 0. */
static gr_status folder_of(const repeats *r, int index, gr_text *out, gr_error *err)
{
    gr_text_printf(out, "%s", r->options->folder);
    if (index > 0)
        gr_text_printf(out, "/repeat-%d", index + 1);
    return out->failed ? gr_fail(err, GR_NOMEM, "no memory for a path") : GR_OK;
}

/* What all said together before; NULL: nothing. */
static json_t *told_before(const char *folder)
{
    gr_error unused = {0};
    json_t *root = NULL, *told = NULL;
    char *path = gr_path_join(folder, "results.json");
    if (path != NULL && gr_path_exists(path) && gr_json_read(path, &root, &unused) == GR_OK)
        told = json_incref(json_object_get(root, "repeats"));
    json_decref(root);
    gr_free(path);
    return told;
}

/* The run itself, whose results are the caller's. Made once more, it says at once again what all say together: a worker that comes
 * now would take it for unfinished. */
static gr_status run_first(repeats *r, gr_run_options *options, gr_error *err)
{
    gr_share here;
    if (options->share != NULL) {
        here = *options->share;
        here.place = GR_FIRST_REPETITION; /* the end that is shared in RUN is that of all */
        options->share = &here;
    }
    gr_results_free(r->results);
    json_t *told = options->finished ? told_before(options->folder) : NULL;
    gr_status status = gr_run_shared(r->config, options, r->shared, r->results, err);
    r->has_results = status == GR_OK && r->results->fold_count > 0;
    if (status == GR_OK && told != NULL)
        status = gr_run_put_result(options->folder, "repeats", told, err);
    json_decref(told);
    return status;
}

static gr_status run_again(const repeats *r, int index, const gr_run_options *options, gr_error *err)
{
    char repetition[48];
    gr_config *config = NULL;
    gr_results results;
    snprintf(repetition, sizeof repetition, "train.repetition=%d", index);
    gr_status status = gr_config_with(r->config, (const char *[]){"train.repeats=1", "sweep=[]", repetition}, 3, &config, err);
    if (status == GR_OK)
        status = gr_run_shared(config, options, r->shared, &results, err);
    if (status == GR_OK)
        gr_results_free(&results);
    gr_config_destroy(config);
    return status;
}

static gr_status run_one(void *ctx, int index, const gr_share *share, gr_error *err)
{
    repeats *r = ctx;
    gr_text folder = {0};
    one_repeat one = {.all = r, .index = index};
    snprintf(one.name, sizeof one.name, "repeat %d", index + 1);
    gr_status status = folder_of(r, index, &folder, err);
    gr_run_options options = *r->options;
    options.folder = folder.data;
    options.resume = options.resume || index > 0 || r->begun;
    options.hooks.event = tell;
    options.hooks.ctx = &one;
    options.summary = NULL;
    options.share = share;
    r->begun = true;
    if (status == GR_OK)
        status = index == 0 ? run_first(r, &options, err) : run_again(r, index, &options, err);
    gr_text_free(&folder);
    return status;
}

/* Is a repetition that is shared at its end, and nothing of the sharing left? */
static bool is_over(const gr_share *share, int index, const char *folder)
{
    bool shared = index > 0 ? gr_is_being_shared(folder)
                            : gr_has_file(folder, "crew/" GR_FIRST_REPETITION) ||
                                  gr_has_file(folder, "crew/" GR_FIRST_REPETITION ".gone");
    return (share->joins || share->waits) && !shared && gr_run_is_whole(folder);
}

static bool leave_one(void *ctx, int index, const gr_share *share)
{
    repeats *r = ctx;
    gr_share here = *share;
    gr_text folder = {0};
    gr_error unused = {0};
    bool wanted = index == 0 && !share->joins && !r->has_results; /* who began the run shows its results */
    here.place = index == 0 ? GR_FIRST_REPETITION : NULL;
    bool alone = !wanted && folder_of(r, index, &folder, &unused) == GR_OK &&
                 gr_leave_alone(&here, folder.data, is_over(share, index, folder.data));
    gr_text_free(&folder);
    return alone;
}

/* ---- what they say together -------------------------------------------------------------------------------------------- */

static gr_status read_one(repeats *r, int index, gr_error *err)
{
    gr_text path = {0};
    json_t *json = NULL;
    gr_status status = folder_of(r, index, &path, err);
    gr_text_printf(&path, "/results.json");
    if (status == GR_OK)
        status = path.failed ? gr_fail(err, GR_NOMEM, "no memory for a path") : gr_json_read(path.data, &json, err);
    if (status == GR_OK) {
        gr_task_numbers_take(r->task, json_object_get(json, "pooled"), r->pooled[index]);
        if (index == 0)
            gr_task_numbers_take(r->task, json_object_get(json, "std"), r->std);
    }
    json_decref(json);
    gr_text_free(&path);
    return status;
}

/* Mean and standard deviation (n - 1) of number `number` over repetitions; NaN where one of them has none. */
static void spread_of(const repeats *r, int number, double *mean, double *std)
{
    double sum = 0.0, squares = 0.0;
    for (int i = 0; i < r->count; i++)
        sum += r->pooled[i][number];
    *mean = sum / r->count;
    for (int i = 0; i < r->count; i++)
        squares += (r->pooled[i][number] - *mean) * (r->pooled[i][number] - *mean);
    *std = sqrt(squares / (r->count - 1));
}

/* A learner may draw nothing by the seed, which nobody sees in a table. */
static void tell_alike(const repeats *r)
{
    char text[200];
    for (int k = 1; k < r->count; k++)
        for (int i = 0; r->task->number(i) != NULL; i++)
            if (!(r->pooled[k][i] == r->pooled[0][i] || (isnan(r->pooled[k][i]) && isnan(r->pooled[0][i]))))
                return;
    snprintf(text, sizeof text,
             "train.repeats: all %d repetitions have the same numbers: what is learnt here draws nothing by the seed%s", r->count,
             strcmp(r->config->model.classic, "none") != 0 ? "; 1 would be right" : "");
    gr_hooks_notice((void *)(uintptr_t)&r->options->hooks, text);
}

/* {"count", "runs": [{"folder", number...}], "mean", "std"} under `repeats` of RUN/results.json. */
static gr_status add_json(const repeats *r, const char *to, gr_error *err)
{
    double mean[GR_MOST_NUMBERS], std[GR_MOST_NUMBERS];
    json_t *all = json_object(), *runs = json_array();
    for (int i = 0; r->task->number(i) != NULL; i++)
        spread_of(r, i, &mean[i], &std[i]);
    for (int i = 0; i < r->count; i++)
        json_array_append_new(runs, gr_task_numbers_json(r->task, r->pooled[i]));
    json_object_set_new(all, "count", json_integer(r->count));
    json_object_set_new(all, "runs", runs);
    json_object_set_new(all, "mean", gr_task_numbers_json(r->task, mean));
    json_object_set_new(all, "std", gr_task_numbers_json(r->task, std));
    gr_status status = gr_run_put_result(to, "repeats", all, err);
    json_decref(all);
    return status;
}

static gr_status write_csv(const repeats *r, const char *to, gr_error *err)
{
    gr_text out = {0};
    char *path = gr_path_join(to, "repeats.csv");
    gr_text_printf(&out, "repeat");
    for (int i = 0; r->task->number(i) != NULL; i++)
        gr_text_printf(&out, ",%s", r->task->number(i));
    for (int k = 0; k < r->count; k++) {
        gr_text_printf(&out, "\n%d", k + 1);
        for (int i = 0; r->task->number(i) != NULL; i++)
            gr_csv_put_number(&out, r->pooled[k][i]);
    }
    gr_text_printf(&out, "\n");
    gr_status status = path != NULL && !out.failed ? gr_file_write(path, out.data, out.size, err)
                                                   : gr_fail(err, GR_NOMEM, "no memory for the table of repetitions");
    gr_text_free(&out);
    gr_free(path);
    return status;
}

static void put_number(gr_text *out, double value)
{
    if (isnan(value))
        gr_text_printf(out, "  %9s", "-");
    else
        gr_text_printf(out, "  %9.4f", value);
}

/* All numbers that every repetition has. */
static void put_table(const repeats *r, gr_text *out)
{
    gr_text_printf(out, "%d repetitions             first       mean  sd of them  sd of folds\n", r->count);
    for (int i = 0; r->task->number(i) != NULL; i++) {
        double mean, std;
        spread_of(r, i, &mean, &std);
        if (isnan(mean))
            continue;
        gr_text_printf(out, "%-22s", r->task->number(i));
        put_number(out, r->pooled[0][i]);
        put_number(out, mean);
        gr_text_printf(out, " ");
        put_number(out, std);
        gr_text_printf(out, "  ");
        put_number(out, r->std[i]);
        gr_text_printf(out, "\n");
    }
}

static gr_status tell_all(void *ctx, const char *to, gr_error *err)
{
    repeats *r = ctx;
    gr_status status = GR_OK;
    for (int i = 0; status == GR_OK && i < r->count; i++)
        status = read_one(r, i, err);
    if (status == GR_OK)
        status = add_json(r, to, err);
    return status == GR_OK ? write_csv(r, to, err) : status;
}

bool gr_repeats_are_told(const char *folder)
{
    return gr_has_file(folder, "repeats.csv") && gr_run_has_result(folder, "repeats");
}

static bool are_told(void *ctx)
{
    const repeats *r = ctx;
    return gr_repeats_are_told(r->options->folder);
}

static void keep(void *ctx)
{
    (void)ctx; /* the numbers are read anew */
}

/* What all say together, when all are done. */
static gr_status finish(repeats *r, gr_error *err)
{
    gr_shared_ending ending = {.folder = r->options->folder,
                               .hooks = &r->options->hooks,
                               .over = are_told,
                               .write = tell_all,
                               .forget = keep,
                               .ctx = r};
    bool away = false;
    gr_status status = gr_shared_end(&ending, r->options->share, &away, err);
    if (status != GR_OK || away)
        return status;
    tell_alike(r);
    if (r->options->summary != NULL)
        put_table(r, r->options->summary);
    return GR_OK;
}

gr_status gr_repeats_run(const gr_config *config, const gr_run_options *options, gr_shared *shared, gr_results *results,
                         gr_error *err)
{
    repeats r = {.config = config,
                 .options = options,
                 .task = gr_task_of(config),
                 .count = config->train.repeats,
                 .shared = shared,
                 .results = results};
    *results = (gr_results){0};
    if (options->share != NULL && options->share->begins)
        return gr_run_shared(config, options, shared, results, err);
    r.pooled = gr_alloc((size_t)r.count, sizeof *r.pooled);
    gr_status status = r.pooled != NULL ? gr_left_open(r.count - 1, &r.left, err)
                                        : gr_fail(err, GR_NOMEM, "no memory for the numbers of repetitions");
    const gr_run_list list = {.count = r.count, .run = run_one, .leave = leave_one, .ctx = &r};
    bool away = false;
    if (status == GR_OK)
        status = gr_run_list_do(&list, options->share, &away, err);
    if (status == GR_OK && !away && gr_peers_lead(options->peers))
        status = finish(&r, err);
    if (status != GR_OK)
        gr_results_free(results);
    gr_left_close(&r.left);
    gr_free(r.pooled);
    return status;
}
