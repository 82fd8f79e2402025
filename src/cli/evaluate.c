/* grimace evaluate: a run's models on new labelled images. */
#include <stdio.h>
#include <string.h>

#include "base/base.h"
#include "cli/cli.h"
#include "grimace/evaluate.h"
#include "grimace/results.h"

const char gr_help_evaluate[] =
    "usage: grimace evaluate RUN|MODEL --manifest CSV [key=value ...] --out DIR [--force]\n"
    "\n"
    "What trained models say of a new labelled table, in all numbers that cv gives, as one fold called new. Of a RUN all\n"
    "folds answer together; for each image those are left out that trained on it (the same bytes or the same name) or on\n"
    "another image of its group. Writes DIR/predictions.csv (with how far the folds differ, spread, how many answered,\n"
    "models, and the table's other columns), results.json, results.csv, statistics.json and the other tables of a run.\n"
    "\n"
    "A row that every fold knows has models 0 and is in no number; one that is wrong has the reason in a column error, and\n"
    "the exit status is then 1. MODEL is one model.safetensors.\n"
    "\n"
    "  --manifest CSV   the table: image, the label's column and the group's, as in the run's config\n"
    "  key=value        evaluate.calibrate=platt, evaluate.bootstrap.count=1000, data.label=COLUMN, data.group=COLUMN,\n"
    "                   data.positive=CLASS, data.only=[...], seed=N ... instead of the run's own\n"
    "  --out DIR        the folder to write\n"
    "  --force          write over an evaluation that DIR holds already\n";

static gr_status print_all(gr_evaluation *e, const char *folder, gr_error *err)
{
    gr_text table = {0}, where = {0};
    gr_cli_notices(e->said.data);
    gr_results_table(&e->results, gr_cli_width(), &table);
    if (e->results.averaged != NULL) {
        gr_text_printf(&table, "\n");
        gr_results_table(e->results.averaged, gr_cli_width(), &table);
    }
    gr_text_printf(&where, "all are in %s/results.csv", folder);
    gr_status status = table.failed || where.failed ? gr_fail(err, GR_NOMEM, "no memory for the table") : GR_OK;
    if (status == GR_OK) {
        gr_cli_print(&table, where.data);
        printf("\n%lld of %lld rows judged; the evaluation lies in %s\n", (long long)e->judged, (long long)e->rows, folder);
    }
    gr_text_free(&table);
    gr_text_free(&where);
    return status == GR_OK && e->problem[0] != '\0' ? gr_fail(err, GR_FAILED, "%s", e->problem) : status;
}

gr_status gr_cmd_evaluate(int argc, char **argv, gr_error *err)
{
    const char *manifest = NULL, *out = NULL;
    bool force = false;
    const gr_cli_option options[] = {{"--manifest", &manifest, NULL}, {"--out", &out, NULL}, {"--force", NULL, &force}};
    gr_status status = gr_cli_parse(&argc, argv, options, 3, err);
    if (status != GR_OK)
        return status;
    if (argc < 2)
        return gr_fail(err, GR_INVALID,
                       "evaluate: no run or model is named; usage: grimace evaluate RUN|MODEL --manifest CSV --out DIR");
    if (manifest == NULL)
        return gr_fail(err, GR_INVALID, "evaluate: --manifest is missing, the table of new labelled images");
    if (out == NULL)
        return gr_fail(err, GR_INVALID, "evaluate: --out is missing, the folder to write");
    gr_evaluation evaluation;
    status = gr_evaluate(&(gr_evaluate_options){.path = argv[1],
                                                .manifest = manifest,
                                                .out = out,
                                                .overrides = (const char *const *)(argv + 2),
                                                .override_count = argc - 2,
                                                .force = force,
                                                .stop = gr_cli_stop()},
                         &evaluation, err);
    if (status != GR_OK)
        return status;
    status = print_all(&evaluation, out, err);
    gr_evaluation_free(&evaluation);
    return status;
}
