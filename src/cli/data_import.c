/* grimace data import: from a data set's own folder to a manifest. */
#include <string.h>

#include "base/base.h"
#include "cli/cli.h"
#include "grimace/import.h"

const char gr_help_data_import[] =
    "usage: grimace data import ratspain FOLDER --out manifest.csv [--pain NAME] [--no-pain NAME]\n"
    "\n"
    "Writes the manifest image,animal,pain of the images in a data set's folder. datasets/ratspain/README.md says how to\n"
    "obtain RatsPain. One folder of each image's path must name the animal and one the label, as in rat1/pain/x.png.\n"
    "\n"
    "  --out FILE       the manifest to write; put it where it shall stay, its image paths start there\n"
    "  --pain NAME      the name of the folders that hold images of pain, where it is not pain or 1\n"
    "  --no-pain NAME   the name of those without, where it is not no_pain or 0\n";

/* One row per data set. */
static const struct {
    const char *name;
    gr_status (*import)(const char *folder, const char *path, const gr_import_options *options, gr_import_counts *counts,
                        gr_error *err);
    int64_t images; /* that the owners count; 0: not known */
} importers[] = {{"ratspain", gr_import_ratspain, 1138}};
enum { IMPORTERS = sizeof importers / sizeof *importers };

static gr_status find(const char *name, int *found, gr_error *err)
{
    const char *names[IMPORTERS];
    for (*found = 0; *found < IMPORTERS; (*found)++) {
        names[*found] = importers[*found].name;
        if (strcmp(name, names[*found]) == 0)
            return GR_OK;
    }
    const char *near = gr_nearest(name, names, IMPORTERS);
    return gr_fail(err, GR_INVALID, "import: there is no importer for \"%s\", %s is there", name,
                   near != NULL ? near : names[0]);
}

gr_status gr_cmd_data_import(int argc, char **argv, gr_error *err)
{
    const char *path = NULL;
    gr_import_options options = {0};
    gr_import_counts counts;
    int at = 0;
    const gr_cli_option known[] = {
        {"--out", &path, NULL}, {"--pain", &options.pain, NULL}, {"--no-pain", &options.no_pain, NULL}};
    gr_status status = gr_cli_parse(&argc, argv, known, 3, err);
    if (status == GR_OK && argc != 3)
        status = gr_fail(err, GR_INVALID, "import: usage: grimace data import ratspain FOLDER --out manifest.csv");
    if (status == GR_OK)
        status = find(argv[1], &at, err);
    if (status == GR_OK && path == NULL)
        status = gr_fail(err, GR_INVALID, "import: --out is missing, the manifest to write is needed");
    if (status == GR_OK)
        status = importers[at].import(argv[2], path, &options, &counts, err);
    if (status != GR_OK)
        return status;
    printf("%s: %lld images of %d animals, %lld of them with pain\n", path, (long long)counts.images, counts.animals,
           (long long)counts.pain);
    if (importers[at].images != 0 && counts.images != importers[at].images)
        printf("notice: the whole data set has %lld images\n", (long long)importers[at].images);
    return GR_OK;
}
