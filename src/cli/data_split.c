/* grimace data split: the folds alone, and the proof that no group is in two parts. */
#include "base/base.h"
#include "cli/cli.h"
#include "data/tables.h"
#include "grimace/config.h"
#include "grimace/open.h"
#include "grimace/split.h"

const char gr_help_data_split[] =
    "usage: grimace data split CONFIG [key=value ...] [--out splits.csv [--force]]\n"
    "\n"
    "Makes the folds of the config's split, prints what each part of each fold holds, and proves that no group (animal) is\n"
    "in two parts of a fold: by counting, in the rows of splits.csv as they are written, those that are. The folds are "
    "those\n"
    "that train and cv use.\n"
    "\n"
    "  --out FILE   writes image,<group>,label,fold,part: one row per image and fold; compact (split.write), without the\n"
    "               rows of train, which are the rest\n"
    "  --force      overwrites it when it is there already\n";

static void put_report(gr_text *out, const gr_config *config, const gr_split *split, const gr_manifest *m)
{
    gr_text_printf(out, "%s: ", m->path);
    gr_table_title(out, m);
    gr_text_printf(out, "%s, %d fold%s", config->split.scheme, split->fold_count, split->fold_count == 1 ? "" : "s");
    if (split->repeats > 1)
        gr_text_printf(out, " (%d repeats of %d)", split->repeats, split->fold_count / split->repeats);
    if (config->split.stratify != NULL)
        gr_text_printf(out, ", stratified by %s", config->split.stratify);
    gr_text_printf(out, "\n");
    gr_table_split(out, split, m);
    if (split->repeats > 1)
        gr_text_printf(out, "checked: every image is tested in exactly one fold of each repeat\n");
    else
        gr_text_printf(out, split->fold_count > 1 ? "checked: every image is tested in exactly one fold\n"
                                                    : "checked: every image is in exactly one part\n");
}

/* Counts in the rows of splits.csv: those of the file at `path`, or for NULL those that it would have. */
static gr_status prove(const gr_split *split, const gr_manifest *m, bool compact, const char *path, gr_text *out, gr_error *err)
{
    gr_split_proof proof;
    gr_text text = {0};
    if (path == NULL)
        gr_split_csv(split, m, compact, &text);
    if (text.failed) {
        gr_text_free(&text);
        return gr_fail(err, GR_NOMEM, "split: no memory for the rows");
    }
    const char *name = path != NULL ? path : "splits.csv";
    gr_status status = gr_split_prove(name, text.data, text.size, m->groups != NULL ? m->group_column : NULL, &proof, err);
    if (status != GR_OK)
        return status;
    if (m->groups != NULL)
        gr_text_printf(out, "%lld groups in two parts (%s)\n", (long long)proof.torn_groups, m->group_column);
    gr_text_printf(out, "%lld images in two parts\n%s: %lld rows %s%s\n", (long long)proof.torn_images, name,
                     (long long)proof.rows, path != NULL ? "written" : "counted, not written",
                     compact ? ", without those of train (split.write)" : "");
    return proof.torn_groups + proof.torn_images == 0 ? GR_OK : gr_fail(err, GR_FAILED, "%s: %s", name, proof.first);
}

static gr_status split_and_print(const gr_config *config, const char *path, gr_error *err)
{
    gr_manifest m;
    gr_split split = {0};
    gr_text out = {0};
    gr_status status = gr_manifest_open(config, &m, err);
    if (status == GR_OK)
        status = gr_split_open(config, &m, &split, err);
    bool compact = status == GR_OK && gr_split_compact(&split, config->split.write);
    if (status == GR_OK && path != NULL)
        status = gr_split_write_csv(&split, &m, compact, path, err);
    if (status == GR_OK) {
        put_report(&out, config, &split, &m);
        status = prove(&split, &m, compact, path, &out, err);
        gr_cli_notices(m.notices);
        gr_cli_unlabelled(&m);
        if (status == GR_OK)
            status = gr_cli_names(&m, false, err);
        if (out.failed)
            status = gr_fail(err, GR_NOMEM, "split: no memory for the report");
        else
            gr_cli_print(&out, "a pipe or a file gets all of them");
    }
    gr_text_free(&out);
    gr_split_free(&split);
    gr_manifest_free(&m);
    return status;
}

gr_status gr_cmd_data_split(int argc, char **argv, gr_error *err)
{
    const char *path = NULL;
    bool force = false;
    const gr_cli_option known[] = {{"--out", &path, NULL}, {"--force", NULL, &force}};
    gr_config *config = NULL;
    gr_status status = gr_cli_parse(&argc, argv, known, 2, err);
    if (status == GR_OK && path != NULL)
        status = gr_cli_may_write(path, force, err);
    if (status == GR_OK)
        status = gr_cli_config(argc, argv, &config, err);
    if (status != GR_OK)
        return status;
    status = split_and_print(config, path, err);
    gr_config_destroy(config);
    return status;
}
