/* grimace info: what this binary is and what it runs on. */
#include <stdio.h>
#include <string.h>

#include "base/base.h"
#include "base/files.h"
#include "cli/cli.h"
#include "grimace/grimace.h"
#include "grimace/inspect.h"
#include "kernels/kernels.h"

const char gr_help_info[] =
    "usage: grimace info [FILE | --plan CONFIG [key=value ...] | --model NAME [options]]\n"
    "\n"
    "Prints version, instruction set and why it was chosen, threads, and the libraries in use.\n"
    "GRIMACE_ISA=generic|avx2|avx512|avx512_bf16|amx_bf16 forces an instruction set.\n"
    "\n"
    "  FILE            a plain network of Keras's (.keras, or .h5 of a whole model) as a config: its layers as\n"
    "                  model.layers, its images, penalties and semantics\n"
    "  --plan CONFIG   how the config's training step runs: each layer's algorithm, blocking, FLOPs,\n"
    "                  bytes and measured share of the step, the memory plan, and an\n"
    "                  estimate for more threads\n"
    "  --model NAME    a network's layers, shapes, parameters and multiply-adds for one image\n"
    "      --head NAME --size PX --channels N --classes N --width X   default linear, 224, 3, 1000, 1\n"
    "      --aux           inception_v3: with its auxiliary classifier\n"
    "      --landmarks N   head landmarks: how many, default 37 (FelineGrimace's)\n";

enum { PLAN_STEPS = 3 }; /* the first ones warm caches and threads; the last is shown */

static gr_status show(gr_status status, char *text)
{
    if (status == GR_OK && text != NULL)
        fputs(text, stdout);
    gr_free(text);
    return status;
}

static gr_status show_plan(const char *plan, int argc, char **argv, gr_error *err)
{
    char *text = NULL, *place[64];
    gr_config *config = NULL;
    if (argc > 60)
        return gr_fail(err, GR_INVALID, "info: at most 58 key=value settings are taken");
    place[0] = argv[0];
    place[1] = (char *)plan;
    for (int i = 1; i < argc; i++)
        place[i + 1] = argv[i];
    gr_status status = gr_cli_config(argc + 1, place, &config, err);
    if (status == GR_OK)
        status = gr_inspect_plan(config, PLAN_STEPS, &text, err);
    gr_config_destroy(config);
    return show(status, text);
}

static gr_status extent(const char *option, const char *word, int64_t *out, gr_error *err)
{
    if (word != NULL && (!gr_parse_int64(word, out) || *out < 1 || *out > 100000))
        return gr_fail(err, GR_INVALID, "info: %s is \"%s\", expected a whole number from 1 to 100000", option, word);
    return GR_OK;
}

/* words: --size, --channels, --classes, --width, --landmarks, each NULL when it was not given. */
static gr_status show_model(gr_model_options *model, const char *const words[5], gr_error *err)
{
    char *text = NULL;
    gr_status status = extent("--size", words[0], &model->size, err);
    if (status == GR_OK)
        status = extent("--channels", words[1], &model->channels, err);
    if (status == GR_OK)
        status = extent("--classes", words[2], &model->classes, err);
    if (status == GR_OK)
        status = extent("--landmarks", words[4], &model->landmarks, err);
    if (strcmp(model->head, "landmarks") != 0)
        model->landmarks = 0;
    if (status == GR_OK && words[3] != NULL && !gr_parse_double(words[3], &model->width))
        status = gr_fail(err, GR_INVALID, "info: --width is \"%s\", expected a number", words[3]);
    if (status == GR_OK)
        status = gr_inspect_model(model, &text, err);
    return show(status, text);
}

static gr_status show_keras(const char *path, gr_error *err)
{
    char *text = NULL;
    gr_status status = gr_inspect_keras(path, &text, err);
    return show(status, text);
}

gr_status gr_cmd_info(int argc, char **argv, gr_error *err)
{
    const char *plan = NULL, *words[5] = {NULL};
    gr_model_options model = {.head = "linear", .size = 224, .channels = 3, .classes = 1000, .landmarks = 37, .width = 1.0};
    const gr_cli_option options[] = {{"--plan", &plan, NULL},         {"--model", &model.backbone, NULL},
                                     {"--head", &model.head, NULL},   {"--size", &words[0], NULL},
                                     {"--channels", &words[1], NULL}, {"--classes", &words[2], NULL},
                                     {"--width", &words[3], NULL},    {"--aux", NULL, &model.aux},
                                     {"--landmarks", &words[4], NULL}};
    gr_status status = gr_cli_parse(&argc, argv, options, 9, err);
    if (status == GR_OK && plan != NULL)
        return show_plan(plan, argc, argv, err);
    bool file = argc == 2 && model.backbone == NULL && gr_path_exists(argv[1]);
    if (status == GR_OK && argc > 1 && !file)
        status = gr_fail(err, GR_INVALID,
                         "info: \"%s\" is not needed; info takes options only, or one file of Keras's that is there",
                         argv[argc - 1]);
    if (status == GR_OK && file)
        return show_keras(argv[1], err);
    if (status == GR_OK && model.backbone != NULL)
        return show_model(&model, words, err);
    if (status != GR_OK)
        return status;
    const gr_kernels *available[8];
    int count = gr_kernels_available(available);
    printf("grimace          %s\n", GRIMACE_VERSION);
    printf("instruction set  %s (%s; this CPU runs", gr_kernels_get()->isa, gr_kernels_reason());
    for (int i = 0; i < count; i++)
        printf("%s %s", i == 0 ? "" : ",", available[i]->isa);
    printf(")\n");
    gr_threads_set(0);
    printf("threads          %d\n", gr_threads_get());
    printf("compiler         %s\n", __VERSION__);
    char version[GR_LIBRARY_ROOM];
    const char *library;
    for (int i = 0; (library = gr_library(i, version)) != NULL; i++)
        printf("%-15s  %s\n", library, version);
    return GR_OK;
}
