/* grimace data align: faces upright and of one size, by their landmarks. */
#include <stdio.h>

#include "base/base.h"
#include "cli/cli.h"
#include "grimace/align.h"

const char gr_help_data_align[] =
    "usage: grimace data align MANIFEST --by RULE|--to procrustes|TEMPLATE.csv --out DIR [--size N] [--margin S]\n"
    "                          [--landmarks TABLE.csv] [--save-template FILE.csv] [--force]\n"
    "\n"
    "Turns, cuts and resizes the picture of each row by its landmarks, and writes DIR/images and DIR/manifest.csv: image, "
    "source, and\n"
    "all other columns, boxes and landmarks in pixels of the new picture. What is beyond a picture's edge is black. Rows "
    "whose landmarks\n"
    "do not say how the face lies are left out and counted.\n"
    "\n"
    "  --by RULE        level, and cut to a square: fgs37 (FelineGrimace's: turned by landmarks 13, 14 and 17, 18, cut by "
    "3, 10, 29 to\n"
    "                   32, 36 and 37), synth18 (faces of grimace data synth), or LEFT:RIGHT:FRAME, as "
    "13,14:17,18:3,10,29,30,31,32,36,37:\n"
    "                   the middles of LEFT and RIGHT come to lie on one level, and FRAME fills the square but for the "
    "margin\n"
    "  --to procrustes  the similarity (turn, size, place) that brings the landmarks nearest to the mean shape of the "
    "table's faces\n"
    "  --to FILE.csv    nearest to a template: one row of size,lm1_x,lm1_y,...\n"
    "  --save-template FILE\n"
    "                   writes the template, for pictures that are still to come\n"
    "  --landmarks TABLE\n"
    "                   takes the landmarks that say how faces lie from another table of the same images, such as the "
    "predictions.csv\n"
    "                   of a first network; those of the manifest move along\n"
    "  --size N         pixels of a side (default: 224)\n"
    "  --margin S       on each side, a share of the longer side of frame or mean shape (default: 0.1)\n"
    "  --out DIR        the folder to make\n"
    "  --force          write into a folder that holds files already, and over a template\n";

static void summarise(const gr_align_options *o, const gr_align_report *r)
{
    gr_cli_notices(r->notices.data);
    if (r->shapes > 0)
        printf("mean shape of %lld face%s\n", (long long)r->shapes, r->shapes == 1 ? "" : "s");
    printf("%s/manifest.csv: %lld face%s of %d x %d pixels", o->out, (long long)r->written, r->written == 1 ? "" : "s",
           o->size, o->size);
    if (r->left_out > 0)
        printf(", %lld row%s left out for want of landmarks", (long long)r->left_out, r->left_out == 1 ? "" : "s");
    printf("\n");
}

gr_status gr_cmd_data_align(int argc, char **argv, gr_error *err)
{
    gr_align_options o = {.size = 224, .margin = 0.1, .stop = gr_cli_stop()};
    const char *size = NULL, *margin = NULL;
    const gr_cli_option known[] = {{"--by", &o.by, NULL},   {"--to", &o.to, NULL},       {"--landmarks", &o.landmarks, NULL},
                                   {"--size", &size, NULL}, {"--margin", &margin, NULL}, {"--save-template", &o.save, NULL},
                                   {"--out", &o.out, NULL}, {"--force", NULL, &o.force}};
    gr_status status = gr_cli_parse(&argc, argv, known, sizeof known / sizeof known[0], err);
    if (status == GR_OK && argc != 2)
        status = argc < 2 ? gr_fail(err, GR_INVALID,
                                    "align: no manifest is named; usage: grimace data align MANIFEST --by fgs37 --out DIR")
                          : gr_fail(err, GR_INVALID, "align: \"%s\" is one word too many, one manifest is right", argv[2]);
    if (status == GR_OK && o.out == NULL)
        status = gr_fail(err, GR_INVALID, "align: --out is missing, the folder to make is needed");
    if (status == GR_OK && margin != NULL && !gr_parse_double(margin, &o.margin))
        status = gr_fail(err, GR_INVALID, "--margin: \"%.40s\" is no number; 0.1 would be right", margin);
    int64_t pixels = o.size;
    if (status == GR_OK && size != NULL)
        status = gr_cli_number("--size", size, 1, 16384, &pixels, err);
    if (status != GR_OK)
        return status;
    o.size = (int)pixels;
    o.manifest = argv[1];
    gr_align_report report;
    status = gr_align_make(&o, &report, err);
    if (status == GR_OK)
        summarise(&o, &report);
    gr_align_report_free(&report);
    return status;
}
