/* grimace data augment: pictures changed at random, as a data set of their own. */
#include <stdio.h>

#include "base/base.h"
#include "cli/cli.h"
#include "grimace/augment.h"

const char gr_help_data_augment[] =
    "usage: grimace data augment MANIFEST --pipeline FILE.yaml --out DIR [--times N] [--seed N] [--flip-landmarks 1-4,2-5]\n"
    "                            [--faces DETECTOR] [--face-share S] [--face-p P] [--scale S] [--neighbors N] [--force]\n"
    "\n"
    "Writes N pictures of each row, changed by the transforms of a YAML list as data.train_transforms takes it, into "
    "DIR/images, and\n"
    "DIR/manifest.csv: image, source, and all other columns, boxes and landmarks in pixels of the new picture. The same "
    "seed gives the\n"
    "same pictures, with any number of threads. Split by animal as ever: a changed picture is no new animal.\n"
    "\n"
    "  --pipeline FILE  the transforms: - {rotate: [[3, 19], [341, 357]], p: 0.5}\n"
    "  --times N        pictures of each row (default: 1)\n"
    "  --seed N         (default: 0)\n"
    "  --flip-landmarks pairs that change places in a mirrored face; needed for landmarks where the list has hflip\n"
    "  --faces DETECTOR cuts to the best face that an OpenCV cascade or a chain finds, brought back to the picture's size, "
    "where the\n"
    "                   face has more than --face-share (default: 0.4) of its area, with probability --face-p (default: "
    "0.5)\n"
    "  --scale S, --neighbors N\n"
    "                   of the cascade (default: 1.01 and 5, as in FelineGrimace)\n"
    "  --out DIR        the folder to make\n"
    "  --force          write into a folder that holds files already\n";

static gr_status read_number(const char *name, const char *text, double *out, gr_error *err)
{
    if (text != NULL && !gr_parse_double(text, out))
        return gr_fail(err, GR_INVALID, "%s: \"%.40s\" is no number", name, text);
    return GR_OK;
}

static gr_status read_whole(const char *name, const char *text, int64_t least, int64_t most, int64_t *out, gr_error *err)
{
    return text != NULL ? gr_cli_number(name, text, least, most, out, err) : GR_OK;
}

static void summarise(const gr_augment_options *o, const gr_augment_report *r)
{
    gr_cli_notices(r->notices.data);
    printf("%s/manifest.csv: %lld picture%s", o->out, (long long)r->written, r->written == 1 ? "" : "s");
    if (o->faces != NULL)
        printf(", %lld of them cut to a face, %lld whole for want of a face that is large enough", (long long)r->cut,
               (long long)r->too_small);
    printf("\n");
}

gr_status gr_cmd_data_augment(int argc, char **argv, gr_error *err)
{
    gr_augment_options o = {
        .times = 1, .face_share = 0.4, .face_chance = 0.5, .scale = 1.01, .neighbours = 5, .stop = gr_cli_stop()};
    const char *times = NULL, *seed = NULL, *share = NULL, *chance = NULL, *scale = NULL, *neighbours = NULL;
    const gr_cli_option known[] = {{"--pipeline", &o.pipeline, NULL},
                                   {"--times", &times, NULL},
                                   {"--seed", &seed, NULL},
                                   {"--flip-landmarks", &o.flip, NULL},
                                   {"--faces", &o.faces, NULL},
                                   {"--face-share", &share, NULL},
                                   {"--face-p", &chance, NULL},
                                   {"--scale", &scale, NULL},
                                   {"--neighbors", &neighbours, NULL},
                                   {"--out", &o.out, NULL},
                                   {"--force", NULL, &o.force}};
    gr_status status = gr_cli_parse(&argc, argv, known, sizeof known / sizeof known[0], err);
    if (status == GR_OK && argc != 2)
        status =
            argc < 2
                ? gr_fail(err, GR_INVALID,
                          "augment: no manifest is named; usage: grimace data augment MANIFEST --pipeline FILE --out DIR")
                : gr_fail(err, GR_INVALID, "augment: \"%s\" is one word too many, one manifest is right", argv[2]);
    if (status == GR_OK && (o.pipeline == NULL || o.out == NULL))
        status = gr_fail(err, GR_INVALID,
                         o.out == NULL ? "augment: --out is missing, the folder to make is needed"
                                       : "augment: --pipeline is missing, a YAML list of transforms is needed");
    if (status == GR_OK && o.faces == NULL && (share != NULL || chance != NULL || scale != NULL || neighbours != NULL))
        status = gr_fail(err, GR_INVALID,
                         "augment: --face-share, --face-p, --scale and --neighbors are about --faces, which is missing");
    int64_t count = 1, number = 0, windows = 5;
    if (status == GR_OK)
        status = read_whole("--times", times, 1, 1000, &count, err);
    if (status == GR_OK)
        status = read_whole("--seed", seed, 0, INT64_MAX, &number, err);
    if (status == GR_OK)
        status = read_whole("--neighbors", neighbours, 0, 1000000, &windows, err);
    if (status == GR_OK)
        status = read_number("--face-share", share, &o.face_share, err);
    if (status == GR_OK)
        status = read_number("--face-p", chance, &o.face_chance, err);
    if (status == GR_OK)
        status = read_number("--scale", scale, &o.scale, err);
    if (status != GR_OK)
        return status;
    o.manifest = argv[1];
    o.times = (int)count;
    o.seed = (uint64_t)number;
    o.neighbours = (int)windows;
    gr_augment_report report;
    status = gr_augment_make(&o, &report, err);
    if (status == GR_OK)
        summarise(&o, &report);
    gr_augment_report_free(&report);
    return status;
}
