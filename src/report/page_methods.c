/* The methods section of a paper, written from the config: what was done with which numbers, nothing that it does not say.
 */
#include <math.h>
#include <string.h>

#include "base/base.h"
#include "report/page_parts.h"
#include "report/page_words.h"

/* ---- data -------------------------------------------------------------------------------------------------------- */

static void put_class_counts(gr_html *html, const json_t *numbers)
{
    const json_t *list = gr_page_at(numbers, "pooled.per_class");
    size_t count = json_array_size(list);
    for (size_t i = 0; i < count; i++) {
        const json_t *one = json_array_get(list, i);
        const char *name = gr_page_text(one, "class");
        gr_html_put(html, "%m%s: %d", i == 0 ? " (" : ", ", name != NULL ? name : "", gr_page_whole(one, "n"));
    }
    gr_html_put(html, count > 0 ? ")" : "");
}

static void put_data(gr_html *html, const gr_page_run *run)
{
    const gr_config *c = run->config;
    double n = gr_page_number(run->numbers, "pooled.n");
    gr_html_put(html, "<p><b>Data.</b> ");
    if (isfinite(n)) {
        gr_html_put(html, "The tested predictions are of %d images", gr_page_whole(run->numbers, "pooled.n"));
        if (run->group_count > 0)
            gr_html_put(html, " of %d %t", (long long)run->group_count, gr_noun_for(run->noun, run->group_count));
    } else
        gr_html_put(html, "Images");
    if (strcmp(c->task, "landmarks") == 0)
        gr_html_put(html, " with marked landmarks");
    else if (strcmp(c->task, "boxes") == 0)
        gr_html_put(html, " with %d marked boxes", gr_page_whole(run->numbers, "pooled.truths"));
    else {
        gr_html_put(html, ", labelled by ");
        if (c->data.labels.count > 0)
            gr_put_names(html, c->data.labels.items, c->data.labels.count);
        else
            gr_html_put(html, "%s", c->data.label != NULL ? c->data.label : "");
        put_class_counts(html, run->numbers);
    }
    gr_html_put(html, ". ");
    if (c->data.extra_manifests.count > 0)
        gr_html_put(html, "Images of %d further data set%m trained in every fold and were never tested. ",
                    (long long)c->data.extra_manifests.count, c->data.extra_manifests.count == 1 ? "" : "s");
    if (c->evaluate.average_over != NULL)
        gr_html_put(html, "Predictions were also averaged over %s. ", c->evaluate.average_over);
}

static void put_rotation(gr_html *html, const gr_transform *t)
{
    if (t->values == 0)
        gr_html_put(html, "rotated by up to ±%g°", t->a);
    else if (t->values == 2)
        gr_html_put(html, "rotated by %g° to %g°", t->a, t->b);
    else
        gr_html_put(html, "rotated by %g° to %g° or by %g° to %g°", t->a, t->b, t->c, t->d);
}

static void put_turn(gr_html *html, const gr_transform *t)
{
    const double angles[4] = {t->a, t->b, t->c, t->d};
    for (int i = 0; i < t->values; i++)
        gr_html_put(html, i == 0 ? "turned by %g°" : i + 1 < t->values ? ", %g°" : " or %g°", angles[i]);
}

static void put_resize(gr_html *html, const gr_transform *t)
{
    bool always = t->c == GR_LIKE_PILLOW && t->b != GR_FILTER_NEAREST;
    static const char *const whose[] = {"", ", as TensorFlow does it", ", as OpenCV does it"};
    gr_html_put(html, "resized to %g × %g pixels (%m%m%m)", t->a, t->a, always || t->d != 0 ? "antialiased " : "",
                gr_filter_name((int)t->b), whose[(int)t->c]);
}

static void put_generator(gr_html *html, const gr_transform *t)
{
    static const struct {
        int at;
        const char *words;
    } parts[] = {{GR_GENERATOR_ROTATION, "rotation by up to ±%g°"},
                 {GR_GENERATOR_HEIGHT_SHIFT, "shifts along rows by up to ±%g of the height"},
                 {GR_GENERATOR_WIDTH_SHIFT, "shifts along columns by up to ±%g of the width"},
                 {GR_GENERATOR_SHEAR, "shear by up to ±%g°"},
                 {GR_GENERATOR_CHANNEL_SHIFT, "shifts of all channels by up to ±%g levels"}};
    const double *m = t->more;
    gr_html_put(html, "augmented as by Keras&#39;s ImageDataGenerator (fill %s", gr_border_name((int)m[GR_GENERATOR_FILL]));
    for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++)
        if (m[parts[i].at] != 0) {
            gr_html_put(html, ", ");
            gr_html_put(html, parts[i].words, m[parts[i].at]);
        }
    if (m[GR_GENERATOR_ZOOM_LOW] != 1 || m[GR_GENERATOR_ZOOM_HIGH] != 1)
        gr_html_put(html, ", zoom of each axis by %g to %g", m[GR_GENERATOR_ZOOM_LOW], m[GR_GENERATOR_ZOOM_HIGH]);
    gr_html_put(html, "%m%m", m[GR_GENERATOR_HFLIP] != 0 ? ", mirroring" : "",
                m[GR_GENERATOR_VFLIP] != 0 ? ", flips upside down" : "");
    if (m[GR_GENERATOR_BRIGHTNESS_HIGH] > 0)
        gr_html_put(html, ", brightness by %g to %g", m[GR_GENERATOR_BRIGHTNESS_LOW], m[GR_GENERATOR_BRIGHTNESS_HIGH]);
    gr_html_put(html, ")");
}

static void put_layers(gr_html *html, const gr_transform *t)
{
    const double *m = t->more;
    gr_html_put(html, "moved by Keras's random layers (");
    const char *between = "";
    if (m[GR_LAYERS_FLIP] != GR_FLIP_NONE) {
        gr_html_put(html, "flips: %s", gr_flip_name((int)m[GR_LAYERS_FLIP]));
        between = ", ";
    }
    if (m[GR_LAYERS_ROTATION_LOW] != 0 || m[GR_LAYERS_ROTATION_HIGH] != 0) {
        gr_html_put(html, "%trotation by %g to %g of a turn", between, m[GR_LAYERS_ROTATION_LOW], m[GR_LAYERS_ROTATION_HIGH]);
        between = ", ";
    }
    if (m[GR_LAYERS_TRANSLATION_ROWS] != 0 || m[GR_LAYERS_TRANSLATION_COLUMNS] != 0) {
        gr_html_put(html, "%ttranslation by up to %g of the height and %g of the width", between, m[GR_LAYERS_TRANSLATION_ROWS],
                    m[GR_LAYERS_TRANSLATION_COLUMNS]);
        between = ", ";
    }
    if (m[GR_LAYERS_ZOOM_LOW] != 0 || m[GR_LAYERS_ZOOM_HIGH] != 0) {
        gr_html_put(html, "%tzoom by %g to %g", between, 1 + m[GR_LAYERS_ZOOM_LOW], 1 + m[GR_LAYERS_ZOOM_HIGH]);
        between = ", ";
    }
    gr_html_put(html, "%tborders filled by %s)", between, gr_border_name((int)m[GR_LAYERS_FILL]));
}

static void put_kind(gr_html *html, const gr_transform *t)
{
    const char *edges = t->a != 0 ? " (negative values cut off)" : "";
    switch (t->kind) {
    case GR_TRANSFORM_RESIZE: put_resize(html, t); break;
    case GR_TRANSFORM_KERAS_GENERATOR: put_generator(html, t); break;
    case GR_TRANSFORM_KERAS_LAYERS: put_layers(html, t); break;
    case GR_TRANSFORM_RANDOM_CROP: gr_html_put(html, "cropped to %g × %g at a random place", t->a, t->a); break;
    case GR_TRANSFORM_CENTER_CROP: gr_html_put(html, "cropped to the middle %g × %g", t->a, t->a); break;
    case GR_TRANSFORM_HFLIP: gr_html_put(html, "mirrored with probability %g", t->a); break;
    case GR_TRANSFORM_ROTATE: put_rotation(html, t); break;
    case GR_TRANSFORM_BRIGHTNESS: gr_html_put(html, "brightened by a factor from %g to %g", t->a, t->b); break;
    case GR_TRANSFORM_GRAYSCALE: gr_html_put(html, "converted to grey"); break;
    case GR_TRANSFORM_BGR: gr_html_put(html, "given in the order blue, green, red"); break;
    case GR_TRANSFORM_SHEAR: gr_html_put(html, "sheared by %g to %g", t->a, t->b); break;
    case GR_TRANSFORM_TURN: put_turn(html, t); break;
    case GR_TRANSFORM_CONTRAST: gr_html_put(html, "changed in contrast by a factor from %g to %g", t->a, t->b); break;
    case GR_TRANSFORM_COLOUR: gr_html_put(html, "changed in colour balance by a factor from %g to %g", t->a, t->b); break;
    case GR_TRANSFORM_SHARPNESS: gr_html_put(html, "changed in sharpness by a factor from %g to %g", t->a, t->b); break;
    case GR_TRANSFORM_BLUR: gr_html_put(html, "blurred (Gaussian, radius %g to %g pixels)", t->a, t->b); break;
    case GR_TRANSFORM_LAPLACIAN: gr_html_put(html, "filtered by a 3 × 3 Laplacian%s", edges); break;
    case GR_TRANSFORM_SOBEL: gr_html_put(html, "filtered by 3 × 3 Sobel kernels in both directions%s", edges); break;
    case GR_TRANSFORM_PREWITT: gr_html_put(html, "filtered by 3 × 3 Prewitt kernels in both directions%s", edges); break;
    case GR_TRANSFORM_BILATERAL:
        gr_html_put(html, "filtered bilaterally (diameter %g, sigmas %g and %g)", t->a, t->b, t->c);
        break;
    case GR_TRANSFORM_KINDS: break;
    }
}

static void put_transform(gr_html *html, const gr_transform *t)
{
    put_kind(html, t);
    if (t->chance)
        gr_html_put(html, " with probability %g", t->p);
}

static void put_transforms(gr_html *html, const gr_transforms *list)
{
    for (int i = 0; i < list->count; i++) {
        gr_html_put(html, i == 0 ? "" : i + 1 < list->count ? ", " : " and ");
        put_transform(html, &list->items[i]);
    }
    if (list->count == 0)
        gr_html_put(html, "left as they are");
}

/* What trees read in the images' place. */
static void put_features(gr_html *html, const gr_config *c)
{
    if (c->data.features.describe != NULL) {
        const char *slash = strrchr(c->data.features.describe, '/');
        gr_html_put(html, "Images were described by the set %t of ratios and angles between landmarks",
                    slash != NULL ? slash + 1 : c->data.features.describe);
    } else if (c->data.features.backbone != NULL) {
        gr_html_put(html, "Each image's features were read by a frozen %t, after it was ", c->data.features.backbone);
        put_transforms(html, &c->data.eval_transforms);
    } else
        gr_html_put(html, "In place of images, %d columns of the table were read", (long long)c->data.features.columns.count);
    for (int i = 0; i < c->data.features.without.count; i++)
        gr_html_put(html, "%m%t", i == 0 ? ", without " : " and ", c->data.features.without.items[i]);
    gr_html_put(html, ". ");
}

/* How the trees of a fold came about. */
static void put_trees(gr_html *html, const gr_config *c)
{
    gr_html_put(html, "At most %d rounds of trees of depth %d were grown at a rate of %g", (long long)c->model.boosted.trees,
                (long long)c->model.boosted.depth, c->model.boosted.rate);
    if (c->model.boosted.early_stopping > 0)
        gr_html_put(html, ", until %d rounds brought no better validation part", (long long)c->model.boosted.early_stopping);
    gr_html_put(html, ". ");
    if (strcmp(c->select.method, "none") != 0)
        gr_html_put(html, "Features were chosen inside each training part by %t. ",
                    strcmp(c->select.method, "rfe") == 0 ? "recursive elimination with cross-validation"
                                                         : "Boruta with SHAP values");
    if (strcmp(c->tune.search, "none") != 0)
        gr_html_put(html, "Numbers of trees, depths, rates, penalties and shares were chosen inside each training part on %d inner "
                          "folds (%t search). ", (long long)c->tune.folds, c->tune.search);
}

static void put_class_weights(gr_html *html, const gr_named_weights *weights)
{
    for (int i = 0; i < weights->count; i++)
        gr_html_put(html, "%m%t as %g", i == 0 ? "In the loss an image of class " : i + 1 < weights->count ? ", of " : " and of ",
                    weights->items[i].name, weights->items[i].weight);
    gr_html_put(html, weights->count > 0 ? " counted. " : "");
}

static void put_images(gr_html *html, const gr_config *c)
{
    bool trees = strcmp(c->model.classic, "boosted") == 0;
    bool classic = strcmp(c->model.classic, "none") != 0;
    if (classic && strcmp(c->task, "boxes") == 0) {
        gr_html_put(html, "Pictures were searched whole, in grey. ");
        return;
    }
    if (!classic) {
        gr_html_put(html, "For training, images were ");
        put_transforms(html, &c->data.train_transforms);
        gr_html_put(html, "; for testing, ");
    } else if (trees)
        put_features(html, c);
    else
        gr_html_put(html, "Images were ");
    if (!trees) {
        put_transforms(html, &c->data.eval_transforms);
        gr_html_put(html, ". ");
    }
    if (!classic || c->data.features.backbone != NULL) {
        gr_html_put(html, "Pixels were divided by 255 and normalised by mean ");
        for (int i = 0; i < c->data.image.channels; i++)
            gr_html_put(html, "%m%g", i == 0 ? "" : ", ", c->data.image.mean[i]);
        gr_html_put(html, " and standard deviation ");
        for (int i = 0; i < c->data.image.channels; i++)
            gr_html_put(html, "%m%g", i == 0 ? "" : ", ", c->data.image.std[i]);
        gr_html_put(html, ". ");
    }
    if (strncmp(c->data.balance, "undersample", 11) == 0)
        gr_html_put(html, "Larger classes were undersampled to the smallest one%m. ",
                    strcmp(c->data.balance, "undersample") == 0 ? ", anew in each epoch" : "");
    else if (strcmp(c->data.balance, "oversample") == 0)
        gr_html_put(html, "Smaller classes were oversampled to the largest one. ");
    else if (strcmp(c->data.balance, "class_weight") == 0)
        gr_html_put(html, "The loss weighed classes inversely to how often they occur. ");
    put_class_weights(html, &c->loss.class_weight);
}

/* ---- split, model, training -------------------------------------------------------------------------------------- */

static void put_split(gr_html *html, const gr_page_run *run)
{
    const gr_config *c = run->config;
    gr_html_put(html, "</p>\n<p><b>Split.</b> The model was trained and tested ");
    gr_put_split(html, run);
    gr_html_put(html, ". ");
    if (gr_split_whole_groups(c))
        gr_html_put(html, "No %t was in training and test at once. ", run->noun.one);
    if (c->split.validation > 0.0)
        gr_html_put(html, "%p %% of each training part served for validation. ", c->split.validation);
    if (c->experiment.cross != NULL)
        gr_html_put(html, "Models were trained on each value of %s alone and tested on all of them. ", c->experiment.cross);
    if (c->experiment.labels.count > 0) {
        gr_html_put(html, "One model was trained for each of ");
        gr_put_names(html, c->experiment.labels.items, c->experiment.labels.count);
        gr_html_put(html, ", and the total of their answers tells the class. ");
    }
}

/* Weights come from elsewhere, or are drawn. */
static void put_weights(gr_html *html, const gr_config *c)
{
    const char *file = c->model.pretrained != NULL ? strrchr(c->model.pretrained, '/') : NULL;
    if (c->model.pretrained != NULL)
        gr_html_put(html, "Training began with the weights of %s. ", file != NULL ? file + 1 : c->model.pretrained);
    else
        gr_html_put(html, "Training began with random weights. ");
    if (c->model.freeze.count > 0) {
        gr_html_put(html, "Weights of ");
        gr_put_names(html, c->model.freeze.items, c->model.freeze.count);
        gr_html_put(html, " stayed as they were. ");
    }
}

static void put_loss(gr_html *html, const gr_config *c)
{
    static const char *const names[][2] = {{"cross_entropy", "cross-entropy"},
                                           {"mse", "mean squared error"},
                                           {"mae", "mean absolute error"},
                                           {"huber", "Huber's loss"},
                                           {"wing", "the wing loss"}};
    const char *name = c->loss.name;
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        if (strcmp(names[i][0], name) == 0)
            name = names[i][1];
    if (strcmp(c->task, "ordinal") == 0)
        name = "the negative log-likelihood of a proportional-odds model";
    gr_html_put(html, "The loss was %t", name);
    if (c->loss.prsc.lambda > 0.0 && strcmp(c->model.head, "painseeker") == 0)
        gr_html_put(html, " plus %g times pain-related score calibration (PRSC, margin %g, top %d regions)",
                    c->loss.prsc.lambda, c->loss.prsc.margin, (long long)c->loss.prsc.top_k);
    gr_html_put(html, ". ");
}

static void put_optimizer(gr_html *html, const gr_config *c)
{
    const gr_recipe_optimizer *o = &c->optimizer;
    if (strcmp(o->name, "sgd") == 0)
        gr_html_put(html, "Stochastic gradient descent (momentum %g%m) ", o->momentum,
                    o->nesterov ? ", Nesterov's form" : "");
    else
        gr_html_put(html, "%t (β₁ %g, β₂ %g, ε %g) ", strcmp(o->name, "adamw") == 0 ? "AdamW" : "Adam", o->betas[0],
                    o->betas[1], o->eps);
    gr_html_put(html, "went through %d epoch%m in batches of %d at a learning rate of %g", (long long)c->train.epochs,
                c->train.epochs == 1 ? "" : "s", (long long)c->train.batch_size, o->lr);
    if (strcmp(c->schedule.name, "cosine") == 0)
        gr_html_put(html, " that fell along a cosine to %g", c->schedule.min_lr);
    else if (strcmp(c->schedule.name, "step") == 0)
        gr_html_put(html, " that was multiplied by %g every %d epochs", c->schedule.gamma, (long long)c->schedule.step_size);
    else if (strcmp(c->schedule.name, "plateau") == 0)
        gr_html_put(html, " that was multiplied by %g after %d epochs without a gain", c->schedule.factor,
                    (long long)c->schedule.patience);
    if (o->weight_decay > 0.0)
        gr_html_put(html, ", with a weight decay of %g", o->weight_decay);
    gr_html_put(html, ". ");
    if (c->train.precision == GR_BF16)
        gr_html_put(html, "Products were taken and feature maps stored in bfloat16, sums and weights kept in float32. ");
}

static void put_training(gr_html *html, const gr_page_run *run)
{
    const gr_config *c = run->config;
    gr_html_put(html, "</p>\n<p><b>Model and training.</b> The model was ");
    gr_put_model(html, c, false);
    gr_html_put(html, ". ");
    if (strcmp(c->model.classic, "boosted") == 0) {
        put_trees(html, c);
        return;
    }
    if (strcmp(c->model.classic, "none") != 0) {
        if (strcmp(c->model.classic, "lbp_svm") == 0)
            gr_html_put(html, "The penalty C was %g. ", c->model.svm.c);
        return;
    }
    put_weights(html, c);
    put_loss(html, c);
    put_optimizer(html, c);
    if (c->train.early_stopping.metric != NULL)
        gr_html_put(html, "Training stopped early after %d epochs without a better %t. ",
                    (long long)c->train.early_stopping.patience, c->train.early_stopping.metric);
    if (strcmp(c->train.keep, "best") == 0)
        gr_html_put(html, "The weights of the epoch with the best %t were tested. ", c->train.keep_metric);
    else
        gr_html_put(html, "The weights after the last epoch were tested. ");
}

/* ---- statistics and software ------------------------------------------------------------------------------------- */

static void put_statistics(gr_html *html, const gr_page_run *run)
{
    const json_t *pooled = gr_page_at(run->numbers, "pooled"), *b = gr_page_at(pooled, "bootstrap");
    const json_t *p = gr_page_at(pooled, "permutation");
    double confidence = gr_page_number(run->numbers, "confidence");
    b = b != NULL ? b : gr_page_at(run->numbers, "total.pooled.bootstrap");
    gr_html_put(html, "</p>\n<p><b>Statistics.</b> Numbers are of the test predictions of all folds together. ");
    const char *method = gr_page_method(pooled);
    if (method != NULL && strcmp(method, "jackknife") == 0) {
        gr_html_put(html,
                    "Intervals are the jackknife&#39;s at %g %%, on the logit scale, each of %d %t being left out in turn. ",
                    100.0 * gr_page_number(pooled, "groups.level"), gr_page_whole(pooled, "groups.groups"), run->noun.many);
    } else if (b != NULL) {
        const char *by = gr_page_text(b, "by");
        gr_html_put(html, "Intervals are percentiles at %g %% of %d bootstrap samples of %t. ",
                    100.0 * gr_page_number(b, "level"), gr_page_whole(b, "count"),
                    by == NULL || strcmp(by, "group") != 0 ? "images, taken as independent" : run->noun.many);
    }
    if (gr_page_at(pooled, "intervals") != NULL)
        gr_html_put(html,
                    "Exact intervals are Clopper and Pearson&#39;s at %g %%, those of areas under the ROC curve "
                    "DeLong&#39;s. ",
                    100.0 * confidence);
    if (p != NULL)
        gr_html_put(html, "Against chance, labels were shuffled %d times. ", gr_page_whole(p, "count"));
}

static void put_software(gr_html *html, const gr_page_run *run)
{
    const json_t *about = run->files.about;
    const char *version = gr_page_text(about, "grimace"), *isa = gr_page_text(about, "instruction_set");
    const char *processor = gr_page_text(about, "processor");
    gr_html_put(html, "</p>\n<p><b>Software.</b> grimace");
    if (version != NULL)
        gr_html_put(html, " %t", version);
    if (processor != NULL)
        gr_html_put(html, " on %s", processor);
    if (isa != NULL)
        gr_html_put(html, ", instruction set %t", isa);
    gr_html_put(html, ", seed %d. The same config, version and instruction set give the same numbers to the last bit.</p>\n",
                (long long)run->config->seed);
}

void gr_put_methods(gr_html *html, const gr_page_run *run)
{
    if (run->config == NULL || (run->files.predicted && !run->files.table.of_run))
        return;
    gr_html_put(html, "<section id=\"%imethods\">\n<%h>Methods, for a paper</%h>\n");
    put_data(html, run);
    put_images(html, run->config);
    put_split(html, run);
    put_training(html, run);
    if (run->sweep == NULL)
        put_statistics(html, run);
    put_software(html, run);
    gr_html_put(html, "</section>\n");
}
