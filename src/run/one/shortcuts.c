#include "run/one/shortcuts.h"

#include <ctype.h>
#include <math.h>
#include <string.h>
#include <sys/stat.h>

#include "base/base.h"
#include "eval/small_tree.h"
#include "grimace/image.h"

enum { SIZE = 0, DATE, NUMBER, WIDTH, HEIGHT, BRIGHTNESS, COLUMNS, MOST_ROWS = 2000 };

static const char *const names[COLUMNS + 1] = {"the file's size",
                                               "the file's date",
                                               "the number in the file's name",
                                               "the picture's width",
                                               "the picture's height",
                                               "the picture's mean brightness",
                                               "size, date, number and brightness together"};

/* The rows that are looked at, and what is seen of them. */
typedef struct look {
    const gr_manifest *m;
    int64_t *rows, count; /* of the manifest */
    double *x;            /* [count, COLUMNS] */
    int32_t *labels;
} look;

/* The last number in the name, without its folders; -1: none. */
static double number_in(const char *path)
{
    const char *name = strrchr(path, '/') != NULL ? strrchr(path, '/') + 1 : path, *end = name + strlen(name);
    const char *dot = strrchr(name, '.');
    if (dot != NULL)
        end = dot;
    while (end > name && !isdigit((unsigned char)end[-1]))
        end--;
    const char *first = end;
    while (first > name && isdigit((unsigned char)first[-1]) && end - first < 15)
        first--;
    double number = 0.0;
    for (const char *at = first; at < end; at++)
        number = 10.0 * number + (double)(*at - '0');
    return first < end ? number : -1.0;
}

static double brightness_of(const gr_image *image)
{
    uint64_t sum = 0;
    size_t n = (size_t)image->width * (size_t)image->height * 3;
    for (size_t i = 0; i < n; i++)
        sum += image->pixels[i];
    return n > 0 ? (double)sum / (double)n : 0.0;
}

static void look_at(void *ctx, int64_t i, int thread)
{
    look *l = ctx;
    int64_t row = l->rows[i];
    double *x = l->x + i * COLUMNS;
    const gr_box *box = l->m->boxes != NULL ? &l->m->boxes[row] : NULL;
    gr_image image = {0}, part = {0};
    gr_error err = {0};
    struct stat facts;
    (void)thread;
    x[NUMBER] = number_in(l->m->images[row]);
    if (stat(l->m->paths[row], &facts) == 0) {
        x[SIZE] = (double)facts.st_size;
        x[DATE] = (double)facts.st_mtim.tv_sec + 1e-9 * (double)facts.st_mtim.tv_nsec;
    }
    if (gr_image_read(l->m->paths[row], &image, &err) == GR_OK) { /* each came through before training */
        bool whole = box == NULL || !(box->width > 0.0) ||
                     gr_image_crop(&image, (const double[4]){box->x, box->y, box->width, box->height}, &part, &err) != GR_OK;
        x[WIDTH] = image.width;
        x[HEIGHT] = image.height;
        x[BRIGHTNESS] = brightness_of(whole ? &image : &part);
    }
    gr_image_free(&image);
    gr_image_free(&part);
}

static gr_status open_look(const gr_cohort *cohort, look *l, gr_error *err)
{
    const gr_manifest *m = &cohort->manifest;
    int64_t stride = (m->rows + MOST_ROWS - 1) / MOST_ROWS, most = (m->rows + stride - 1) / stride;
    *l = (look){.m = m,
                .rows = gr_alloc((size_t)most, sizeof *l->rows),
                .x = gr_alloc((size_t)most, COLUMNS * sizeof *l->x),
                .labels = gr_alloc((size_t)most, sizeof *l->labels)};
    if (l->rows == NULL || l->x == NULL || l->labels == NULL)
        return gr_fail(err, GR_NOMEM, "no memory for %lld files", (long long)most);
    for (int64_t row = 0; row < m->rows; row += stride) {
        l->labels[l->count] = m->labels[row];
        l->rows[l->count++] = row;
    }
    gr_parallel_for(l->count, look_at, l);
    return GR_OK;
}

static void close_look(look *l)
{
    gr_free(l->rows);
    gr_free(l->x);
    gr_free(l->labels);
}

/* Counts right[class] and all[class] over the test parts of all folds. */
static gr_status cross_validate(const gr_split *split, const look *l, int classes, int first, int last, int64_t *places,
                                int32_t *answers, double *right, double *all, gr_error *err)
{
    const gr_tree_data data = {l->x, COLUMNS, classes, l->labels};
    gr_status status = GR_OK;
    for (int f = 0; status == GR_OK && f < split->fold_count; f++) {
        int64_t train = 0, test = 0, *tested = places + l->count;
        for (int64_t i = 0; i < l->count; i++) {
            uint8_t part = gr_fold_part(&split->folds[f], l->rows[i]);
            if (part == GR_PART_TEST)
                tested[test++] = i;
            else if (part != GR_PART_NONE)
                places[train++] = i;
        }
        status = gr_small_tree(&data, first, last, places, train, tested, test, answers, err);
        for (int64_t i = 0; status == GR_OK && i < test; i++) {
            right[l->labels[tested[i]]] += answers[i] == l->labels[tested[i]];
            all[l->labels[tested[i]]] += 1.0;
        }
    }
    return status;
}

/* Balanced accuracy and its standard error were the answers drawn by chance. */
static void balance(const double *right, const double *all, int classes, double *accuracy, double *chance, double *error)
{
    double variance = 0.0, sum = 0.0;
    int there = 0;
    for (int c = 0; c < classes; c++)
        if (all[c] > 0.0) {
            sum += right[c] / all[c];
            there++;
        }
    *accuracy = there > 0 ? sum / there : NAN;
    *chance = there > 0 ? 1.0 / there : NAN;
    for (int c = 0; c < classes; c++)
        if (all[c] > 0.0)
            variance += *chance * (1.0 - *chance) / all[c];
    *error = sqrt(variance) / (double)(there > 0 ? there : 1);
}

static gr_status ask(const gr_cohort *cohort, const look *l, double accuracy, int64_t *places, int32_t *answers,
                     double *sums, gr_text *out, gr_error *err)
{
    int classes = cohort->manifest.class_count, best = -1;
    double best_accuracy = 0.0;
    for (int k = 0; k <= COLUMNS; k++) {
        double got, chance, error;
        memset(sums, 0, 2 * (size_t)classes * sizeof *sums);
        gr_status status = cross_validate(&cohort->split, l, classes, k < COLUMNS ? k : 0, k < COLUMNS ? k + 1 : COLUMNS,
                                          places, answers, sums, sums + classes, err);
        if (status != GR_OK)
            return status;
        balance(sums, sums + classes, classes, &got, &chance, &error);
        bool tells = got >= accuracy - 0.02 && got > chance + 3.0 * error && got >= chance + 0.1;
        if (tells && got > best_accuracy + (k == COLUMNS ? 0.02 : 0.0)) { /* all together only where none does so alone */
            best = k;
            best_accuracy = got;
        }
    }
    if (best >= 0)
        gr_text_printf(
            out,
            "%s %s the label as well as the pixels do (balanced accuracy %.2f against %.2f on the same folds): the "
            "model may have learned how pictures were made or stored, not pain\n",
            names[best], best < COLUMNS ? "tells" : "tell", best_accuracy, accuracy);
    return GR_OK;
}

gr_status gr_shortcuts_tell(const gr_cohort *cohort, double accuracy, gr_text *out, gr_error *err)
{
    look l;
    gr_status status = open_look(cohort, &l, err);
    size_t n = (size_t)l.count, classes = (size_t)cohort->manifest.class_count;
    int64_t *places = gr_alloc(n, 2 * sizeof *places);
    int32_t *answers = gr_alloc(n, sizeof *answers);
    double *sums = gr_alloc(classes, 2 * sizeof *sums);
    if (status == GR_OK && (places == NULL || answers == NULL || sums == NULL))
        status = gr_fail(err, GR_NOMEM, "no memory for %lld files", (long long)l.count);
    if (status == GR_OK)
        status = ask(cohort, &l, accuracy, places, answers, sums, out, err);
    gr_free(places);
    gr_free(answers);
    gr_free(sums);
    close_look(&l);
    return status;
}
