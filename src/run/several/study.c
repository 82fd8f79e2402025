/* What the studies have in common: their parts are runs, one after another, below one folder. */
#include "run/several/study.h"

#include <math.h>
#include <string.h>

#include "run/one/folder.h"
#include "formats/csv.h"
#include "formats/json.h"
#include "formats/yaml.h"
#include "grimace/results.h"
#include "run/one/left.h"

bool gr_study_wanted(const gr_config *config)
{
    return config->experiment.labels.count > 0 || config->experiment.cross != NULL;
}

/* ---- parts ------------------------------------------------------------------------------------------------------------ */

gr_status gr_study_begin(gr_study *study, int count, gr_error *err)
{
    study->parts = gr_arena_alloc(study->arena, (size_t)count, sizeof *study->parts);
    return study->parts != NULL ? GR_OK : gr_fail(err, GR_NOMEM, "no memory for the parts of an experiment");
}

/* A part's name becomes the folder RUN/KIND-NAME. */
static bool names_a_folder(const char *name)
{
    bool good = strchr(name, '/') == NULL && strlen(name) <= 200;
    for (const char *p = name; *p != '\0'; p++)
        good = good && (unsigned char)*p >= 0x20 && *p != 0x7f;
    return good;
}

gr_status gr_study_add(gr_study *study, const char *key, const char *kind, const char *name, const char *const *overrides,
                       int count, gr_error *err)
{
    static const char *const alone[] = {"experiment.labels=[]",  "experiment.classes=[]",  "experiment.threshold=0",
                                        "experiment.cross=null", "experiment.equal=false", "sweep=[]",
                                        "reported=null"};
    enum { ALONE = sizeof alone / sizeof alone[0], MOST = ALONE + 8 };
    const char *all[MOST];
    if (!names_a_folder(name))
        return gr_config_fail(
            study->config, key, err,
            "\"%.80s\" cannot name a folder: it may hold no slash and no control character, and have at most "
            "200 bytes",
            name);
    gr_text title = {0};
    char text[512];
    snprintf(text, sizeof text, "%.200s %.200s", study->config->name, name);
    gr_text_printf(&title, "name=");
    gr_yaml_put_string(&title, text);
    memcpy(all, alone, sizeof alone);
    for (int i = 0; i < count; i++)
        all[ALONE + i] = overrides[i];
    all[ALONE + count] = title.failed ? "name=part" : title.data;
    gr_study_part *part = &study->parts[study->count];
    part->name = gr_arena_strdup(study->arena, name);
    if (study->options->folder != NULL)
        part->folder = gr_arena_printf(study->arena, "%s/%s-%s", study->options->folder, kind, name);
    gr_status status = gr_config_with(study->config, all, ALONE + count + 1, &part->config, err);
    if (status == GR_OK) {
        study->count++;
        status = gr_task_check(part->config, err);
    }
    if (status == GR_OK && (part->name == NULL || (study->options->folder != NULL && part->folder == NULL)))
        status = gr_fail(err, GR_NOMEM, "no memory for the parts of an experiment");
    gr_text_free(&title);
    return status;
}

void gr_study_put_list(gr_text *out, const char *key, const char *const *texts, int count)
{
    gr_text_printf(out, "%s=[", key);
    for (int i = 0; i < count; i++) {
        gr_text_printf(out, i > 0 ? ", " : "");
        gr_yaml_put_string(out, texts[i]);
    }
    gr_text_printf(out, "]");
}

static gr_status plan(gr_study *study, gr_error *err)
{
    study->arena = gr_arena_create();
    if (study->arena == NULL)
        return gr_fail(err, GR_NOMEM, "no memory for the parts of an experiment");
    gr_status status = study->config->experiment.cross != NULL ? gr_cross_plan(study, err) : gr_labels_plan(study, err);
    study->shared->folds = gr_study_folds(study);
    return status;
}

const gr_common_folds *gr_study_folds(const gr_study *study)
{
    return study->common.split.fold_count > 0 ? &study->common : NULL;
}

static void close_study(gr_study *study)
{
    study->shared->folds = NULL;
    gr_split_free(&study->common.split);
    gr_manifest_free(&study->common.manifest);
    for (int i = 0; i < study->count; i++)
        gr_config_destroy(study->parts[i].config);
    gr_arena_destroy(study->arena);
}

/* ---- running ---------------------------------------------------------------------------------------------------------- */

/* A part as the source of events. */
typedef struct one_part {
    const gr_study *study;
    int index;
    gr_left *left; /* NULL: nothing is trained yet */
} one_part;

static void tell_part(void *ctx, const gr_event *event)
{
    const one_part *one = ctx;
    const gr_hooks *to = &one->study->options->hooks;
    gr_event named = *event;
    named.setting = one->study->parts[one->index].name;
    named.at_setting = one->index;
    named.settings = one->study->count;
    named.seconds_left = one->left != NULL ? gr_left_seconds(one->left, one->index, gr_left_of_run(event), event) : -1;
    gr_hooks_tell(to, &named);
}

static gr_status check_parts(const gr_study *study, gr_error *err)
{
    gr_status status = GR_OK;
    for (int i = 0; status == GR_OK && i < study->count; i++) {
        one_part one = {.study = study, .index = i};
        gr_run_options options = *study->options;
        options.hooks.event = tell_part;
        options.hooks.ctx = &one;
        status = gr_run_check(study->parts[i].config, &options, study->shared, err);
    }
    return status;
}

static gr_status run_part(const gr_study *study, int index, gr_left *left, gr_error *err)
{
    const gr_study_part *part = &study->parts[index];
    one_part one = {.study = study, .index = index, .left = left};
    gr_run_options options = *study->options;
    options.folder = part->folder;
    options.resume = true;
    options.hooks.event = tell_part;
    options.hooks.ctx = &one;
    options.summary = NULL;
    gr_results results;
    gr_status status = gr_run_shared(part->config, &options, study->shared, &results, err);
    if (status == GR_OK)
        gr_results_free(&results);
    else if (status != GR_INVALID)
        gr_error_prefix(err, "%s", part->name);
    return status;
}

static gr_status run_parts(const gr_study *study, gr_error *err)
{
    gr_left left;
    gr_status status = gr_left_open(study->count, &left, err);
    for (int i = 0; status == GR_OK && i < study->count; i++)
        status = run_part(study, i, &left, err);
    gr_left_close(&left);
    return status;
}

/* Everything is checked: from here on things are written. */
static gr_status work(gr_study *study, gr_run_folder *folder, gr_results *results, gr_error *err)
{
    gr_status status = gr_run_folder_begin(folder, study->config, NULL, err);
    if (status == GR_OK)
        status = run_parts(study, err);
    if (status == GR_OK) {
        bool cross = study->config->experiment.cross != NULL;
        status = cross ? gr_cross_finish(study, results, err) : gr_labels_finish(study, results, err);
    }
    if (status != GR_OK)
        gr_run_folder_abandon(folder, NULL);
    return status;
}

gr_status gr_study_check(const gr_config *config, const gr_run_options *options, gr_shared *shared, gr_error *err)
{
    gr_study study = {.config = config, .options = options, .shared = shared};
    gr_status status = plan(&study, err);
    if (status == GR_OK)
        status = check_parts(&study, err);
    close_study(&study);
    return status;
}

gr_status gr_study_run(const gr_config *config, const gr_run_options *options, gr_shared *shared, gr_results *results,
                       gr_error *err)
{
    gr_study study = {.config = config, .options = options, .shared = shared};
    gr_run_folder folder = {.lock = -1};
    int wanted = shared->threads > 0 ? shared->threads : config->threads;
    gr_threads_set(options->jobs > 1 ? 1 : wanted); /* a team of threads made by a check would not survive the forks */
    gr_status status = gr_run_folder_check(options->folder, config, false, options->resume, &folder, err);
    if (status == GR_OK)
        status = plan(&study, err);
    if (status == GR_OK)
        status = check_parts(&study, err);
    if (status == GR_OK)
        status = work(&study, &folder, results, err);
    close_study(&study);
    gr_run_folder_close(&folder);
    gr_threads_set(wanted);
    return status;
}

/* ---- what both kinds write -------------------------------------------------------------------------------------------- */

gr_status gr_study_add_json(const gr_study *study, const char *key, json_t *value, gr_error *err)
{
    json_t *root = NULL;
    char *path = gr_path_join(study->options->folder, "results.json");
    gr_status status = path != NULL && value != NULL ? gr_json_read(path, &root, err)
                                                     : gr_fail(err, GR_NOMEM, "no memory for the results of an experiment");
    if (status == GR_OK && json_object_set(root, key, value) != 0)
        status = gr_fail(err, GR_NOMEM, "%s: no memory to write it", path);
    if (status == GR_OK)
        status = gr_json_write(path, root, err);
    json_decref(value);
    json_decref(root);
    gr_free(path);
    return status;
}

gr_status gr_study_write(const gr_study *study, const char *name, gr_text *text, gr_error *err)
{
    char *path = gr_path_join(study->options->folder, name);
    gr_status status = path != NULL && !text->failed ? gr_file_write(path, text->data, text->size, err)
                                                     : gr_fail(err, GR_NOMEM, "%s: no memory to write it", name);
    gr_text_free(text);
    gr_free(path);
    return status;
}

/* The name of number i; NULL: there are no more. */
static const char *name_of(const gr_results *r, int i)
{
    if (r->scores != NULL)
        return gr_score_metric_name((gr_score_metric)i);
    if (i < GR_METRIC_COUNT)
        return gr_metric_name((gr_metric)i);
    return r->ordinal != NULL ? gr_ordinal_metric_name((gr_ordinal_metric)(i - GR_METRIC_COUNT)) : NULL;
}

bool gr_study_number(const gr_results *r, int i, double values[3])
{
    const double *pooled = r->pooled.value, *mean = r->mean, *std = r->std;
    values[0] = values[1] = values[2] = NAN;
    if (name_of(r, i) == NULL)
        return false;
    if (r->scores != NULL) {
        const gr_score_summary *whole = gr_score_whole(r->scores);
        pooled = whole->pooled.value;
        mean = whole->mean;
        std = whole->std;
    } else if (i >= GR_METRIC_COUNT) {
        pooled = r->ordinal->pooled;
        mean = r->ordinal->mean;
        std = r->ordinal->std;
        i -= GR_METRIC_COUNT;
    }
    values[0] = pooled[i];
    values[1] = mean[i];
    values[2] = std[i];
    return true;
}

int64_t gr_study_rows(const gr_results *r)
{
    return r->scores != NULL ? gr_score_whole(r->scores)->pooled.n : r->pooled.n;
}

void gr_study_put_header(gr_text *out, const gr_results *r)
{
    const char *name;
    for (int i = 0; (name = name_of(r, i)) != NULL; i++)
        gr_text_printf(out, ",%s,%s_mean,%s_std", name, name, name);
    gr_text_printf(out, "\n");
}

void gr_study_put_numbers(gr_text *out, const gr_results *r)
{
    double values[3];
    for (int m = 0; gr_study_number(r, m, values); m++)
        for (int i = 0; i < 3; i++)
            gr_csv_put_number(out, values[i]);
    gr_text_printf(out, "\n");
}

json_t *gr_study_numbers(const gr_results *r)
{
    static const char *const levels[] = {"pooled", "mean", "std"};
    json_t *object = json_object();
    double values[3];
    for (int i = 0; i < 3; i++) {
        json_t *numbers = json_object();
        for (int m = 0; gr_study_number(r, m, values); m++)
            json_object_set_new(numbers, name_of(r, m), gr_json_real(values[i]));
        json_object_set_new(object, levels[i], numbers);
    }
    return object;
}
