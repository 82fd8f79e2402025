#include "run/one/warnings.h"

#include <math.h>
#include <string.h>
#include <unistd.h>

#include "formats/json.h"
#include "learners/fold.h"
#include "learners/target.h"
#include "run/one/shortcuts.h"

enum { NAMED = 4, FEWEST_EPOCHS = 3, FILE_LIMIT = 1 << 28 };
static const double far_above = 0.2, falls = 0.97;       /* accuracy; lowest loss over first */
static const double lag_accuracy = 0.1, lag_loss = 1.25; /* of judged images */

/* Names of folds for a sentence, the first few of them. */
typedef struct named {
    gr_text text;
    int count;
} named;

static void name(named *n, const char *fold)
{
    if (n->count < NAMED)
        gr_text_printf(&n->text, "%s%s", n->count > 0 ? ", " : "", fold);
    n->count++;
}

static void put(const named *n, const char *rest, gr_text *out)
{
    out->failed = out->failed || n->text.failed;
    if (n->count == 0 || n->text.data == NULL)
        return;
    gr_text_printf(out, "fold%s %s", n->count > 1 ? "s" : "", n->text.data);
    if (n->count > NAMED)
        gr_text_printf(out, " and %d more", n->count - NAMED);
    gr_text_printf(out, ": %s\n", rest);
}

/* ---- classes ------------------------------------------------------------------------------------------------------------
 */

/* The one class of `of[i]` for the rows of a fold (negative: all folds); -1: several, or no row. */
static int32_t only_class(const gr_gathered *g, const int32_t *of, int fold)
{
    int32_t one = -1;
    for (int64_t i = 0; i < g->count; i++)
        if (fold < 0 || g->fold[i] == fold) {
            if (one >= 0 && of[i] != one)
                return -1;
            one = of[i];
        }
    return one;
}

static void tell_classes(const gr_learning *learning, const gr_gathered *g, const int32_t *labels, const int32_t *predicted,
                         gr_text *out)
{
    const gr_cohort *c = learning->cohort;
    named alike = {0}, same = {0};
    int32_t all = only_class(g, predicted, -1);
    if (all >= 0 && g->count > 1)
        gr_text_printf(out, "every test image is predicted to be \"%s\": nothing was learned that tells classes apart\n",
                       c->manifest.classes[all]);
    for (int f = 0; f < c->split.fold_count; f++) {
        bool one = only_class(g, labels, f) >= 0;
        if (one)
            name(&same, c->split.folds[f].name);
        else if (all < 0 && only_class(g, predicted, f) >= 0)
            name(&alike, c->split.folds[f].name);
    }
    put(&alike, "every test image is predicted to be of one class", out);
    put(&same,
        "the animals that are tested have images of one class only, so that AUROC and balanced accuracy are not defined",
        out);
    gr_text_free(&alike.text);
    gr_text_free(&same.text);
}

static bool trains_on(const gr_cohort *c, int fold, int32_t class)
{
    for (int64_t r = 0; r < c->manifest.rows; r++)
        if (c->manifest.labels[r] == class && gr_fold_part(&c->split.folds[fold], r) == GR_PART_TRAIN)
            return true;
    return false;
}

/* scikit-learn's schemes leave folds without a class that has few images. */
static void tell_untrained(const gr_cohort *c, gr_text *out)
{
    for (int32_t class = 0; class < c->manifest.class_count; class++) {
        named without = {0};
        gr_text rest = {0};
        for (int f = 0; f < c->split.fold_count; f++)
            if (!trains_on(c, f, class))
                name(&without, c->split.folds[f].name);
        gr_text_printf(&rest, "no training image is of class \"%s\", of which nothing was learned there",
                       c->manifest.classes[class]);
        out->failed = out->failed || rest.failed;
        if (!rest.failed)
            put(&without, rest.data, out);
        gr_text_free(&without.text);
        gr_text_free(&rest);
    }
}

static double balanced_accuracy(const gr_learning *learning, const gr_gathered *g, const int32_t *labels,
                                const int32_t *predicted, double *accuracy)
{
    int classes = learning->cohort->manifest.class_count, there = 0;
    double sum = 0.0;
    *accuracy = 0.0;
    for (int32_t c = 0; c < classes; c++) {
        double right = 0.0, all = 0.0;
        for (int64_t i = 0; i < g->count; i++)
            if (labels[i] == c) {
                right += predicted[i] == c;
                all += 1.0;
            }
        *accuracy += right / (double)g->count;
        sum += all > 0.0 ? right / all : 0.0;
        there += all > 0.0;
    }
    return there > 0 ? sum / there : NAN;
}

/* ---- the course of training
 * ----------------------------------------------------------------------------------------------- */

/* The lines of a fold's metrics.jsonl: first and last loss, last accuracy; NaN: not known. */
typedef struct course {
    int epochs;
    double first, lowest, accuracy;
} course;

static void read_line(const char *line, size_t length, course *c)
{
    json_t *one = json_loadb(line, length, 0, NULL);
    const json_t *loss = json_object_get(one, "train_loss"), *accuracy = json_object_get(one, "train_accuracy");
    if (json_is_number(loss)) {
        double value = json_number_value(loss);
        if (c->epochs++ == 0)
            c->first = c->lowest = value;
        else
            c->lowest = value < c->lowest ? value : c->lowest;
    }
    if (json_is_number(accuracy))
        c->accuracy = json_number_value(accuracy);
    json_decref(one);
}

static course read_course(const gr_learning *learning, int fold)
{
    course c = {0, NAN, NAN, NAN};
    char *path = gr_fold_path(learning, fold, "metrics.jsonl"), *data = NULL;
    size_t size = 0;
    gr_error err = {0};
    if (path != NULL && gr_path_exists(path) && gr_file_read(path, FILE_LIMIT, &data, &size, &err) == GR_OK)
        for (const char *at = data, *end; (end = strchr(at, '\n')) != NULL; at = end + 1)
            read_line(at, (size_t)(end - at), &c);
    gr_free(data);
    gr_free(path);
    return c;
}

/* ---- batch norm ----------------------------------------------------------------------------------------------------------
 */

/* Lag the running statistics of the fold behind, by its batch_norm.json? Adds what it says. */
static bool lags(const gr_learning *learning, int fold, double sums[4])
{
    static const char *const keys[4] = {"accuracy", "accuracy_recalibrated", "loss", "loss_recalibrated"};
    char *path = gr_fold_path(learning, fold, "batch_norm.json");
    json_t *all = NULL;
    gr_error err = {0};
    double of[4] = {NAN, NAN, NAN, NAN};
    if (path != NULL && gr_path_exists(path) && gr_json_read(path, &all, &err) == GR_OK)
        for (int i = 0; i < 4; i++) {
            const json_t *value = json_object_get(all, keys[i]);
            of[i] = json_is_number(value) ? json_number_value(value) : NAN;
        }
    json_decref(all);
    gr_free(path);
    bool behind = of[1] - of[0] > lag_accuracy || of[2] > lag_loss * of[3];
    for (int i = 0; behind && i < 4; i++)
        sums[i] += of[i];
    return behind;
}

static void tell_norms(const gr_learning *learning, gr_text *out)
{
    const gr_split *split = &learning->cohort->split;
    named behind = {0};
    double sums[4] = {0.0};
    gr_text rest = {0};
    for (int f = 0; f < split->fold_count; f++)
        if (lags(learning, f, sums))
            name(&behind, split->folds[f].name);
    double n = behind.count;
    gr_text_printf(&rest, "batch norm's running statistics lag behind: ");
    if (sums[1] - sums[0] > lag_accuracy * n) /* not where there is none (NAN) */
        gr_text_printf(&rest, "accuracy is %.2f with them and %.2f", sums[0] / n, sums[1] / n);
    else
        gr_text_printf(&rest, "the loss is %.4g with them and %.4g", sums[2] / n, sums[3] / n);
    gr_text_printf(&rest, " with those of training images; train.bn_recalibrate: true would be right");
    out->failed = out->failed || rest.failed;
    if (!rest.failed)
        put(&behind, rest.data, out);
    gr_text_free(&behind.text);
    gr_text_free(&rest);
}

/* ---- all courses ---------------------------------------------------------------------------------------------------------
 */

/* `accuracy`: of all test images; NaN: there is none. */
static void tell_courses(const gr_learning *learning, double accuracy, gr_text *out)
{
    const gr_split *split = &learning->cohort->split;
    named flat = {0};
    double sum = 0.0;
    int known = 0;
    for (int f = 0; f < split->fold_count; f++) {
        course c = read_course(learning, f);
        if (c.epochs >= FEWEST_EPOCHS && c.first > 0.0 && c.lowest > falls * c.first)
            name(&flat, split->folds[f].name);
        known += !isnan(c.accuracy);
        sum += isnan(c.accuracy) ? 0.0 : c.accuracy;
    }
    put(&flat, "the training loss hardly falls; another optimizer.lr or fewer frozen layers may be right", out);
    gr_text_free(&flat.text);
    if (known > 0 && sum / known - accuracy > far_above)
        gr_text_printf(
            out,
            "training images are told with accuracy %.2f, test images with %.2f: the training images are known by heart; "
            "more animals, augmentation, or fewer trained layers may be right\n",
            sum / known, accuracy);
}

/* ---- all
 * ------------------------------------------------------------------------------------------------------------------ */

static gr_status tell_of_classes(const gr_learning *learning, const gr_gathered *g, gr_text *out, gr_error *err)
{
    const gr_manifest *m = &learning->cohort->manifest;
    int32_t *labels = gr_alloc((size_t)g->count, 2 * sizeof *labels), *predicted = labels + g->count;
    if (labels == NULL)
        return gr_fail(err, GR_NOMEM, "no memory for the predictions");
    for (int64_t i = 0; i < g->count; i++) {
        labels[i] = m->labels[g->row[i]];
        predicted[i] = gr_predict_class(g->predictions + i * m->class_count, m->class_count);
    }
    double accuracy, balanced = balanced_accuracy(learning, g, labels, predicted, &accuracy);
    tell_untrained(learning->cohort, out);
    tell_classes(learning, g, labels, predicted, out);
    tell_courses(learning, accuracy, out);
    gr_status status = gr_shortcuts_tell(learning->cohort, balanced, out, err);
    gr_free(labels);
    return status;
}

gr_status gr_warnings_write(const gr_learning *learning, const gr_gathered *g, gr_error *err)
{
    const gr_cohort *c = learning->cohort;
    gr_text said = {0};
    gr_status status = GR_OK;
    bool classes = c->manifest.labels != NULL && c->manifest.class_count > 1 && c->manifest.value_count == 0 &&
                   c->target->row(c) == (size_t)c->manifest.class_count;
    tell_norms(learning, &said); /* first, as it explains what comes behind */
    if (classes && g->count > 0)
        status = tell_of_classes(learning, g, &said, err);
    else
        tell_courses(learning, NAN, &said);
    char *path = gr_path_join(learning->folder, "warnings.txt");
    if (status == GR_OK && (said.failed || path == NULL))
        status = gr_fail(err, GR_NOMEM, "no memory for warnings");
    if (status == GR_OK && said.size > 0)
        status = gr_file_write(path, said.data, said.size, err);
    else if (status == GR_OK && gr_path_exists(path) && unlink(path) != 0)
        status = gr_fail(err, GR_IO, "%s: cannot be removed", path);
    gr_free(path);
    gr_text_free(&said);
    return status;
}
