/* grimace data import: from a data set's own folder to a manifest. */
#include <string.h>

#include "base/base.h"
#include "cli/cli.h"
#include "grimace/import.h"

const char gr_help_data_import[] =
    "usage: grimace data import ratspain FOLDER --out manifest.csv [--pain NAME] [--no-pain NAME]\n"
    "       grimace data import paths FOLDER --path PATTERN --out manifest.csv [--table TABLE.csv] [--set RULES]\n"
    "\n"
    "Writes the manifest of the images in a data set's folder: one row for each picture\n"
    "(PNG, JPEG, WebP or TIFF, by its name's end); all other files are counted by kind.\n"
    "\n"
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
    "  --out FILE       the manifest to write; put it where it shall stay, its image paths start there\n";

/* What is printed when the folder of a data set has been read whole. */
static const int64_t ratspain_images = 1138;

static void say_left_out(const char *what)
{
    if (what[0] != '\0')
        printf("notice: left out: %s\n", what);
}

static gr_status import_ratspain(const char *folder, const char *path, const gr_import_options *options, gr_error *err)
{
    gr_import_counts counts;
    gr_status status = gr_import_ratspain(folder, path, options, &counts, err);
    if (status != GR_OK)
        return status;
    printf("%s: %lld images of %d animals, %lld of them with pain\n", path, (long long)counts.images, counts.animals,
           (long long)counts.pain);
    say_left_out(counts.left_out);
    if (counts.images != ratspain_images)
        printf("notice: the whole data set has %lld images\n", (long long)ratspain_images);
    return GR_OK;
}

static gr_status import_paths(const char *folder, const char *path, const gr_import_paths_options *given, gr_error *err)
{
    gr_text notices = {0};
    gr_import_paths_options paths = *given, *options = &paths;
    gr_import_paths_counts counts;
    options->notices = &notices;
    if (options->pattern == NULL)
        return gr_fail(err, GR_INVALID, "import: --path is missing, such as --path '{animal}/{pain}/*.png'");
    gr_status status = gr_import_paths(folder, path, options, &counts, err);
    if (status == GR_OK)
        gr_cli_notices(notices.data);
    gr_text_free(&notices);
    if (status != GR_OK)
        return status;
    printf("%s: %lld images\n", path, (long long)counts.images);
    say_left_out(counts.left_out);
    if (counts.unused_rows > 0)
        printf("notice: %lld rows of %s belong to no image\n", (long long)counts.unused_rows, options->table);
    return GR_OK;
}

/* Options that the other importer has. */
static gr_status check_options(bool paths, const gr_import_options *words, const gr_import_paths_options *any, gr_error *err)
{
    if (paths && (words->pain != NULL || words->no_pain != NULL))
        return gr_fail(err, GR_INVALID, "import: --pain and --no-pain are for ratspain, --set would be right");
    if (!paths && (any->pattern != NULL || any->table != NULL || any->set != NULL))
        return gr_fail(err, GR_INVALID, "import: --path, --table and --set are for paths, not for ratspain");
    return GR_OK;
}

gr_status gr_cmd_data_import(int argc, char **argv, gr_error *err)
{
    static const char *const importers[] = {"ratspain", "paths"};
    const char *path = NULL;
    gr_import_options words = {0};
    gr_import_paths_options any = {0};
    const gr_cli_option known[] = {
        {"--out", &path, NULL},         {"--pain", &words.pain, NULL}, {"--no-pain", &words.no_pain, NULL},
        {"--path", &any.pattern, NULL}, {"--table", &any.table, NULL}, {"--set", &any.set, NULL}};
    gr_status status = gr_cli_parse(&argc, argv, known, sizeof known / sizeof known[0], err);
    if (status == GR_OK && argc != 3)
        status = gr_fail(err, GR_INVALID, "import: usage: grimace data import ratspain|paths FOLDER --out manifest.csv");
    if (status != GR_OK)
        return status;
    bool paths = strcmp(argv[1], importers[1]) == 0;
    if (!paths && strcmp(argv[1], importers[0]) != 0) {
        const char *near = gr_nearest(argv[1], importers, 2);
        return gr_fail(err, GR_INVALID, "import: there is no importer for \"%s\"; %s would be right", argv[1],
                       near != NULL ? near : "ratspain or paths");
    }
    if (path == NULL)
        return gr_fail(err, GR_INVALID, "import: --out is missing, the manifest to write is needed");
    status = check_options(paths, &words, &any, err);
    if (status != GR_OK)
        return status;
    return paths ? import_paths(argv[2], path, &any, err) : import_ratspain(argv[2], path, &words, err);
}
