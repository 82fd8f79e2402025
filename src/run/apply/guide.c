#include "run/apply/guide.h"

#include <math.h>
#include <string.h>

#include "config/config.h"
#include "data/landmarks.h"
#include "geometry/upright.h"
#include "learners/card_trees.h"
#include "learners/row_numbers.h"
#include "run/apply/answers.h"
#include "run/apply/evaluation_config.h"
#include "run/apply/trained.h"

static gr_status no_memory(gr_error *err)
{
    return gr_fail(err, GR_NOMEM, "no memory for the landmarks of images");
}

/* ---- the run that finds them ---------------------------------------------------------------------------------------- */

/* A run of landmarks at work. */
typedef struct finder {
    const char *run;
    gr_predictor *predictor;
    gr_config *config; /* NULL: of a model that lies alone */
    const gr_guide_images *images;
    gr_sample *samples; /* as its models see them */
    bool *knows;        /* [count, models] */
    gr_answered answered;
} finder;

static gr_status hash_models(const finder *f, uint64_t *key, gr_error *err)
{
    const gr_model_files *files = gr_predictor_files(f->predictor);
    gr_status status = GR_OK;
    *key = 0;
    for (int m = 0; status == GR_OK && m < files->count; m++) {
        char *data = NULL;
        size_t size = 0;
        status = gr_file_read(files->paths[m], (size_t)1 << 40, &data, &size, err);
        *key = status == GR_OK ? gr_hash(*key, data, size) : 0;
        gr_free(data);
    }
    *key = *key != 0 ? *key : 1;
    return status;
}

static gr_status open_run(finder *f, gr_error *err)
{
    char *file = NULL;
    gr_status status = gr_predictor_open(f->run, &f->predictor, err);
    if (status != GR_OK)
        return status;
    const gr_card *card = &gr_predictor_files(f->predictor)->card;
    if (strcmp(card->task, "landmarks") != 0)
        return gr_fail(err, GR_INVALID,
                       "%s: is a model for %s, which finds no landmarks; a run with model.head landmarks would "
                       "be right",
                       f->run, card->task);
    status = gr_evaluation_find_config(f->run, &file, err);
    if (status == GR_OK && file != NULL)
        status = gr_config_load(file, NULL, 0, &f->config, err);
    gr_free(file);
    return status;
}

/* The number in the manifest, from 1, of what the models call landmark `i`, from 0. */
static int number_of(const finder *f, int i)
{
    const gr_ints *list = f->config != NULL ? &f->config->data.landmarks : NULL;
    return list != NULL && i < list->count ? list->items[i] : i + 1;
}

/* Who may tell of which image. */
static gr_status find_knowing(finder *f, gr_error *err)
{
    const gr_guide_images *images = f->images;
    const gr_model_files *files = gr_predictor_files(f->predictor);
    size_t cells;
    gr_text ignored = {0}, *said = images->said != NULL ? images->said : &ignored;
    gr_status status = GR_OK;
    if (gr_mul_size((size_t)images->count, (size_t)files->count, &cells))
        f->knows = gr_alloc(cells, sizeof *f->knows);
    if (f->knows == NULL)
        return no_memory(err);
    const gr_asked_images asked = {images->count, images->names, images->paths, images->groups};
    if (images->names != NULL)
        status = gr_trained_knows(files->paths, files->count, &asked, f->knows, said, NULL, err);
    for (int64_t i = 0; status == GR_OK && i < images->count; i++) {
        bool *row = f->knows + i * files->count, every = true;
        for (int m = 0; m < files->count; m++)
            every = every && row[m];
        for (int m = 0; m < files->count; m++)
            row[m] = images->problems[i] != NULL || (row[m] && !(every && images->all));
    }
    gr_text_free(&ignored);
    return status;
}

static gr_status ask_run(finder *f, gr_error *err)
{
    const gr_guide_images *images = f->images;
    f->samples = gr_alloc((size_t)images->count, sizeof *f->samples);
    if (f->samples == NULL)
        return no_memory(err);
    for (int64_t i = 0; i < images->count; i++) {
        f->samples[i] = images->samples[i];
        f->samples[i].side = 0;
    }
    gr_guide_images own = *images;
    own.samples = f->samples;
    gr_status status = gr_guide_ready(&gr_predictor_files(f->predictor)->card, f->run, &own, err);
    if (status == GR_OK)
        status = find_knowing(f, err);
    const gr_questions questions = {.samples = f->samples, .count = images->count, .knows = f->knows};
    return status == GR_OK ? gr_answers_make(f->predictor, &questions, 0, images->stop, &f->answered, err) : status;
}

static gr_status make_room(const finder *f, int least, gr_guide_points *out, gr_error *err)
{
    size_t cells;
    out->count = least;
    for (int i = 0; i < (int)f->answered.width / 2; i++)
        out->count = number_of(f, i) > out->count ? number_of(f, i) : out->count;
    out->known = gr_alloc((size_t)out->count, sizeof *out->known);
    if (gr_mul_size((size_t)f->images->count, 2 * (size_t)out->count, &cells))
        out->at = gr_alloc(cells, sizeof *out->at);
    for (size_t i = 0; out->at != NULL && i < cells; i++)
        out->at[i] = NAN;
    return out->known != NULL && out->at != NULL ? GR_OK : no_memory(err);
}

static gr_status take_points(const finder *f, gr_guide_points *out, gr_error *err)
{
    const gr_answered *a = &f->answered;
    for (int k = 0; k < (int)a->width / 2; k++)
        out->known[number_of(f, k) - 1] = true;
    for (int64_t i = 0; i < a->count; i++) {
        const float *from = a->mean + (size_t)i * a->width;
        float *to = out->at + i * 2 * out->count;
        for (int k = 0; a->voices[i] > 0 && k < (int)a->width / 2; k++)
            memcpy(to + 2 * (number_of(f, k) - 1), from + 2 * k, 2 * sizeof *to);
        if (a->voices[i] > 0 || f->images->problems[i] != NULL)
            continue;
        f->images->problems[i] =
            a->problems[i] != NULL
                ? gr_arena_strdup(f->images->arena, a->problems[i])
                : gr_arena_printf(f->images->arena,
                                  "all models of %s, which finds landmarks, trained on it or its group; a run of grimace cv "
                                  "has one that did not",
                                  f->run);
        if (f->images->problems[i] == NULL)
            return no_memory(err);
        if (a->problems[i] == NULL && f->images->trained_on != NULL)
            ++*f->images->trained_on;
    }
    return GR_OK;
}

gr_status gr_guide_find(const char *run, uint64_t key, int least, const gr_guide_images *images, gr_guide_points *out,
                        gr_error *err)
{
    finder f = {.run = run, .images = images};
    *out = (gr_guide_points){0};
    gr_status status =
        gr_path_exists(run) ? open_run(&f, err) : gr_fail(err, GR_INVALID, "%s: there is no such run of landmarks", run);
    if (status == GR_OK)
        status = hash_models(&f, &out->key, err);
    if (status == GR_OK && key != 0 && key != out->key)
        status = gr_fail(err, GR_INVALID, "%s: has been trained anew since; the models of then would be right", run);
    if (status == GR_OK)
        status = ask_run(&f, err);
    if (status == GR_OK)
        status = make_room(&f, least, out, err);
    if (status == GR_OK)
        status = take_points(&f, out, err);
    gr_answered_free(&f.answered);
    gr_free(f.knows);
    gr_free(f.samples);
    gr_config_destroy(f.config);
    gr_predictor_close(f.predictor);
    if (status != GR_OK)
        gr_guide_points_free(out);
    return status;
}

void gr_guide_points_free(gr_guide_points *points)
{
    gr_free(points->at);
    gr_free(points->known);
    *points = (gr_guide_points){0};
}

/* ---- what follows from them ------------------------------------------------------------------------------------------ */

void gr_guide_turn(const gr_upright *upright, const gr_guide_points *points, const gr_guide_images *images)
{
    for (int64_t i = 0; i < images->count; i++) {
        gr_sample *s = &images->samples[i];
        double m[6];
        if (images->problems[i] != NULL)
            continue;
        if (!gr_upright_fit(upright, points->at + i * 2 * points->count, m)) {
            images->problems[i] = "its landmarks do not tell how the face lies";
            continue;
        }
        s->side = upright->size;
        s->map = (gr_map){.xx = m[0], .xy = m[1], .x = m[2], .yx = m[3], .yy = m[4], .y = m[5]};
    }
}

/* What trees read of each image in the place of a table's columns. */
static gr_status put_numbers(const gr_card *card, const gr_guide_points *points, const gr_guide_images *images,
                             gr_error *err)
{
    int count = card->number_count, at;
    for (int64_t i = 0; i < images->count; i++) {
        float *numbers = gr_arena_alloc(images->arena, (size_t)count, sizeof *numbers);
        if (numbers == NULL)
            return no_memory(err);
        memcpy(numbers, points->at + i * 2 * points->count, (size_t)count * sizeof *numbers);
        images->samples[i].numbers = numbers;
        if (images->problems[i] == NULL)
            images->problems[i] = gr_number_fault(numbers, count, &at);
    }
    return GR_OK;
}

static gr_status no_table(const char *path, gr_error *err)
{
    return gr_fail(
        err, GR_INVALID,
        "%s: turns faces upright by landmarks of a table; --manifest with columns lm1_x, lm1_y, ... would be right", path);
}

/* Those that the samples have. */
static gr_status take_own(const char *path, int least, const gr_guide_images *images, gr_guide_points *out, gr_error *err)
{
    size_t cells;
    bool some = false;
    out->count = least;
    if (gr_mul_size((size_t)images->count, 2 * (size_t)least, &cells))
        out->at = gr_alloc(cells, sizeof *out->at);
    if (out->at == NULL)
        return no_memory(err);
    for (int64_t i = 0; i < images->count; i++) {
        const gr_sample *s = &images->samples[i];
        some = some || s->points != NULL;
        for (int k = 0; k < 2 * least; k++)
            out->at[i * 2 * least + k] = s->points != NULL && k < 2 * s->point_count ? s->points[k] : NAN;
    }
    return some ? GR_OK : no_table(path, err);
}

/* Those of the table's columns; a row with half a landmark or a text has a problem. */
static gr_status read_table(const char *path, int least, const gr_guide_images *images, gr_guide_points *out, gr_error *err)
{
    const gr_csv *csv = images->table;
    const int *columns;
    int count = 0;
    char said[200];
    gr_status status = gr_landmarks_find(csv, images->arena, &columns, &count, err);
    if (status == GR_OK && count == 0)
        return no_table(path, err);
    if (status == GR_OK && count < least)
        return gr_fail(err, GR_INVALID, "%s:%lld: lm%d_x: there is no such column, and %s turns faces upright by it",
                       csv->path, (long long)csv->header_line, count + 1, path);
    out->count = count;
    if (status == GR_OK && (out->at = gr_alloc((size_t)images->count, 2 * (size_t)count * sizeof *out->at)) == NULL)
        status = no_memory(err);
    for (int64_t i = 0; status == GR_OK && i < images->count; i++) {
        int column = 0;
        if (images->problems[i] != NULL ||
            gr_landmarks_read(csv, images->line[i], columns, count, out->at + i * 2 * count, &column, said, sizeof said))
            continue;
        images->problems[i] = gr_arena_printf(images->arena, "%s: %s", csv->header[column], said);
        status = images->problems[i] != NULL ? GR_OK : no_memory(err);
    }
    return status;
}

gr_status gr_guide_ready(const gr_card *card, const char *path, const gr_guide_images *images, gr_error *err)
{
    const gr_card_guide *guide = &card->guide;
    gr_guide_points points = {0};
    int least = guide->upright != NULL ? gr_align_rule_needs(&guide->upright->rule) : 0;
    gr_status status = GR_OK;
    if (card->set != NULL && 2 * least < card->number_count)
        least = card->number_count / 2;
    if (guide->run == NULL && guide->upright == NULL)
        return GR_OK;
    if (guide->run != NULL) {
        status = gr_guide_find(guide->run, guide->key, least, images, &points, err);
        if (status == GR_INVALID)
            gr_error_prefix(err, "%s: has its landmarks from a run", path);
    } else {
        status = images->table != NULL ? read_table(path, least, images, &points, err)
                                       : take_own(path, least, images, &points, err);
    }
    if (status == GR_OK && guide->upright != NULL)
        gr_guide_turn(guide->upright, &points, images);
    if (status == GR_OK && guide->run != NULL && card->set != NULL)
        status = put_numbers(card, &points, images, err);
    gr_guide_points_free(&points);
    return status;
}

gr_status gr_guide_ask(const gr_card *card, const char *path, const char *group, bool all, gr_ask *ask, gr_text *said,
                       const volatile sig_atomic_t *stop, gr_error *err)
{
    if (card->guide.run == NULL && card->guide.upright == NULL)
        return gr_ask_numbers(ask, card->numbers, gr_card_columns(card), card->set != NULL, err);
    int column = group != NULL && ask->table != NULL ? gr_csv_column(ask->table, group) : -1;
    const char **groups = column >= 0 ? gr_alloc((size_t)ask->count, sizeof *groups) : NULL;
    if (column >= 0 && groups == NULL)
        return no_memory(err);
    for (int64_t i = 0; groups != NULL && i < ask->count; i++)
        groups[i] = gr_csv_unknown(gr_ask_cell(ask, i, column)) ? NULL : gr_ask_cell(ask, i, column);
    const gr_guide_images images = {.count = ask->count,
                                    .samples = ask->samples,
                                    .names = ask->names,
                                    .paths = ask->paths,
                                    .groups = groups,
                                    .problems = ask->problems,
                                    .table = ask->table,
                                    .line = ask->line,
                                    .all = all,
                                    .said = said,
                                    .arena = ask->arena,
                                    .stop = stop};
    gr_status status = gr_guide_ready(card, path, &images, err);
    gr_free(groups);
    return status;
}
