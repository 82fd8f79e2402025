/* grimace data synth: renders synthetic rodent faces with known action units. */
#include "cli/cli.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/base.h"
#include "grimace/cage.h"
#include "grimace/synth.h"

const char gr_help_data_synth[] =
    "usage: grimace data synth --out DIR [--animal rat|cat] [--preset ratspain|mini] [--seed N] [--size PX]\n"
    "                          [--animals N] [--images N] [--yaw DEG] [--force]\n"
    "       grimace data synth --sheet FILE.png [--animal rat|cat] [--preset ...] [--seed N] [--size PX] [--animals N]\n"
    "                          [--yaw DEG] [--force]\n"
    "       grimace data synth --scene cage --out DIR [--seconds S] [--seed N] [--size PX] [--animals N] [--images N]\n"
    "                          [--force]\n"
    "\n"
    "Renders rat faces whose four action units, head pose, animal, session and landmarks are known, and writes\n"
    "DIR/images/ratN_sS_K.png and DIR/manifest.csv (last, so that a folder with a manifest is whole).\n"
    "\n"
    "  --out DIR       the folder to make\n"
    "  --animal NAME   rat, with 18 landmarks, or cat: a short muzzle, pointed ears, and FelineGrimace's 37 landmarks as\n"
    "                  fgs35 and fgs37 take them, in DIR/images/catN_sS_K.png (default: rat)\n"
    "  --preset NAME   ratspain: the paper's counts for each rat and label, 1138 images of 224 pixels, head turned up to\n"
    "                  75 degrees; mini: 6 rats, 40 images each, 64 pixels, easy to learn (default: ratspain)\n"
    "  --seed N        another set of the same kind (default: 7)\n"
    "  --size PX       pixels a side, 32 to 512\n"
    "  --animals N     number of animals; ratspain repeats the paper's six rats' counts in turn\n"
    "  --images N      images of each animal; ratspain keeps each rat's shares of the labels\n"
    "  --yaw DEG       largest turn of the head to either side, 0 to 75\n"
    "  --force         overwrite a manifest or picture that is there already\n"
    "  --sheet FILE    instead of a set, one picture of faces: a row for each strength of the action units 0, 1, 2, a\n"
    "                  column for each animal, turned further from column to column\n"
    "\n"
    "With --scene cage, whole pictures of cages with one to three rats or none: DIR/images/cageC_sS_K.jpg, and a row of\n"
    "DIR/manifest.csv for each face with the boxes of face, eyes, ears and nose. Rats of a picture share their cage: the\n"
    "column `cage` is the group.\n"
    "\n"
    "  --animals N     rats; three to a cage (default: 18)\n"
    "  --images N      pictures of each cage, or its films (default: 50, or 2)\n"
    "  --size PX       a picture's width, 128 to 2048; its height is three quarters of it (default: 640)\n"
    "  --seconds S     instead of pictures, films of S seconds, five pictures a second: DIR/videos/ratN_sS_K.avi, of one\n"
    "                  rat each, DIR/videos/videos.csv for data frames, and DIR/boxes.csv for each picture of them\n";

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

/* What was given; NULL: not. */
typedef struct given {
    const char *out, *sheet, *preset, *seed, *size, *animals, *images, *yaw, *scene, *seconds, *animal;
    bool force;
} given;

static gr_status make_scenes(const given *g, uint64_t seed, gr_error *err)
{
    gr_cage_options options = {.seed = seed};
    double seconds = 0;
    if (strcmp(g->scene, "cage") != 0)
        return gr_fail(err, GR_INVALID, "--scene: '%s' is no scene; cage would be right", g->scene);
    const char *other = g->animal != NULL   ? "--animal"
                        : g->sheet != NULL  ? "--sheet"
                        : g->preset != NULL ? "--preset"
                        : g->yaw != NULL    ? "--yaw"
                                            : NULL;
    if (other != NULL)
        return gr_fail(err, GR_INVALID, "data synth: %s has no meaning with --scene", other);
    if (g->out == NULL)
        return gr_fail(err, GR_INVALID, "data synth: give --out DIR, the folder to make");
    gr_status status = GR_OK;
    if ((status = number("--size", g->size, 128, 2048, &options.width, err)) != GR_OK ||
        (status = number("--animals", g->animals, 1, 1000, &options.animals, err)) != GR_OK ||
        (status = number("--images", g->images, 1, 100000, &options.images, err)) != GR_OK)
        return status;
    if (g->seconds != NULL && !(gr_parse_double(g->seconds, &seconds) && seconds > 0 && seconds <= 600))
        return gr_fail(err, GR_INVALID, "--seconds: '%s' is not a number above 0, up to 600", g->seconds);
    options.seconds = (float)seconds;
    gr_cage_plan plan;
    gr_cage_counts n;
    status = gr_cage_plan_make(&options, &plan, err);
    bool terminal = isatty(STDOUT_FILENO) != 0;
    if (status == GR_OK)
        status = gr_cage_write(&plan, g->out, g->force, show, &terminal, &n, err);
    if (status == GR_OK && plan.frames > 0)
        printf("%s/videos/videos.csv: %d films of %d pictures, %d x %d pixels\n", g->out, plan.count / plan.frames,
               plan.frames, plan.width, plan.height);
    if (status == GR_OK)
        printf("%s/%s: %d pictures, %d without a face; boxes of %d faces, %d eyes, %d ears, %d noses\n", g->out,
               plan.frames > 0 ? "boxes.csv" : "manifest.csv", n.pictures, n.empty, n.faces,
               n.part[GR_CAGE_EYE_LEFT] + n.part[GR_CAGE_EYE_RIGHT], n.part[GR_CAGE_EAR_LEFT] + n.part[GR_CAGE_EAR_RIGHT],
               n.part[GR_CAGE_NOSE]);
    gr_cage_plan_free(&plan);
    return status;
}

static gr_status make_faces(const given *g, uint64_t seed, gr_error *err)
{
    if (g->seconds != NULL)
        return gr_fail(err, GR_INVALID, "data synth: --seconds has no meaning without --scene");
    if ((g->out == NULL) == (g->sheet == NULL))
        return gr_fail(err, GR_INVALID, "data synth: give either --out DIR (a data set) or --sheet FILE (one picture)");
    if (g->sheet != NULL && g->images != NULL)
        return gr_fail(err, GR_INVALID, "data synth: --images has no meaning with --sheet");
    gr_status status = g->sheet != NULL ? gr_cli_may_write(g->sheet, g->force, err) : GR_OK;
    gr_synth_options options = {.preset = g->preset != NULL ? g->preset : "ratspain", .seed = seed, .yaw = -1};
    double degrees = -1;
    if (status == GR_OK && g->animal != NULL && strcmp(g->animal, "rat") != 0 && strcmp(g->animal, "cat") != 0)
        return gr_fail(err, GR_INVALID, "--animal: '%.40s' is none that is rendered; rat or cat would be right", g->animal);
    options.cats = g->animal != NULL && strcmp(g->animal, "cat") == 0;
    if (status != GR_OK || (status = number("--size", g->size, 32, 512, &options.size, err)) != GR_OK ||
        (status = number("--animals", g->animals, 1, 1000, &options.animals, err)) != GR_OK ||
        (status = number("--images", g->images, 1, 100000, &options.images, err)) != GR_OK)
        return status;
    if (g->yaw != NULL && !(gr_parse_double(g->yaw, &degrees) && degrees >= 0 && degrees <= 75))
        return gr_fail(err, GR_INVALID, "--yaw: '%s' is not a number of degrees within 0 to 75", g->yaw);
    options.yaw = (float)degrees;
    if (g->sheet != NULL)
        return gr_synth_sheet(&options, g->sheet, err);
    gr_synth_plan plan;
    status = gr_synth_plan_make(&options, &plan, err);
    bool terminal = isatty(STDOUT_FILENO) != 0;
    if (status == GR_OK)
        status = gr_synth_write(&plan, g->out, g->force, show, &terminal, err);
    if (status == GR_OK)
        summarise(&plan, g->out);
    gr_synth_plan_free(&plan);
    return status;
}

gr_status gr_cmd_data_synth(int argc, char **argv, gr_error *err)
{
    given g = {0};
    int64_t seed = 7;
    const gr_cli_option table[] = {
        {"--out", &g.out, NULL},       {"--sheet", &g.sheet, NULL},    {"--preset", &g.preset, NULL},
        {"--seed", &g.seed, NULL},     {"--size", &g.size, NULL},      {"--animals", &g.animals, NULL},
        {"--images", &g.images, NULL}, {"--yaw", &g.yaw, NULL},        {"--scene", &g.scene, NULL},
        {"--force", NULL, &g.force},   {"--seconds", &g.seconds, NULL}, {"--animal", &g.animal, NULL}};
    gr_status status = gr_cli_parse(&argc, argv, table, (int)(sizeof(table) / sizeof(table[0])), err);
    if (status != GR_OK)
        return status;
    if (argc > 1)
        return gr_fail(err, GR_INVALID, "data synth: '%s' is no option; the folder to make is given with --out", argv[1]);
    if (g.seed != NULL && (status = gr_cli_number("--seed", g.seed, 0, INT64_MAX, &seed, err)) != GR_OK)
        return status;
    return g.scene != NULL ? make_scenes(&g, (uint64_t)seed, err) : make_faces(&g, (uint64_t)seed, err);
}
