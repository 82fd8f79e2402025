/* grimace data crop: faces cut out by their boxes. */
#include <stdio.h>

#include "base/base.h"
#include "cli/cli.h"
#include "grimace/crops.h"

const char gr_help_data_crop[] =
    "usage: grimace data crop MANIFEST --out DIR [--margin SHARE] [--square] [--size N] [--whole] [--only COLUMN=VALUE]\n"
    "                         [--sheet FILE.png|FILE.html] [--force]\n"
    "\n"
    "Cuts the box (box_x,box_y,box_w,box_h) of each row out of its upright picture and writes DIR/images and "
    "DIR/manifest.csv:\n"
    "image, source (the picture that it was cut from), all other columns, boxes and landmarks in pixels of the crop, and "
    "keep,\n"
    "which is 1. Rows without a box are left out and counted. A crop that its margin takes beyond the picture is moved "
    "inside;\n"
    "one that is larger than the picture is black around it.\n"
    "\n"
    "  --margin SHARE   of the box's width and height, added on each side (default: 0)\n"
    "  --square         as wide as high: the longer side\n"
    "  --size N         pixels of the longer side (default: as it is)\n"
    "  --whole          no box columns: training then reads each crop with its margin, and not the box in it\n"
    "  --only COL=VALUE only such rows: keep=1 leaves out those that were struck out\n"
    "  --sheet FILE     all crops at a glance, each with its line of the manifest: a picture, or a page on which a click "
    "strikes a\n"
    "                   crop out and lists the lines whose `keep` is to be set to 0. `data.only: [keep=1]` in a config, or "
    "--only\n"
    "                   here, then leaves them out\n"
    "  --out DIR        the folder to make\n"
    "  --force          write into a folder that holds files already, and over a sheet\n";

static void summarise(const gr_crops_options *o, const gr_crops_report *r)
{
    gr_cli_notices(r->notices.data);
    printf("%s/manifest.csv: %lld crop%s", o->out, (long long)r->written, r->written == 1 ? "" : "s");
    if (r->without_box > 0)
        printf(", %lld row%s without a box left out", (long long)r->without_box, r->without_box == 1 ? "" : "s");
    if (r->left_out > 0)
        printf(", %lld left out by --only", (long long)r->left_out);
    printf("\n");
    if (r->padded > 0)
        printf("notice: %lld crop%s larger than the picture: black around it\n", (long long)r->padded,
               r->padded == 1 ? " is" : "s are");
    if (r->lost_points > 0)
        printf("notice: %lld landmark%s not on the crop: empty cells\n", (long long)r->lost_points,
               r->lost_points == 1 ? " is" : "s are");
    if (o->margin > 0 && !o->whole)
        printf("notice: the manifest has the box in each crop, which training cuts out again; --whole leaves the box "
               "columns out\n");
}

gr_status gr_cmd_data_crop(int argc, char **argv, gr_error *err)
{
    gr_crops_options o = {.stop = gr_cli_stop()};
    const char *margin = NULL, *size = NULL;
    const gr_cli_option known[] = {{"--margin", &margin, NULL}, {"--size", &size, NULL},     {"--only", &o.only, NULL},
                                   {"--out", &o.out, NULL},     {"--sheet", &o.sheet, NULL}, {"--square", NULL, &o.square},
                                   {"--whole", NULL, &o.whole}, {"--force", NULL, &o.force}};
    gr_status status = gr_cli_parse(&argc, argv, known, sizeof known / sizeof known[0], err);
    if (status == GR_OK && argc != 2)
        status = argc < 2
                     ? gr_fail(err, GR_INVALID, "crop: no manifest is named; usage: grimace data crop MANIFEST --out DIR")
                     : gr_fail(err, GR_INVALID, "crop: \"%s\" is one word too many, one manifest is right", argv[2]);
    if (status == GR_OK && o.out == NULL)
        status = gr_fail(err, GR_INVALID, "crop: --out is missing, the folder to make is needed");
    if (status == GR_OK && margin != NULL && (!gr_parse_double(margin, &o.margin) || o.margin < 0 || o.margin > 10))
        status =
            gr_fail(err, GR_INVALID, "--margin: \"%.40s\" is no share of the box from 0 to 10; 0.1 would be right", margin);
    int64_t pixels = 0;
    if (status == GR_OK && size != NULL)
        status = gr_cli_number("--size", size, 1, 16384, &pixels, err);
    if (status != GR_OK)
        return status;
    o.size = (int)pixels;
    o.manifest = argv[1];
    gr_crops_report report;
    status = gr_crops_make(&o, &report, err);
    if (status == GR_OK)
        summarise(&o, &report);
    gr_crops_report_free(&report);
    return status;
}
