/* The members of a study, and what both of its kinds write. */
#include <math.h>
#include <string.h>

#include "formats/csv.h"
#include "formats/json.h"
#include "formats/yaml.h"
#include "grimace/results.h"
#include "run/several/study.h"

/* ---- members ---------------------------------------------------------------------------------------------------------- */

gr_status gr_study_begin(gr_study *study, int count, gr_error *err)
{
    study->members = gr_arena_alloc(study->arena, (size_t)count, sizeof *study->members);
    return study->members != NULL ? GR_OK : gr_fail(err, GR_NOMEM, "no memory for the members of a study");
}

/* A member's name becomes the folder RUN/KIND-NAME. */
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
    gr_study_member *member = &study->members[study->count];
    member->name = gr_arena_strdup(study->arena, name);
    if (study->options->folder != NULL)
        member->folder = gr_arena_printf(study->arena, "%s/%s-%s", study->options->folder, kind, name);
    gr_status status = gr_config_with(study->config, all, ALONE + count + 1, &member->config, err);
    if (status == GR_OK) {
        study->count++;
        status = gr_task_check(member->config, err);
    }
    if (status == GR_OK && (member->name == NULL || (study->options->folder != NULL && member->folder == NULL)))
        status = gr_fail(err, GR_NOMEM, "no memory for the members of a study");
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

const gr_common_folds *gr_study_folds(const gr_study *study)
{
    return study->common.split.fold_count > 0 ? &study->common : NULL;
}

/* ---- what both kinds write -------------------------------------------------------------------------------------------- */

gr_status gr_study_add_json(const gr_study *study, const char *key, json_t *value, gr_error *err)
{
    json_t *root = NULL;
    char *path = gr_path_join(study->to, "results.json");
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
    char *path = gr_path_join(study->to, name);
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
