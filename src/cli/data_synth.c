/* grimace data synth: renders synthetic rodent faces with known action units. */
#include "cli/cli.h"

#include <stdio.h>
#include <unistd.h>

#include "base/base.h"
#include "grimace/synth.h"

const char gr_help_data_synth[] =
    "usage: grimace data synth --out DIR [--preset ratspain|mini] [--seed N] [--size PX] [--animals N] [--images N]\n"
    "                          [--yaw DEG] [--force]\n"
    "       grimace data synth --sheet FILE.png [--preset ...] [--seed N] [--size PX] [--animals N] [--yaw DEG]\n"
    "                          [--force]\n"
    "\n"
    "Renders rat faces whose four action units, head pose, animal, session and landmarks are known, and writes\n"
    "DIR/images/ratN_sS_K.png and DIR/manifest.csv (last, so that a folder with a manifest is whole).\n"
    "\n"
    "  --out DIR       the folder to make\n"
    "  --preset NAME   ratspain: the paper's counts for each rat and label, 1138 images of 224 pixels, head turned up to\n"
    "                  75 degrees; mini: 6 rats, 40 images each, 64 pixels, easy to learn (default: ratspain)\n"
    "  --seed N        another set of the same kind (default: 7)\n"
    "  --size PX       pixels a side, 32 to 512\n"
    "  --animals N     number of animals; ratspain repeats the paper's six rats' counts in turn\n"
    "  --images N      images of each animal; ratspain keeps each rat's shares of the labels\n"
    "  --yaw DEG       largest turn of the head to either side, 0 to 75\n"
    "  --force         overwrite a manifest or picture that is there already\n"
    "  --sheet FILE    instead of a set, one picture of faces: a row for each strength of the action units 0, 1, 2, a\n"
    "                  column for each animal, turned further from column to column\n";

/* One line that counts up on a terminal; nothing otherwise: the work takes seconds. */
static bool show(void *ctx, int done, int total)
{
    const bool *terminal = ctx;
    if (*terminal) {
        printf("\rrendering %d / %d%s", done, total, done == total ? "\n" : "");
        fflush(stdout);
    }
    return *gr_cli_stop() == 0;
}

static void summarise(const gr_synth_plan *plan, const char *out)
{
    int counts[3] = {0}, animals = 0;
    for (int i = 0; i < plan->count; i++) {
        counts[plan->rows[i].score]++;
        animals = plan->rows[i].animal > animals ? plan->rows[i].animal : animals;
    }
    printf("%s/manifest.csv: %d images of %d animals, %d x %d pixels; no pain %d, moderate %d, severe %d\n", out,
           plan->count, animals, plan->size, plan->size, counts[0], counts[1], counts[2]);
}

/* Reads one optional whole number; left as it is when the option was not given. */
static gr_status number(const char *name, const char *text, int64_t least, int64_t most, int *out, gr_error *err)
{
    int64_t value;
    if (text == NULL)
        return GR_OK;
    gr_status status = gr_cli_number(name, text, least, most, &value, err);
    if (status == GR_OK)
        *out = (int)value;
    return status;
}

gr_status gr_cmd_data_synth(int argc, char **argv, gr_error *err)
{
    const char *out = NULL, *sheet = NULL, *preset = "ratspain", *seed = NULL, *size = NULL, *animals = NULL, *images = NULL;
    const char *yaw = NULL;
    bool force = false;
    const gr_cli_option table[] = {{"--out", &out, NULL},       {"--sheet", &sheet, NULL}, {"--preset", &preset, NULL},
                                   {"--seed", &seed, NULL},     {"--size", &size, NULL},   {"--animals", &animals, NULL},
                                   {"--images", &images, NULL}, {"--yaw", &yaw, NULL},     {"--force", NULL, &force}};
    gr_status status = gr_cli_parse(&argc, argv, table, (int)(sizeof(table) / sizeof(table[0])), err);
    if (status != GR_OK)
        return status;
    if (argc > 1)
        return gr_fail(err, GR_INVALID, "data synth: '%s' is no option; the folder to make is given with --out", argv[1]);
    if ((out == NULL) == (sheet == NULL))
        return gr_fail(err, GR_INVALID, "data synth: give either --out DIR (a data set) or --sheet FILE (one picture)");
    if (sheet != NULL && images != NULL)
        return gr_fail(err, GR_INVALID, "data synth: --images has no meaning with --sheet");
    if (sheet != NULL && (status = gr_cli_may_write(sheet, force, err)) != GR_OK)
        return status;
    gr_synth_options options = {.preset = preset, .seed = 7, .yaw = -1};
    int64_t key = 7;
    double degrees = -1;
    if (seed != NULL && (status = gr_cli_number("--seed", seed, 0, INT64_MAX, &key, err)) != GR_OK)
        return status;
    options.seed = (uint64_t)key;
    if ((status = number("--size", size, 32, 512, &options.size, err)) != GR_OK ||
        (status = number("--animals", animals, 1, 1000, &options.animals, err)) != GR_OK ||
        (status = number("--images", images, 1, 100000, &options.images, err)) != GR_OK)
        return status;
    if (yaw != NULL && !(gr_parse_double(yaw, &degrees) && degrees >= 0 && degrees <= 75))
        return gr_fail(err, GR_INVALID, "--yaw: '%s' is not a number of degrees within 0 to 75", yaw);
    options.yaw = (float)degrees;
    if (sheet != NULL)
        return gr_synth_sheet(&options, sheet, err);
    gr_synth_plan plan;
    status = gr_synth_plan_make(&options, &plan, err);
    bool terminal = isatty(STDOUT_FILENO) != 0;
    if (status == GR_OK)
        status = gr_synth_write(&plan, out, force, show, &terminal, err);
    if (status == GR_OK)
        summarise(&plan, out);
    gr_synth_plan_free(&plan);
    return status;
}
