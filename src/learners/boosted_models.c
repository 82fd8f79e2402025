#include "learners/boosted_models.h"

#include <string.h>

#include "learners/boosted_file.h"
#include "learners/card_trees.h"
#include "learners/frozen.h"
#include "learners/row_numbers.h"

gr_boost_options gr_boosted_options(const gr_card *card)
{
    int classes = (int)card->model.classes;
    gr_boost_kind kind = classes == 0                         ? GR_BOOST_SCORES
                         : strcmp(card->task, "ordinal") == 0 ? GR_BOOST_ORDINAL
                         : classes == 2                       ? GR_BOOST_BINARY
                                                              : GR_BOOST_CLASSES;
    return (gr_boost_options){.kind = kind, .classes = classes, .threads = 1};
}

void gr_boosted_features(const gr_card *card, const float *numbers, int64_t count, float *features)
{
    if (card->set != NULL)
        (void)gr_row_describe(card->set, numbers, count, features);
    else
        memcpy(features, numbers, (size_t)count * (size_t)card->number_count * sizeof *features);
}

int gr_boosted_seen(const gr_card *card)
{
    return card->frozen.file != NULL ? card->number_count : 0;
}

gr_status gr_boosted_see(const gr_model_files *files, gr_loader *loader, const int64_t *order, int64_t count, float *numbers,
                         const volatile sig_atomic_t *stop, gr_error *err)
{
    return gr_frozen_see(&files->card, loader, order, count, numbers, stop, err);
}

/* One model, ready for rows. */
typedef struct asked {
    gr_xgboost x;
    gr_boost_options options;
    gr_card card;
    void *booster;
} asked;

static void close_asked(asked *a)
{
    if (a->booster != NULL)
        a->x.XGBoosterFree(a->booster);
    gr_card_free(&a->card);
}

static gr_status open_asked(const gr_model_files *files, int index, asked *a, gr_error *err)
{
    *a = (asked){0};
    gr_status status = gr_xgboost_open(&a->x, err);
    if (status == GR_OK)
        status = gr_model_files_card(files, index, &a->card, err);
    if (status != GR_OK)
        return status;
    a->options = gr_boosted_options(&a->card);
    status = gr_boosted_load(&a->x, &a->options, files->paths[index], a->card.kept_count, &a->booster, err);
    if (status != GR_OK)
        close_asked(a);
    return status;
}

/* All rows of a block [count, gr_card_features], with the columns that the model reads. */
static gr_status lay(const asked *a, const float *features, const int64_t *rows, int64_t count, gr_boost_data *data,
                     gr_error *err)
{
    const gr_boost_part part = {.values = features,
                                .width = (size_t)gr_card_features(&a->card),
                                .rows = rows,
                                .count = count,
                                .columns = a->card.kept,
                                .column_count = a->card.kept_count};
    return gr_boost_data_make(&a->x, &a->options, &part, data, err);
}

/* ---- predictions -------------------------------------------------------------------------------------------------- */

/* The features of order[count] side by side. */
static gr_status gather(const gr_card *card, const gr_loader *loader, const int64_t *order, int64_t count, float *features,
                        int64_t *rows, gr_error *err)
{
    const gr_sample *samples = gr_loader_samples(loader);
    for (int64_t i = 0; i < count; i++) {
        const gr_sample *s = &samples[order[i]];
        if (s->numbers == NULL)
            return gr_fail(
                err, GR_INVALID,
                "%s: the model reads numbers of a table (%s%s), not pictures; --manifest with a table that has them would "
                "be right",
                s->path, card->numbers[0], card->number_count > 1 ? ", ..." : "");
        gr_boosted_features(card, s->numbers, 1, features + i * gr_card_features(card));
        rows[i] = i;
    }
    return GR_OK;
}

/* Adds what model `index` says of all rows to sums[count, width]. */
static gr_status add_model(const gr_model_files *files, int index, const gr_target *target, const float *features,
                           const int64_t *rows, int64_t count, float *answers, float *said, double *sums, gr_error *err)
{
    asked a;
    gr_boost_data data = {0};
    size_t width = target->width(&files->card);
    gr_status status = open_asked(files, index, &a, err);
    if (status != GR_OK)
        return status;
    status = lay(&a, features, rows, count, &data, err);
    if (status == GR_OK)
        status = gr_boost_answer(&a.x, &a.options, a.booster, &data, 0, answers, err);
    for (int64_t i = 0; status == GR_OK && i < count; i++) {
        target->read(&a.card, NULL, NULL, answers + (size_t)i * width, said + (size_t)i * width);
        for (size_t k = 0; k < width; k++)
            sums[(size_t)i * width + k] += (double)said[(size_t)i * width + k];
    }
    gr_boost_data_free(&a.x, &data);
    close_asked(&a);
    return status;
}

gr_status gr_boosted_predict(const gr_model_files *files, const gr_target *target, gr_loader *loader, const int64_t *order,
                             int64_t count, float *predictions, const volatile sig_atomic_t *stop, gr_error *err)
{
    size_t width = target->width(&files->card), cells, n = (size_t)count;
    float *features =
        gr_mul_size(n, (size_t)gr_card_features(&files->card), &cells) ? gr_alloc(cells, sizeof *features) : NULL;
    int64_t *rows = gr_alloc(n, sizeof *rows);
    float *answers = gr_alloc(n * width, sizeof *answers);
    double *sums = gr_alloc(n * width, sizeof *sums);
    gr_status status = features != NULL && rows != NULL && answers != NULL && sums != NULL
                           ? gather(&files->card, loader, order, count, features, rows, err)
                           : gr_fail(err, GR_NOMEM, "no memory for the predictions");
    for (int m = 0; status == GR_OK && m < files->count; m++)
        status = stop != NULL && *stop ? gr_fail(err, GR_INTERRUPTED, "stopped before the predictions were done")
                                       : add_model(files, m, target, features, rows, count, answers, predictions, sums, err);
    for (size_t i = 0; status == GR_OK && i < n * width; i++)
        predictions[i] = (float)(sums[i] / files->count);
    gr_free(features);
    gr_free(rows);
    gr_free(answers);
    gr_free(sums);
    return status;
}

/* ---- shares ------------------------------------------------------------------------------------------------------- */

gr_status gr_boosted_explain(const gr_model_files *files, int index, const float *features, int64_t count, float *values,
                             gr_error *err)
{
    asked a;
    gr_boost_data data = {0};
    gr_status status = open_asked(files, index, &a, err);
    if (status != GR_OK)
        return status;
    int kept = a.card.kept_count, all = gr_card_features(&a.card), margins = gr_boost_margins(&a.options);
    size_t n = (size_t)count * (size_t)margins;
    int64_t *rows = gr_alloc((size_t)count, sizeof *rows);
    float *shares = gr_alloc(n * ((size_t)kept + 1), sizeof *shares);
    status = rows != NULL && shares != NULL ? GR_OK : gr_fail(err, GR_NOMEM, "no memory for an explanation");
    for (int64_t i = 0; status == GR_OK && i < count; i++)
        rows[i] = i;
    if (status == GR_OK)
        status = lay(&a, features, rows, count, &data, err);
    if (status == GR_OK)
        status = gr_boost_shap(&a.x, &a.options, a.booster, &data, kept, shares, err);
    memset(values, 0, n * ((size_t)all + 1) * sizeof *values);
    for (size_t i = 0; status == GR_OK && i < n; i++) {
        const float *from = shares + i * ((size_t)kept + 1);
        float *to = values + i * ((size_t)all + 1);
        for (int c = 0; c < kept; c++)
            to[a.card.kept[c]] = from[c];
        to[all] = from[kept];
    }
    gr_boost_data_free(&a.x, &data);
    gr_free(rows);
    gr_free(shares);
    close_asked(&a);
    return status;
}
