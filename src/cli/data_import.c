/* grimace data import: from a data set's own folder, or from other tools' annotations, to a manifest. */
#include <string.h>

#include "base/base.h"
#include "cli/cli.h"
#include "grimace/import.h"
#include "grimace/manifest.h"
#include "import/importers.h"

#define LINE(name, reads, takes, origin, run) "  " name ": " reads "\n"

const char gr_help_data_import[] =
    "usage: grimace data import ratspain FOLDER --out manifest.csv [--pain NAME] [--no-pain NAME] [--force]\n"
    "       grimace data import paths FOLDER --path PATTERN --out manifest.csv [--table TABLE.csv] [--set RULES]\n"
    "                           [--force]\n"
    "       grimace data import FORMAT SOURCE... --out manifest.csv [options] [--force]\n"
    "\n"
    "Writes the manifest of the images in a data set's folder: one row for each picture\n"
    "(PNG, JPEG, WebP or TIFF, by its name's end); all other files are counted by kind. Or writes that of the\n"
    "pictures in other tools' annotations, with boxes and landmarks in grimace's pixels:\n"
    "\n" GR_IMPORTERS(LINE) "\n"
    "ratspain makes image,animal,pain; datasets/ratspain/README.md says how to obtain RatsPain. One folder of each image's\n"
    "path must name the animal and one the label, as in rat1/pain/x.png.\n"
    "\n"
    "  --pain NAME      the name of the folders that hold images of pain, where it is not pain or 1\n"
    "  --no-pain NAME   the name of those without, where it is not no_pain or 0\n"
    "\n"
    "paths reads folders of any layout; datasets/*/README.md use it.\n"
    "\n"
    "  --path PATTERN   what a path looks like from FOLDER on, such as '{treatment}/{animal}_{time}_*.jpg': {name} is one\n"
    "                   character or more and becomes a column, * is anything; neither goes over a /\n"
    "  --table FILE     more columns, joined by those that have the names of fields: a row for each of their values\n"
    "  --set RULES      columns made of others: 'session={treatment}-{time}; effect=time:30min=1,*=0'\n"
    "\n"
    "Annotations of the other formats: docs/import.md has each with an example. Landmarks are numbered in the order of the\n"
    "files, their names go to manifest.landmarks.csv. Of several objects in a picture the largest is taken.\n"
    "\n"
    "  --images FOLDER  where the pictures are; else they are looked for around the annotations\n"
    "  --class NAME     only objects of that class; --individual NAME: only that animal\n"
    "  --names FILE     the landmarks that are wanted, in their order: a name a line, or another import's landmarks.csv\n"
    "  --pixel-origin corner|centre|one   what (0, 0) is: the first pixel's corner, its middle, or none, as pixels count from\n"
    "                   1; each format has its own, which is printed\n"
    "  --least-score X  points and boxes with a lower likelihood are left out (deeplabcut, sleap, coco, yolo)\n"
    "  --empty          keeps pictures without box and landmark\n"
    "  --frames NAME    what a video's frame is called, '{video}_{frame:6}.png' (deeplabcut, sleap, cvat)\n"
    "  --attribute NAME the attribute that says what a region is (via)\n"
    "  --classes FILE   data.yaml, or a text with a class a line (yolo)\n"
    "  --points 17x3    a pose has so many points of so many numbers (yolo)\n"
    "\n"
    "  --out FILE       the manifest to write; put it where it shall stay, its image paths start there\n"
    "  --force          overwrite the files that it writes, when they are there already\n";

static gr_status read_origin(const char *text, gr_pixel_origin *origin, gr_error *err)
{
    static const char *const words[] = {"corner", "centre", "one"};
    for (int i = 0; text != NULL && i < 3; i++)
        if (strcmp(text, words[i]) == 0)
            *origin = (gr_pixel_origin)(GR_ORIGIN_CORNER + i);
    if (text != NULL && *origin == GR_ORIGIN_USUAL)
        return gr_fail(err, GR_INVALID, "import: --pixel-origin: \"%s\" is not known; corner, centre or one would be right", text);
    return GR_OK;
}

static bool is_importer(const char *name)
{
    for (int i = 0; gr_importer_name(i) != NULL; i++)
        if (strcmp(name, gr_importer_name(i)) == 0)
            return true;
    return false;
}

static gr_status read_score(const char *text, double *score, gr_error *err)
{
    if (text != NULL && (!gr_parse_double(text, score) || *score < 0))
        return gr_fail(err, GR_INVALID, "import: --least-score: \"%s\" is no number from 0", text);
    return GR_OK;
}

/* Which names of the manifest that was written may be one. */
static gr_status say_names(const char *path, gr_error *err)
{
    gr_manifest manifest;
    gr_error unread = {0};
    gr_manifest_options options = {.skip_files = true};
    if (gr_manifest_load(path, &options, &manifest, &unread) != GR_OK)
        return GR_OK; /* whoever uses it is told */
    gr_status status = gr_cli_names(&manifest, true, err);
    gr_manifest_free(&manifest);
    return status;
}

gr_status gr_cmd_data_import(int argc, char **argv, gr_error *err)
{
    gr_import_request r = {0};
    bool force = false;
    const char *origin = NULL, *score = NULL;
    const gr_cli_option known[] = {{"--out", &r.out, NULL},
                                   {"--pain", &r.words.pain, NULL},
                                   {"--no-pain", &r.words.no_pain, NULL},
                                   {"--path", &r.paths.pattern, NULL},
                                   {"--table", &r.paths.table, NULL},
                                   {"--set", &r.paths.set, NULL},
                                   {"--images", &r.images, NULL},
                                   {"--class", &r.object_class, NULL},
                                   {"--individual", &r.individual, NULL},
                                   {"--names", &r.names, NULL},
                                   {"--pixel-origin", &origin, NULL},
                                   {"--least-score", &score, NULL},
                                   {"--empty", NULL, &r.empty},
                                   {"--frames", &r.frames, NULL},
                                   {"--attribute", &r.attribute, NULL},
                                   {"--classes", &r.classes, NULL},
                                   {"--points", &r.points, NULL},
                                   {"--force", NULL, &force}};
    gr_status status = gr_cli_parse(&argc, argv, known, sizeof known / sizeof known[0], err);
    if (status == GR_OK && argc < 3)
        status = gr_fail(err, GR_INVALID, "import: no %s is named; usage: grimace data import FORMAT SOURCE... --out manifest.csv",
                         argc < 2 ? "format" : "source");
    if (status == GR_OK && r.out == NULL && is_importer(argv[1]))
        status = gr_fail(err, GR_INVALID, "import: --out is missing, the manifest to write is needed");
    if (status == GR_OK)
        status = read_origin(origin, &r.origin, err);
    if (status == GR_OK)
        status = read_score(score, &r.least_score, err);
    if (status == GR_OK && r.out != NULL)
        status = gr_cli_may_write(r.out, force, err);
    if (status != GR_OK)
        return status;
    gr_text said = {0};
    r.keep = !force;
    r.sources = (const char *const *)argv + 2;
    r.source_count = argc - 2;
    status = gr_import(argv[1], &r, &said, err);
    if (status == GR_OK)
        printf("%s", said.data);
    gr_text_free(&said);
    return status == GR_OK ? say_names(r.out, err) : status;
}
