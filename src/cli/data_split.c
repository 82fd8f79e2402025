/* grimace data split: the folds alone, and the proof that no group is in two parts. */
#include "base/base.h"
#include "cli/cli.h"
#include "data/tables.h"
#include "grimace/config.h"
#include "grimace/split.h"

const char gr_help_data_split[] =
    "usage: grimace data split CONFIG [key=value ...] [--out splits.csv]\n"
    "\n"
    "Makes the folds of the config's split, prints what each part of each fold holds, and proves that no group (animal) is\n"
    "in two parts of a fold. The folds are those that train and cv use.\n"
    "\n"
    "  --out FILE   writes image,<group>,label,fold,part: one row per image and fold\n";

static void put_report(gr_buffer *out, const gr_config *config, const gr_split *split, const gr_manifest *m)
{
    gr_buffer_printf(out, "%s: ", m->path);
    gr_table_title(out, m);
    gr_buffer_printf(out, "%s, %d fold%s\n", config->split.scheme, split->fold_count, split->fold_count == 1 ? "" : "s");
    gr_table_split(out, split, m);
    if (m->groups != NULL)
        gr_buffer_printf(out, "checked: no %s is in two parts of a fold\n", m->group_column);
    gr_buffer_printf(out, split->fold_count > 1 ? "checked: every image is tested in exactly one fold\n"
                                                : "checked: every image is in exactly one part\n");
}

static gr_status split_and_print(const gr_config *config, const char *path, gr_error *err)
{
    gr_manifest m;
    gr_split split = {0};
    gr_buffer out = {0};
    gr_status status = gr_manifest_open(config, &m, err);
    if (status == GR_OK)
        status = gr_split_open(config, &m, &split, err);
    if (status == GR_OK)
        status = gr_split_verify(&split, &m, err);
    if (status == GR_OK && path != NULL)
        status = gr_split_write_csv(&split, &m, path, err);
    if (status == GR_OK) {
        put_report(&out, config, &split, &m);
        if (path != NULL)
            gr_buffer_printf(&out, "%s: %lld rows written\n", path, (long long)(m.rows * split.fold_count));
        if (out.failed)
            status = gr_fail(err, GR_NOMEM, "split: no memory for the report");
        else
            fwrite(out.data, 1, out.size, stdout);
    }
    gr_buffer_free(&out);
    gr_split_free(&split);
    gr_manifest_free(&m);
    return status;
}

gr_status gr_cmd_data_split(int argc, char **argv, gr_error *err)
{
    const char *path = NULL;
    const gr_cli_option known[] = {{"--out", &path, NULL}};
    gr_config *config = NULL;
    gr_status status = gr_cli_parse(&argc, argv, known, 1, err);
    if (status == GR_OK)
        status = gr_cli_config(argc, argv, &config, err);
    if (status != GR_OK)
        return status;
    status = split_and_print(config, path, err);
    gr_config_destroy(config);
    return status;
}
