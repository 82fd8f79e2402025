/* The numbers that answer the question of a run: each with its interval, on a scale, and in one plain sentence. */
#include <math.h>
#include <string.h>

#include "base/base.h"
#include "report/page_parts.h"

/* What a card shows. */
typedef struct card {
    const char *key, *title;
    bool share; /* between 0 and 1: it has a scale */
    void (*say)(gr_html *html, const json_t *numbers, const json_t *pooled);
} card;

static const char *positive_of(const json_t *numbers)
{
    const char *positive = gr_page_text(numbers, "positive");
    return positive != NULL ? positive : "";
}

/* The counts of the positive class against the rest. */
static const json_t *counts_of(const json_t *numbers, const json_t *pooled)
{
    const json_t *list = gr_page_at(pooled, "per_class");
    for (size_t i = 0; i < json_array_size(list); i++) {
        const char *name = gr_page_text(json_array_get(list, i), "class");
        if (name != NULL && strcmp(name, positive_of(numbers)) == 0)
            return json_array_get(list, i);
    }
    return NULL;
}

/* ---- classes ----------------------------------------------------------------------------------------------------- */

static void say_accuracy(gr_html *html, const json_t *numbers, const json_t *pooled)
{
    const json_t *rows = gr_page_at(pooled, "confusion"), *list = gr_page_at(pooled, "per_class");
    long long right = 0, most = 0, n = gr_page_whole(pooled, "n");
    const char *often = "";
    (void)numbers;
    for (size_t i = 0; i < json_array_size(rows); i++)
        right += (long long)json_integer_value(json_array_get(json_array_get(rows, i), i));
    for (size_t i = 0; i < json_array_size(list); i++) {
        const json_t *one = json_array_get(list, i);
        if (gr_page_whole(one, "n") > most && gr_page_text(one, "class") != NULL) {
            most = gr_page_whole(one, "n");
            often = gr_page_text(one, "class");
        }
    }
    gr_html_put(html, "%d of %d predictions are right; whoever always says %s is right %d times.", right, n, often, most);
}

static void say_balanced(gr_html *html, const json_t *numbers, const json_t *pooled)
{
    size_t classes = json_array_size(gr_page_at(numbers, "classes"));
    (void)pooled;
    gr_html_put(html, "The mean over the %d classes of the share of their images that was recognised; guessing gives %f.",
                (long long)classes, classes > 0 ? 1.0 / (double)classes : NAN);
}

static void say_sensitivity(gr_html *html, const json_t *numbers, const json_t *pooled)
{
    const json_t *c = counts_of(numbers, pooled);
    gr_html_put(html, "Of %d images of class %s, %d were recognised.", gr_page_whole(c, "tp") + gr_page_whole(c, "fn"),
                positive_of(numbers), gr_page_whole(c, "tp"));
}

static void say_specificity(gr_html *html, const json_t *numbers, const json_t *pooled)
{
    const json_t *c = counts_of(numbers, pooled);
    gr_html_put(html, "Of %d images that are not of class %s, %d were not taken for it.",
                gr_page_whole(c, "tn") + gr_page_whole(c, "fp"), positive_of(numbers), gr_page_whole(c, "tn"));
}

static void say_f1(gr_html *html, const json_t *numbers, const json_t *pooled)
{
    gr_html_put(html, "The harmonic mean of sensitivity and precision of class %s; its precision is %f.",
                positive_of(numbers), gr_page_number(pooled, "precision"));
}

static void say_auroc(gr_html *html, const json_t *numbers, const json_t *pooled)
{
    gr_html_put(html,
                "Of an image of class %s and one of another, drawn at random, the first has the higher probability of it in "
                "%p %% of "
                "all cases; guessing gives 50 %%.",
                positive_of(numbers), gr_page_number(pooled, "auroc"));
}

static void say_ece(gr_html *html, const json_t *numbers, const json_t *pooled)
{
    (void)numbers;
    gr_html_put(
        html,
        "How far probabilities lie from the share that is right, on average (ECE; 0 is none); their Brier score is %f, "
        "their log loss %f, and lower is better.",
        gr_page_number(pooled, "brier"), gr_page_number(pooled, "log_loss"));
}

/* What is gained by leaving the least sure half out. */
static void say_coverage(gr_html *html, const json_t *numbers, const json_t *pooled)
{
    const json_t *shares = gr_page_at(pooled, "coverage.coverage"), *right = gr_page_at(pooled, "coverage.accuracy");
    size_t last = json_array_size(shares);
    (void)numbers;
    gr_html_put(html, "The share of wrong answers, averaged over how many of the surest images are answered (area)");
    if (last > 0 && json_is_number(json_array_get(right, last - 1)))
        gr_html_put(html, "; of the surest %g %% of them %p %% are right",
                    100.0 * json_number_value(json_array_get(shares, last - 1)),
                    json_number_value(json_array_get(right, last - 1)));
    gr_html_put(html, ".");
}

static void say_f1_macro(gr_html *html, const json_t *numbers, const json_t *pooled)
{
    (void)numbers;
    (void)pooled;
    gr_html_put(html, "The mean of F1 over the classes, each as heavy as the others however rare it is.");
}

static void say_auroc_macro(gr_html *html, const json_t *numbers, const json_t *pooled)
{
    (void)numbers;
    (void)pooled;
    gr_html_put(html,
                "How well probabilities order images, the mean over each class against the rest; guessing gives 0.500.");
}

static void say_kappa(gr_html *html, const json_t *numbers, const json_t *pooled)
{
    (void)numbers;
    (void)pooled;
    gr_html_put(html, "Agreement with the labels beyond chance: 1 is complete, 0 is what chance gives.");
}

static void say_kappa_quadratic(gr_html *html, const json_t *numbers, const json_t *pooled)
{
    (void)numbers;
    (void)pooled;
    gr_html_put(html, "Agreement beyond chance when a miss by two classes weighs four times one by a single class.");
}

static void say_steps(gr_html *html, const json_t *numbers, const json_t *pooled)
{
    (void)numbers;
    gr_html_put(html, "Predictions are %g classes off on average.", gr_page_number(pooled, "mae"));
}

static const card two_classes[] = {{"accuracy", "Accuracy", true, say_accuracy},
                                   {"balanced_accuracy", "Balanced accuracy", true, say_balanced},
                                   {"sensitivity", "Sensitivity", true, say_sensitivity},
                                   {"specificity", "Specificity", true, say_specificity},
                                   {"f1", "F1", true, say_f1},
                                   {"auroc", "Area under the ROC curve", true, say_auroc},
                                   {"ece", "Calibration error", false, say_ece},
                                   {"coverage.area", "Risk", false, say_coverage},
                                   {NULL, NULL, false, NULL}};
static const card more_classes[] = {{"accuracy", "Accuracy", true, say_accuracy},
                                    {"balanced_accuracy", "Balanced accuracy", true, say_balanced},
                                    {"f1_macro", "F1, mean over classes", true, say_f1_macro},
                                    {"auroc_macro", "Area under the ROC curve, mean", true, say_auroc_macro},
                                    {"kappa", "Cohen's kappa", false, say_kappa},
                                    {"mae", "Mean distance in classes", false, say_steps},
                                    {"kappa_quadratic", "Kappa, quadratic", false, say_kappa_quadratic},
                                    {"ece", "Calibration error", false, say_ece},
                                    {"coverage.area", "Risk", false, say_coverage},
                                    {NULL, NULL, false, NULL}};

/* ---- scores ------------------------------------------------------------------------------------------------------ */

static void say_mae(gr_html *html, const json_t *numbers, const json_t *pooled)
{
    (void)numbers;
    gr_html_put(html, "Predicted scores lie %g from the true ones on average.", gr_page_number(pooled, "mae"));
}

static void say_rmse(gr_html *html, const json_t *numbers, const json_t *pooled)
{
    (void)numbers;
    (void)pooled;
    gr_html_put(html, "The root of the mean squared error, in which large errors weigh more.");
}

static void say_r2(gr_html *html, const json_t *numbers, const json_t *pooled)
{
    (void)numbers;
    gr_html_put(html, gr_page_number(pooled, "r2") < 0.0
                          ? "Below 0: whoever always says the mean of the true scores is nearer to them."
                          : "The share of the true scores&#39; variance that the predictions explain.");
}

static void say_pearson(gr_html *html, const json_t *numbers, const json_t *pooled)
{
    (void)numbers;
    (void)pooled;
    gr_html_put(html, "How closely predictions follow true scores on a straight line: 1 is fully, 0 not at all.");
}

static void say_icc(gr_html *html, const json_t *numbers, const json_t *pooled)
{
    (void)numbers;
    (void)pooled;
    gr_html_put(html, "Agreement as of two raters, absolute and of single scores, ICC(A,1): 1 is complete.");
}

static void say_bias(gr_html *html, const json_t *numbers, const json_t *pooled)
{
    double bias = gr_page_number(pooled, "bias");
    (void)numbers;
    gr_html_put(html, "Predictions are %g too %m on average; about 95 %% of differences lie between %g and %g.", fabs(bias),
                bias < 0.0 ? "low" : "high", gr_page_end(pooled, "limits", 0), gr_page_end(pooled, "limits", 1));
}

static const card scores[] = {{"mae", "Mean absolute error", false, say_mae},
                              {"rmse", "Root mean squared error", false, say_rmse},
                              {"icc", "Intraclass correlation", false, say_icc},
                              {"pearson", "Pearson's correlation", false, say_pearson},
                              {"r2", "Coefficient of determination", false, say_r2},
                              {"bias", "Bias", false, say_bias},
                              {NULL, NULL, false, NULL}};

/* ---- others ------------------------------------------------------------------------------------------------------ */

static void say_answers(gr_html *html, const json_t *numbers, const json_t *pooled)
{
    gr_html_put(html, "The share of right answers among all %d of the %d columns.", gr_page_whole(pooled, "answers"),
                (long long)json_array_size(gr_page_at(numbers, "labels")));
}

static void say_columns(gr_html *html, const json_t *numbers, const json_t *pooled)
{
    (void)numbers;
    (void)pooled;
    gr_html_put(html, "The mean of F1 over the classes and then over the columns.");
}

static void say_nrmse(gr_html *html, const json_t *numbers, const json_t *pooled)
{
    const char *by = gr_page_text(numbers, "normalised_by");
    gr_html_put(html, "The error of an image&#39;s landmarks, divided by %s; mean over %d images.",
                by != NULL ? by : "a length", gr_page_whole(pooled, "n"));
}

static void say_pixels(gr_html *html, const json_t *numbers, const json_t *pooled)
{
    (void)numbers;
    (void)pooled;
    gr_html_put(html, "The mean distance of found landmarks from the true ones, in pixels of the pictures as they are.");
}

static void say_ap50(gr_html *html, const json_t *numbers, const json_t *pooled)
{
    const char *kind = gr_page_text(json_array_get(gr_page_at(pooled, "per_kind"), 0), "kind");
    (void)numbers;
    gr_html_put(html, "COCO&#39;s average precision of the boxes of the kind %s at IoU 0.5: %d true ones in %d images.",
                kind != NULL ? kind : "", gr_page_whole(pooled, "truths"), gr_page_whole(pooled, "n"));
}

static void say_recall(gr_html *html, const json_t *numbers, const json_t *pooled)
{
    double score = gr_page_number(numbers, "score"); /* a cascade's boxes all count */
    gr_html_put(html, "%d of %d true boxes are found (IoU 0.5)", gr_page_whole(pooled, "matched"), gr_page_whole(pooled, "truths"));
    if (isfinite(score))
        gr_html_put(html, " by boxes of a score from %g on", score);
    gr_html_put(html, ".");
}

static void say_precision(gr_html *html, const json_t *numbers, const json_t *pooled)
{
    (void)numbers;
    gr_html_put(html, "%d of %d found boxes are true ones.", gr_page_whole(pooled, "matched"), gr_page_whole(pooled, "found"));
}

static void say_empty(gr_html *html, const json_t *numbers, const json_t *pooled)
{
    (void)numbers;
    (void)pooled;
    gr_html_put(html, "The share of images in which none is found, those without one included.");
}

static const card columns[] = {{"accuracy", "Right answers", true, say_answers},
                               {"f1_macro", "F1, mean over columns", true, say_columns},
                               {NULL, NULL, false, NULL}};
static const card boxes[] = {{"ap50", "Average precision", true, say_ap50},
                             {"recall", "Recall", true, say_recall},
                             {"precision", "Precision", true, say_precision},
                             {"empty", "Without a box", true, say_empty},
                             {NULL, NULL, false, NULL}};
static const card landmarks[] = {{"nrmse", "Normalised error", false, say_nrmse},
                                 {"pixels", "Error in pixels", false, say_pixels},
                                 {NULL, NULL, false, NULL}};

/* ---- cards ------------------------------------------------------------------------------------------------------- */

/* A line from 0 to 1 with the interval and the value; what it shows stands beside it in words. */
static void put_scale(gr_html *html, double value, double low, double high)
{
    gr_html_put(html, "<svg viewBox=\"0 0 200 14\" preserveAspectRatio=\"none\" aria-hidden=\"true\" focusable=\"false\">"
                      "<path d=\"M0 7H200\" stroke=\"currentColor\" stroke-opacity=\"0.25\" stroke-width=\"2\"/>");
    if (isfinite(low) && isfinite(high))
        gr_html_put(html, "<path d=\"M%f 7H%f\" stroke=\"currentColor\" stroke-opacity=\"0.6\" stroke-width=\"4\"/>",
                    200.0 * low, 200.0 * fmax(high, low + 0.005));
    gr_html_put(html, "<path d=\"M%f 1V13\" stroke=\"currentColor\" stroke-width=\"3\"/></svg>", 1.5 + 197.0 * value);
}

static void put_card(gr_html *html, const card *c, const json_t *numbers, const json_t *pooled)
{
    double value = gr_page_number(pooled, c->key);
    double low = gr_page_interval(pooled, c->key, 0), high = gr_page_interval(pooled, c->key, 1);
    if (gr_page_at(pooled, c->key) == NULL && json_object_get(pooled, c->key) == NULL)
        return;
    gr_html_put(html, "<li><strong>%t</strong> <b>%f</b>", c->title, value);
    if (isfinite(low) && isfinite(high))
        gr_html_put(html, " <span>%f to %f</span>", low, high);
    if (c->share && isfinite(value))
        put_scale(html, value, low, high);
    gr_html_put(html, "<p>");
    if (isfinite(value))
        c->say(html, numbers, pooled);
    else
        gr_html_put(html, "Not defined by these predictions.");
    gr_html_put(html, "</p></li>\n");
}

static void put_cards(gr_html *html, const card *cards, const json_t *numbers, const json_t *pooled)
{
    gr_html_put(html, "<ul class=\"numbers\">\n");
    for (; cards->key != NULL; cards++)
        put_card(html, cards, numbers, pooled);
    gr_html_put(html, "</ul>\n");
}

/* What the intervals are: the jackknife's hold the truth as often as they say from ten animals on, others do not
 * (docs/statistics.md). */
static void put_jackknife(gr_html *html, const gr_page_run *run, const json_t *pooled)
{
    const json_t *groups = gr_page_at(pooled, "groups");
    bool scores = gr_page_at(groups, "metrics.rmse") != NULL;
    gr_html_put(html,
                "<p class=\"soft\">Ranges are %g %% intervals by %t: the jackknife on the %t, which leaves out one "
                "%t of %d at a time, as images of one %t are not independent.</p>\n",
                100.0 * gr_page_number(groups, "level"), run->noun.one,
                scores ? "scale of logarithms (of errors) or logits (of correlations)" : "logit scale", run->noun.one,
                gr_page_whole(groups, "groups"), run->noun.one);
}

static void put_note(gr_html *html, const gr_page_run *run, const json_t *pooled)
{
    const json_t *bootstrap = gr_page_at(pooled, "bootstrap");
    const char *by = gr_page_text(bootstrap, "by"), *method = gr_page_method(pooled);
    double level = gr_page_number(bootstrap, "level");
    if (method != NULL && strcmp(method, "jackknife") == 0) {
        put_jackknife(html, run, pooled);
        return;
    }
    if (by == NULL)
        return;
    if (strcmp(by, "group") == 0)
        gr_html_put(html,
                    "<p class=\"soft\">Ranges are %g %% intervals by %t: %d bootstrap samples of whole %t, as images of one "
                    "%t are not "
                    "independent.</p>\n",
                    100.0 * level, run->noun.one, gr_page_whole(bootstrap, "count"), run->noun.many, run->noun.one);
    else
        gr_html_put(
            html,
            "<p class=\"soft\">Ranges are %g %% intervals of %d bootstrap samples of images, taken as independent: the "
            "table says nothing of animals.</p>\n",
            100.0 * level, gr_page_whole(bootstrap, "count"));
}

static void put_several(gr_html *html, const gr_page_run *run)
{
    const json_t *pooled = gr_page_at(run->numbers, "pooled"), *total = gr_page_at(run->numbers, "total.pooled");
    const json_t *first = json_array_get(gr_page_at(run->numbers, "per_label"), 0);
    put_cards(html, columns, run->numbers, pooled);
    put_note(html, run, total != NULL ? total : gr_page_at(first, "pooled"));
    if (total == NULL)
        return;
    gr_html_put(html, "<%H>The total of all columns</%H>\n");
    put_cards(html, scores, run->numbers, total);
}

void gr_put_answer(gr_html *html, const gr_page_run *run)
{
    const json_t *pooled = gr_page_at(run->numbers, "pooled");
    size_t classes = json_array_size(gr_page_at(run->numbers, "classes"));
    if (pooled == NULL)
        return;
    gr_html_put(html, "<section id=\"%ianswer\">\n<%h>The answer in numbers</%h>\n");
    if (json_object_get(pooled, "nrmse") != NULL)
        put_cards(html, landmarks, run->numbers, pooled);
    else if (json_object_get(pooled, "mean_iou") != NULL)
        put_cards(html, boxes, run->numbers, pooled);
    else if (gr_page_at(pooled, "answers") != NULL)
        put_several(html, run);
    else if (classes > 0)
        put_cards(html, classes > 2 || gr_page_at(pooled, "kappa_quadratic") != NULL ? more_classes : two_classes,
                  run->numbers, pooled);
    else
        put_cards(html, scores, run->numbers, pooled);
    put_note(html, run, pooled);
    const char *map = gr_page_text(run->files.results, "calibration.method");
    if (map != NULL)
        gr_html_put(html,
                    "<p class=\"soft\">Probabilities were calibrated (%t) before they were judged, on images that are not "
                    "among these.</p>\n",
                    map);
    gr_html_put(html, "</section>\n");
}
