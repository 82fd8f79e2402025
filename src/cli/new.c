/* grimace new: a manifest and a config for a folder of pictures. */
#include <stdio.h>

#include "base/base.h"
#include "cli/cli.h"
#include "grimace/starter.h"
#include "grimace/survey.h"

const char gr_help_new[] =
    "usage: grimace new FOLDER [--out DIR] [--force]\n"
    "\n"
    "Looks at the pictures below a folder, finds out what the names say of them, and writes DIR/manifest.csv and\n"
    "DIR/config.yaml, with which `grimace cv DIR/config.yaml` runs as it is. Classes may be\n"
    "\n"
    "  - folders: pain/x.png, no_pain/y.png; with a folder for each animal above or below; below train, val and test;\n"
    "  - parts of the file names between _, - and blanks: rat03_t2_pain_0007.jpg;\n"
    "  - a column of a table (.csv, .tsv, .txt) right in the folder that has a row for each picture; numbers are scores.\n"
    "\n"
    "Prints what was found, what was guessed, and how to change it. Animals are never split between training and test,\n"
    "where the names tell them apart. Pictures that cannot be read are left out and counted.\n"
    "\n"
    "  --out DIR   where the two files go (the folder where you are)\n"
    "  --force     overwrite them when they are there already\n";

/* The two files: where they are, and what is written. */
typedef struct files {
    const char *folder;
    char *manifest, *config;
} files;

static gr_status name_files(const char *out, files *f, gr_error *err)
{
    f->folder = out != NULL ? out : ".";
    f->manifest = out != NULL ? gr_path_join(out, "manifest.csv") : gr_strdup("manifest.csv");
    f->config = out != NULL ? gr_path_join(out, "config.yaml") : gr_strdup("config.yaml");
    return f->manifest != NULL && f->config != NULL ? GR_OK : gr_fail(err, GR_NOMEM, "new: no memory for a path");
}

static void put_config(const gr_survey *s, gr_text *out)
{
    const gr_survey_column *label = &s->columns[s->label];
    const gr_starter starter = {.name = s->name,
                                .manifest = "manifest.csv",
                                .label = label->name,
                                .group = s->group >= 0 ? s->columns[s->group].name : NULL,
                                .scores = s->scores,
                                .whole = s->whole,
                                .classes = label->kind,
                                .class_count = label->kinds,
                                .scheme = s->split.scheme,
                                .why = s->split.why,
                                .folds = s->split.folds,
                                .images = s->images,
                                .side = s->side};
    gr_starter_config(&starter, out);
}

static gr_status write_files(const gr_survey *survey, const files *f, gr_error *err)
{
    gr_text config = {0};
    put_config(survey, &config);
    gr_status status =
        config.failed ? gr_fail(err, GR_NOMEM, "new: no memory for the config") : gr_make_folders(f->folder, err);
    if (status == GR_OK)
        status = gr_survey_write(survey, f->manifest, err);
    if (status == GR_OK)
        status = gr_file_write(f->config, config.data, config.size, err);
    gr_text_free(&config);
    return status;
}

static gr_status tell(const gr_survey *survey, const files *f, gr_error *err)
{
    gr_text out = {0};
    gr_survey_say(survey, &out);
    gr_text_printf(&out, "\nWritten: %s and %s\n", f->manifest, f->config);
    gr_text_printf(
        &out,
        "To change what was guessed: the columns of the one, and data.label, %sdata.group and split.scheme in the other\n",
        survey->scores ? "" : "data.classes, data.positive, ");
    gr_text_printf(&out, "Next: grimace data check %s\n      grimace cv %s\n", f->config, f->config);
    gr_status status = out.failed ? gr_fail(err, GR_NOMEM, "new: no memory for the report") : GR_OK;
    if (status == GR_OK)
        gr_cli_print(&out, NULL);
    gr_text_free(&out);
    return status;
}

gr_status gr_cmd_new(int argc, char **argv, gr_error *err)
{
    const char *out = NULL;
    bool force = false;
    const gr_cli_option options[] = {{"--out", &out, NULL}, {"--force", NULL, &force}};
    files f = {0};
    gr_survey survey = {0};
    gr_status status = gr_cli_parse(&argc, argv, options, 2, err);
    if (status == GR_OK && argc != 2)
        status = argc < 2 ? gr_fail(err, GR_INVALID, "new: no folder is named; usage: grimace new FOLDER [--out DIR]")
                          : gr_fail(err, GR_INVALID, "new: \"%s\" is one word too many; one folder is right", argv[2]);
    if (status == GR_OK)
        status = name_files(out, &f, err);
    if (status == GR_OK)
        status = gr_cli_may_write(f.manifest, force, err);
    if (status == GR_OK)
        status = gr_cli_may_write(f.config, force, err);
    if (status == GR_OK)
        status = gr_survey_folder(argv[1], f.manifest, &survey, err);
    if (status == GR_OK)
        status = write_files(&survey, &f, err);
    if (status == GR_OK)
        status = tell(&survey, &f, err);
    gr_survey_free(&survey);
    gr_free(f.manifest);
    gr_free(f.config);
    return status;
}
