#include "report/page_words.h"

#include <string.h>

#include "base/base.h"

const char *gr_backbone_word(const char *backbone)
{
    static const char *const words[][2] = {{"resnet18", "ResNet-18"},
                                           {"resnet34", "ResNet-34"},
                                           {"resnet50", "ResNet-50"},
                                           {"vgg16", "VGG-16"},
                                           {"inception_v3", "Inception-v3"},
                                           {"mobilenet_v2", "MobileNet-v2"},
                                           {"mobilenet_v3_small", "MobileNet-v3 (small)"},
                                           {"mobilenet_v3_large", "MobileNet-v3 (large)"},
                                           {"shufflenet_v2", "ShuffleNet-v2"},
                                           {"efficientnet_b0", "EfficientNet-B0"},
                                           {"densenet121", "DenseNet-121"},
                                           {"xception", "Xception"},
                                           {"nasnet_mobile", "NASNet (mobile)"},
                                           {"blackmice_cnn", "convolutional network of BlackMice"},
                                           {"layers", "plain network of the config"}};
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
        if (strcmp(backbone, words[i][0]) == 0)
            return words[i][1];
    return backbone;
}

static const char *article(const char *word, bool first)
{
    bool vowel = strchr("AEIO", word[0]) != NULL;
    return first ? (vowel ? "An" : "A") : vowel ? "an" : "a";
}

static void put_lbp_svm(gr_html *html, const gr_config *c, bool first)
{
    gr_html_put(html, "%m linear support vector machine on local binary patterns (radius %g, %d points, %d × %d cells)",
                first ? "A" : "a", c->model.lbp.radius, (long long)c->model.lbp.points, (long long)c->model.lbp.grid,
                (long long)c->model.lbp.grid);
}

static void put_cascade(gr_html *html, const gr_config *c, bool first)
{
    bool lbp = strcmp(c->model.cascade.features, "lbp") == 0;
    gr_html_put(html, "%m cascade of boosted trees over %m features (windows of %d × %d pixels, at most %d stages, %t AdaBoost)",
                first ? "A" : "a", lbp ? "LBP" : "Haar", (long long)c->model.cascade.width, (long long)c->model.cascade.height,
                (long long)c->model.cascade.stages, c->model.cascade.boost);
}

static void put_hog_svm(gr_html *html, const gr_config *c, bool first)
{
    gr_html_put(html, "%m linear support vector machine on histograms of oriented gradients (windows of %d × %d pixels, penalty "
                      "%g)",
                first ? "A" : "a", (long long)c->model.hog.width, (long long)c->model.hog.height, c->model.hog.c);
}

static void put_boosted(gr_html *html, const gr_config *c, bool first)
{
    (void)c;
    gr_html_put(html, "%m gradient-boosted trees model", first ? "A" : "a");
}

static const struct {
    const char *name;
    void (*put)(gr_html *html, const gr_config *c, bool first);
} classics[] = {{"lbp_svm", put_lbp_svm}, {"boosted", put_boosted}, {"cascade", put_cascade}, {"hog_svm", put_hog_svm}};

void gr_put_model(gr_html *html, const gr_config *c, bool first)
{
    for (size_t i = 0; i < sizeof classics / sizeof classics[0]; i++)
        if (strcmp(c->model.classic, classics[i].name) == 0) {
            classics[i].put(html, c, first);
            return;
        }
    const char *word = gr_backbone_word(c->model.backbone);
    gr_html_put(html, "%m %t", article(word, first), word);
    if (c->model.width != 1.0)
        gr_html_put(html, " of width %g", c->model.width);
    if (strcmp(c->model.head, "painseeker") == 0)
        gr_html_put(html, " with PainSeeker&#39;s attention pooling");
    else if (strcmp(c->model.head, "mlp") == 0)
        gr_html_put(html, " with %d hidden layer%m", (long long)c->model.mlp.hidden.count,
                    c->model.mlp.hidden.count == 1 ? "" : "s");
    else if (strcmp(c->model.head, "landmarks") == 0)
        gr_html_put(html, " with a head for landmarks");
    else if (strcmp(c->model.head, "boxes") == 0)
        gr_html_put(html, " with a head for boxes");
}

bool gr_split_whole_groups(const gr_config *c)
{
    return c->data.group != NULL && strcmp(c->split.scheme, "stratified_kfold") != 0 &&
           strcmp(c->split.scheme, "column") != 0;
}

int64_t gr_page_folds(const gr_page_run *run)
{
    return (int64_t)json_array_size(gr_page_at(run->numbers, "folds"));
}

void gr_put_split(gr_html *html, const gr_page_run *run)
{
    const gr_config *c = run->config;
    const char *scheme = c->split.scheme;
    long long folds = (long long)gr_page_folds(run);
    if (folds == 0 && strcmp(scheme, "leave_one_group_out") != 0)
        folds = c->split.folds;
    if (strcmp(scheme, "leave_one_group_out") == 0)
        gr_html_put(html, "leaving out one %t at a time", run->noun.one);
    else if (strcmp(scheme, "holdout") == 0)
        gr_html_put(html, "holding out %p %% of the images", c->split.test);
    else if (strcmp(scheme, "column") == 0)
        gr_html_put(html, "in the parts that the manifest&#39;s column <i>split</i> names");
    else
        gr_html_put(html, "in %d-fold cross-validation%m", (long long)c->split.folds,
                    strcmp(scheme, "stratified_kfold") == 0         ? ", stratified by class"
                    : strcmp(scheme, "stratified_group_kfold") == 0 ? ", stratified by class"
                                                                    : "");
    if (strcmp(scheme, "group_kfold") == 0 || strcmp(scheme, "stratified_group_kfold") == 0)
        gr_html_put(html, ", all images of one %t in the same fold", run->noun.one);
    if (c->split.repeats > 1)
        gr_html_put(html, ", repeated %d times with other folds", (long long)c->split.repeats);
    if (folds > 0 && strcmp(scheme, "leave_one_group_out") == 0)
        gr_html_put(html, " (%d fold%m)", folds, folds == 1 ? "" : "s");
}

void gr_put_names(gr_html *html, const char *const *names, int64_t count)
{
    for (int64_t i = 0; i < count; i++)
        gr_html_put(html, "%m%s", i == 0 ? "" : i + 1 < count ? ", " : " and ", names[i]);
}
