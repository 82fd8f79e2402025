/* grimace explain: heat maps of what in a picture moved a model's answer. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/base.h"
#include "cli/cli.h"
#include "cli/explain_set.h"
#include "cli/pictures.h"
#include "explain/table.h"
#include "grimace/explain.h"
#include "grimace/explain_trees.h"
#include "grimace/report.h"

#define LISTED(method, name) "\n                     " name

const char gr_help_explain[] =
    "usage: grimace explain RUN|MODEL IMAGE... --method NAME --out DIR [--force]\n"
    "       grimace explain RUN|MODEL --manifest CSV --method NAME --out DIR [--force]\n"
    "       grimace explain RUN|MODEL IMAGE...|--manifest CSV --method shap --out DIR [--force]   (of boosted trees)\n"
    "       grimace explain --list\n"
    "\n"
    "Writes, for each image, DIR/NAME.METHOD.png (the picture, the map over it, the map, a colour bar), DIR/NAME.METHOD.npy (the\n"
    "map over the network's input, float32, not normalised) and, of methods that work on regions, DIR/NAME.METHOD.cells.npy (the\n"
    "regions themselves); then DIR/index.csv: image,fold,class,probability,logit,method,layer,sum. NAME is the image's path\n"
    "without its ending, / as _. An image that a run tested is explained by the fold that tested it, another one by the mean of\n"
    "all folds' maps (fold `all`). An image that cannot be read has an empty row with the reason in a last column, error, and\n"
    "the exit status is 1 (2 where none can be read). docs/explanations.md says what each method can tell and what it cannot.\n"
    "\n"
    "Of boosted trees, shap: DIR/shap.csv, what each number of a row of the table contributes to the answer (docs/boosted.md);\n"
    "of pictures where a run finds the landmarks that trees describe (docs/photograph.md). DIR/shap_waterfall.svg draws it, from\n"
    "the trees' bias to the answer, of the first 12 images.\n"
    "\n"
    "  --method NAME    several, separated by commas, read each picture once; one of" GR_METHODS(LISTED) "\n"
    "  --list           what each method shows, in a line\n"
    "  --class NAME     what is explained; left out: the predicted class, of ordinal classes the score, of several columns or\n"
    "                   coordinates their sum (total)\n"
    "  --layer NAME     gradcam, gradcam++: a layer by the name that `grimace info` prints of a model, or a module (layer3);\n"
    "                   left out: the last feature map\n"
    "  --steps N        integrated_gradients: points of the path (128)\n"
    "  --baseline B     integrated_gradients: where the path begins: black (left out) or mean\n"
    "  --samples N      smoothgrad: noisy pictures (32)\n"
    "  --noise S        smoothgrad: standard deviation as a share of the picture's range (0.1)\n"
    "  --seed N         smoothgrad: of the noise (0)\n"
    "  --rules NAME     lrp: epsilon_gamma_box (left out), epsilon:1e-6, gamma:0.25, alpha_beta:2,1, epsilon_plus,\n"
    "                   epsilon_plus_flat, epsilon_alpha2_beta1, epsilon_alpha2_beta1_flat, flat, w2; deep_taylor: deep_taylor\n"
    "                   (left out), innvestigate, innvestigate_bounded\n"
    "  --epsilon E      lrp: of the epsilon rule (1e-6)\n"
    "  --colours NAME   of maps without signs: viridis (left out) or cividis; those with signs are blue, white at 0, red\n"
    "  --opacity O      of the map over the picture (0.5)\n"
    "  --scale S        each map's colours reach to its own largest number (each, left out), or to that of all (set)\n"
    "  --sheet          DIR/sheet.png: all pictures with their maps, wrong predictions first, then by confidence\n"
    "  --mean COLUMN    DIR/MEAN.COLUMN-VALUE.METHOD.png and .npy: the mean map of the images of each value of the manifest's\n"
    "                   column (label: the classes), and means.csv\n"
    "  --check          are the maps to be trusted? DIR/check.csv, DIR/check.json and a table of means: deletion, insertion,\n"
    "                   randomised layers, and, with columns lm1_x ..., the share of the map on the face's parts\n"
    "  --label COLUMN   the true classes, for --sheet, --check and --mean label (the run's data.label)\n"
    "  --manifest CSV   the images of a table with a column `image` (and box_x,box_y,box_w,box_h, if there)\n"
    "  --out DIR        the folder, which must be empty or absent\n"
    "  --force          write into a folder that holds files\n";

enum { MOST_METHODS = 32 };

/* What the command line says. */
typedef struct request {
    const char *manifest, *out, *methods, *class_name, *layer, *steps, *baseline, *samples, *noise, *seed, *rules, *epsilon;
    bool force, list;
    gr_cli_explain_set set;
    const char *names[MOST_METHODS];
    char text[512];
    gr_explain_options options;
} request;

static gr_status parse(request *r, int *argc, char **argv, gr_error *err)
{
    const gr_cli_option options[] = {{"--manifest", &r->manifest, NULL}, {"--out", &r->out, NULL},
                                     {"--method", &r->methods, NULL},    {"--class", &r->class_name, NULL},
                                     {"--layer", &r->layer, NULL},       {"--steps", &r->steps, NULL},
                                     {"--baseline", &r->baseline, NULL}, {"--samples", &r->samples, NULL},
                                     {"--noise", &r->noise, NULL},       {"--seed", &r->seed, NULL},
                                     {"--rules", &r->rules, NULL},       {"--epsilon", &r->epsilon, NULL},
                                     {"--colours", &r->set.colours, NULL},
                                     {"--opacity", &r->set.opacity, NULL}, {"--scale", &r->set.scale, NULL},
                                     {"--mean", &r->set.mean, NULL},     {"--label", &r->set.label, NULL},
                                     {"--sheet", NULL, &r->set.sheet},   {"--check", NULL, &r->set.check},
                                     {"--force", NULL, &r->force},       {"--list", NULL, &r->list}};
    gr_status status = gr_cli_parse(argc, argv, options, sizeof options / sizeof options[0], err);
    if (status != GR_OK)
        return status;
    if (r->list)
        return *argc == 1 && r->methods == NULL && r->out == NULL && r->manifest == NULL
                   ? GR_OK
                   : gr_fail(err, GR_INVALID, "explain: --list stands alone: it is of all models");
    if (*argc < 2)
        return gr_fail(err, GR_INVALID, "explain: no run or model is named; usage: grimace explain RUN|MODEL IMAGE...");
    if (r->methods == NULL)
        return gr_fail(err, GR_INVALID, "explain: no method is named; --method gradcam would be right, shap of boosted trees");
    if (r->out == NULL)
        return gr_fail(err, GR_INVALID, "explain: --out is missing; the folder for the maps would be right");
    status = gr_cli_pictures_check(*argc, argv, r->manifest, err);
    return status == GR_OK ? gr_cli_explain_set_check(&r->set, r->manifest, err) : status;
}

/* "a,b" to names. */
static gr_status split_methods(request *r, gr_error *err)
{
    if (strlen(r->methods) >= sizeof r->text)
        return gr_fail(err, GR_INVALID, "--method: is longer than all methods together");
    snprintf(r->text, sizeof r->text, "%s", r->methods);
    for (char *name = r->text; name != NULL;) {
        char *comma = strchr(name, ',');
        if (comma != NULL)
            *comma = '\0';
        if (r->options.method_count == MOST_METHODS)
            return gr_fail(err, GR_INVALID, "--method: names more methods than there are");
        r->names[r->options.method_count++] = name;
        name = comma != NULL ? comma + 1 : NULL;
    }
    r->options.methods = r->names;
    return GR_OK;
}

static gr_status read_numbers(request *r, gr_error *err)
{
    gr_explain_options *o = &r->options;
    int64_t steps = 0, samples = 0, seed = 0;
    gr_status status = GR_OK;
    o->class_name = r->class_name;
    o->layer = r->layer;
    o->baseline = r->baseline;
    o->rules = r->rules;
    if (r->steps != NULL)
        status = gr_cli_number("--steps", r->steps, 1, 100000, &steps, err);
    if (status == GR_OK && r->samples != NULL)
        status = gr_cli_number("--samples", r->samples, 1, 100000, &samples, err);
    if (status == GR_OK && r->seed != NULL)
        status = gr_cli_number("--seed", r->seed, 0, INT64_MAX, &seed, err);
    if (status == GR_OK && r->noise != NULL && (!gr_parse_double(r->noise, &o->noise) || o->noise <= 0 || o->noise > 10))
        status = gr_fail(err, GR_INVALID, "--noise: \"%s\" is no number above 0 and at most 10; 0.1 would be right", r->noise);
    if (status == GR_OK && r->epsilon != NULL && (!gr_parse_double(r->epsilon, &o->epsilon) || o->epsilon <= 0 || o->epsilon > 1e6))
        status = gr_fail(err, GR_INVALID, "--epsilon: \"%s\" is no number above 0; 1e-6 would be right", r->epsilon);
    o->steps = (int)steps;
    o->samples = (int)samples;
    o->seed = (uint64_t)seed;
    return status;
}

/* What is heard while images are explained. */
typedef struct listener {
    gr_explain_folder *folder;
    double largest; /* gap of integrated gradients */
    int64_t image;
} listener;

static gr_status hear(void *ctx, const gr_explanation *e, gr_error *err)
{
    listener *l = ctx;
    if (e->problem == NULL && !isnan(e->gap) && fabs(e->gap) >= l->largest) {
        l->largest = fabs(e->gap);
        l->image = e->sample;
    }
    return gr_explain_folder_add(l->folder, e, err);
}

static void tell_written(const request *r, const gr_cli_pictures *p, const char *const *problems, const listener *l)
{
    int64_t read = 0;
    for (int64_t i = 0; i < p->count; i++)
        read += problems[i] == NULL;
    printf("%s: ", r->out);
    if (read < p->count)
        printf("%lld of ", (long long)read);
    printf("%lld image%s explained by %s\n", (long long)p->count, p->count == 1 ? "" : "s", r->methods);
    if (l->image >= 0)
        printf("integrated_gradients: a map's sum misses f(x) - f(baseline) by %.3g at most (%s)\n", l->largest,
               p->images[l->image]);
}

/* Tries the maps, and prints what came of it. */
static gr_status check(gr_explainer *e, const request *r, const gr_cli_pictures *p, gr_error *err)
{
    gr_explain_report *report = NULL;
    gr_text table = {0};
    int64_t left_out = 0;
    gr_status status = gr_explain_report_open(p->images, r->set.truth, p->count, &report, err);
    if (status == GR_OK)
        status = gr_explainer_check(e, p->samples, p->count, &r->set.faces, gr_explain_report_add, report, gr_cli_stop(), &left_out,
                                    err);
    if (status == GR_OK)
        status = gr_explain_report_write(report, r->out, err);
    if (status == GR_OK) {
        gr_explain_report_table(report, &table);
        printf("%s", table.data != NULL ? table.data : "");
        if (left_out > 0)
            printf("notice: %lld image%s not checked: only images that one model explains are\n", (long long)left_out,
                   left_out == 1 ? " was" : "s were");
    }
    gr_text_free(&table);
    gr_explain_report_close(report);
    return status;
}

static gr_status explain(gr_explainer *e, const request *r, const gr_cli_pictures *p, gr_error *err)
{
    listener l = {.image = -1};
    const char **problems = gr_alloc((size_t)p->count, sizeof *problems);
    gr_status status = problems != NULL ? GR_OK : gr_fail(err, GR_NOMEM, "no memory for the images");
    if (status == GR_OK)
        status = gr_explain_folder_open(r->out, r->force, p->images, p->count, r->options.method_count, &r->set.look,
                                        &l.folder, err);
    if (status == GR_OK)
        status = gr_explainer_run(e, p->samples, p->count, hear, &l, gr_cli_stop(), err);
    if (status == GR_OK)
        status = gr_explain_folder_finish(l.folder, err);
    for (int64_t i = 0; status == GR_OK && i < p->count; i++)
        problems[i] = gr_explain_folder_problem(l.folder, i);
    if (status == GR_OK) {
        tell_written(r, p, problems, &l);
        if (r->set.check)
            status = check(e, r, p, err);
    }
    if (status == GR_OK)
        status = gr_cli_pictures_problems(p, problems, err);
    gr_explain_folder_close(l.folder);
    gr_free(problems);
    return status;
}

/* How the first answers come about. The table is there, so that what a figure needs and is not here (cairo, a font) is told. */
static gr_status draw_shares(const request *r, int64_t images, gr_error *err)
{
    gr_figure_file figure;
    const gr_figure_options one_column = {0}, two_columns = {.width = 170};
    gr_status status = gr_figure_draw_shares(r->out, images > 1 ? &two_columns : &one_column, &figure, err);
    if (status == GR_IO) {
        printf("notice: no figure: %s\n", err->text);
        return GR_OK;
    }
    char *path = status == GR_OK ? gr_path_join(r->out, "shap_waterfall.svg") : NULL;
    if (status == GR_OK)
        status = path != NULL ? gr_file_write(path, figure.file.data, figure.file.size, err)
                              : gr_fail(err, GR_NOMEM, "no memory for a path");
    if (status == GR_OK && images == 1)
        printf("%s\n", figure.alternative.data);
    if (status == GR_OK)
        printf("Written: %s\n", path);
    gr_figure_file_free(&figure);
    gr_free(path);
    return status;
}

/* Boosted trees, which read no pictures. */
static gr_status explain_trees(int argc, char **argv, const request *r, gr_error *err)
{
    gr_explain_trees_report report;
    if (r->class_name != NULL || r->layer != NULL || r->steps != NULL || r->baseline != NULL || r->samples != NULL ||
        r->noise != NULL || r->seed != NULL || r->rules != NULL || r->epsilon != NULL || r->set.colours != NULL ||
        r->set.opacity != NULL || r->set.scale != NULL || r->set.mean != NULL || r->set.sheet || r->set.check)
        return gr_fail(err, GR_INVALID, "explain: --method shap takes --manifest, --out and --force alone");
    const gr_explain_trees_options options = {.path = argv[1],
                                              .manifest = r->manifest,
                                              .images = (const char *const *)argv + 2,
                                              .image_count = argc - 2,
                                              .out = r->out,
                                              .force = r->force,
                                              .stop = gr_cli_stop()};
    gr_status status = gr_explain_trees(&options, &report, err);
    if (status != GR_OK)
        return status;
    printf("%s/shap.csv: %lld of %lld %s explained by shap\n", r->out, (long long)report.explained, (long long)report.rows,
           r->manifest != NULL ? "rows" : "images");
    status = draw_shares(r, report.explained, err);
    if (status != GR_OK)
        return status;
    return report.problem[0] != '\0' ? gr_fail(err, GR_FAILED, "%s", report.problem) : GR_OK;
}

gr_status gr_cmd_explain(int argc, char **argv, gr_error *err)
{
    request r = {0};
    gr_cli_pictures pictures = {0};
    gr_explainer *explainer = NULL;
    gr_status status = parse(&r, &argc, argv, err);
    if (status == GR_OK && r.list) {
        for (int i = 0; gr_explain_method_name(i) != NULL; i++)
            printf("%-21s %s\n", gr_explain_method_name(i), gr_explain_method_summary(i));
        return GR_OK;
    }
    if (status == GR_OK && strcmp(r.methods, "shap") == 0)
        return explain_trees(argc, argv, &r, err);
    if (status == GR_OK)
        status = split_methods(&r, err);
    if (status == GR_OK)
        status = read_numbers(&r, err);
    if (status == GR_OK)
        status = gr_explainer_open(argv[1], &r.options, &explainer, err);
    if (status == GR_OK)
        status = gr_cli_pictures_open(argc, argv, r.manifest, &pictures, err);
    if (status == GR_OK)
        status = gr_cli_explain_set_open(&r.set, argv[1], &pictures, err);
    if (status == GR_OK)
        status = explain(explainer, &r, &pictures, err);
    if (status == GR_OK || status == GR_FAILED)
        gr_cli_notices(pictures.manifest.notices);
    gr_cli_explain_set_close(&r.set);
    gr_cli_pictures_close(&pictures);
    gr_explainer_close(explainer);
    return status;
}
