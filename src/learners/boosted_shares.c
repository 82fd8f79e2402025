#include "learners/boosted_shares.h"

#include <math.h>
#include <string.h>

#include "formats/csv.h"
#include "learners/card_trees.h"
#include "learners/fold.h"

static void put_names(const char *const *names, int count, gr_text *out)
{
    for (int c = 0; c < count; c++)
        gr_csv_put(out, names[c], c + 1 < count ? ',' : '\n');
}

static void put_number(gr_text *out, double value, char end)
{
    if (isnan(value))
        gr_text_add(out, &end, 1);
    else
        gr_text_printf(out, "%.9g%c", value, end);
}

void gr_shares_header(const gr_card *card, gr_text *out)
{
    gr_text_printf(out, "image,fold,class,margin,bias,");
    for (int c = 0; c < gr_card_features(card); c++)
        gr_csv_put(out, gr_card_feature(card, c), c + 1 < gr_card_features(card) ? ',' : '\n');
}

/* What margin m is about. */
static const char *subject(const gr_card *card, int margins, int m)
{
    if (margins > 1)
        return card->classes[m];
    if (card->model.classes == 2 && strcmp(card->task, "ordinal") != 0)
        return card->classes[1];
    return card->label_count > 0 ? card->labels[0] : "score";
}

/* values[margins, all + 1] of one image. */
static void put_image(const gr_card *card, int margins, const char *image, const char *fold, const double *values,
                      gr_text *out)
{
    int all = gr_card_features(card);
    for (int m = 0; m < margins; m++, values += all + 1) {
        double margin = 0.0;
        for (int c = 0; c <= all; c++)
            margin += values[c];
        gr_csv_put(out, image, ',');
        gr_csv_put(out, fold, ',');
        gr_csv_put(out, subject(card, margins, m), ',');
        put_number(out, margin, ',');
        put_number(out, values[all], ',');
        for (int c = 0; c < all; c++)
            put_number(out, values[c], c + 1 < all ? ',' : '\n');
    }
}

gr_status gr_shares_put(const gr_model_files *files, int index, const char *fold, const gr_shares_asked *asked, gr_text *out,
                        gr_error *err)
{
    const gr_card *card = &files->card;
    gr_boost_options options = gr_boosted_options(card);
    int margins = gr_boost_margins(&options), first = index < 0 ? 0 : index, last = index < 0 ? files->count : index + 1;
    size_t row = (size_t)margins * ((size_t)gr_card_features(card) + 1), cells;
    bool fits = gr_mul_size(row, (size_t)asked->count, &cells);
    float *one = fits ? gr_alloc(cells, sizeof *one) : NULL;
    double *sum = fits ? gr_alloc(cells, sizeof *sum) : NULL;
    gr_status status = one != NULL && sum != NULL ? GR_OK : gr_fail(err, GR_NOMEM, "no memory for an explanation");
    for (int m = first; status == GR_OK && m < last; m++) {
        status = gr_boosted_explain(files, m, asked->features, asked->count, one, err);
        for (size_t i = 0; status == GR_OK && i < cells; i++)
            sum[i] += (double)one[i] / (last - first);
    }
    for (int64_t i = 0; status == GR_OK && i < asked->count; i++) {
        put_image(card, margins, asked->images[i], fold, sum + (size_t)i * row, out);
        if (asked->ends != NULL)
            asked->ends[i] = out->size;
    }
    gr_free(one);
    gr_free(sum);
    return status;
}

/* ---- a run -------------------------------------------------------------------------------------------------------- */

/* The rows of a part side by side. GIVES asked->images and ->numbers. */
static gr_status take_part(const gr_cohort *e, int fold, int width, const float *features, gr_shares_asked *asked,
                           gr_error *err)
{
    size_t most = (size_t)gr_split_rows(&e->split, fold, GR_PART_TEST, NULL), row = (size_t)width;
    const char **images = gr_alloc(most, sizeof *images);
    float *block = gr_alloc(most * row, sizeof *block);
    *asked = (gr_shares_asked){images, block, 0, NULL};
    if (images == NULL || block == NULL)
        return gr_fail(err, GR_NOMEM, "no memory for an explanation");
    for (int64_t r = 0; r < e->manifest.rows; r++)
        if (gr_fold_part(&e->split.folds[fold], r) == GR_PART_TEST) {
            images[asked->count] = e->manifest.images[r];
            memcpy(block + (size_t)asked->count++ * row, features + (size_t)r * row, row * sizeof *block);
        }
    return GR_OK;
}

static gr_status explain_fold(const gr_learning *learning, int fold, int width, const float *features, gr_text *out,
                              gr_error *err)
{
    const gr_cohort *e = learning->cohort;
    gr_model_files files = {0};
    gr_shares_asked asked = {0};
    char *path = gr_fold_path(learning, fold, "model.json");
    gr_status status =
        path != NULL ? gr_model_files_open(path, &files, err) : gr_fail(err, GR_NOMEM, "no memory for a path");
    if (status == GR_OK) {
        if (fold == 0)
            gr_shares_header(&files.card, out);
        status = take_part(e, fold, width, features, &asked, err);
        if (status == GR_OK && asked.count > 0)
            status = gr_shares_put(&files, 0, e->split.folds[fold].name, &asked, out, err);
        gr_model_files_close(&files);
    }
    gr_free((void *)(uintptr_t)asked.images);
    gr_free((void *)(uintptr_t)asked.features);
    gr_free(path);
    return status;
}

static gr_status write_text(const char *folder, const char *name, gr_text *text, gr_error *err)
{
    char *path = gr_path_join(folder, name);
    gr_status status = path != NULL && !text->failed ? gr_file_write(path, text->data, text->size, err)
                                                     : gr_fail(err, GR_NOMEM, "no memory for %s", name);
    gr_free(path);
    return status;
}

gr_status gr_shares_of_run(const gr_learning *learning, const char *const *names, int width, const float *features,
                           gr_error *err)
{
    const gr_manifest *m = &learning->cohort->manifest;
    gr_text shares = {0}, table = {0};
    gr_status status = GR_OK;
    for (int f = 0; status == GR_OK && f < learning->cohort->split.fold_count; f++)
        status = explain_fold(learning, f, width, features, &shares, err);
    gr_text_printf(&table, "image,");
    put_names(names, width, &table);
    for (int64_t r = 0; r < m->rows; r++) {
        gr_csv_put(&table, m->images[r], ',');
        for (int c = 0; c < width; c++)
            put_number(&table, (double)features[r * width + c], c + 1 < width ? ',' : '\n');
    }
    if (status == GR_OK)
        status = write_text(learning->folder, "shap.csv", &shares, err);
    if (status == GR_OK)
        status = write_text(learning->folder, "features.csv", &table, err);
    gr_text_free(&shares);
    gr_text_free(&table);
    return status;
}
