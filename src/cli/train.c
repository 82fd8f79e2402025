/* grimace train: one training run. */
#include "cli/cli.h"
#include "cli/running.h"

const char gr_help_train[] =
    "usage: grimace train CONFIG [key=value ...] [--out RUN] [--resume] [--on mpi]\n"
    "\n"
    "Trains on the split's first or only fold and tests it. key=value overrides a config key by its dotted path,\n"
    "such as optimizer.lr=3e-4; `grimace config CONFIG` prints them all.\n"
    "\n"
    "  --out RUN   the folder to write (runs/NAME when left out): config.yaml, about.json, splits.csv,\n"
    "              fold-0/{metrics.jsonl,model.safetensors,checkpoint}, predictions.csv, summary.csv, results.json,\n"
    "              results.csv, statistics.json, roc.csv, pr.csv\n"
    "  --resume    go on with what RUN holds; an absent or empty RUN starts afresh\n"
    "  --on mpi    share each step among the N ranks of `mpirun -n N grimace train ... --on mpi` (docs/mpi.md)\n"
    "\n"
    "Ctrl-C stops after the current step; --resume then goes on to the same result, as it does after a crash.\n";

gr_status gr_cmd_train(int argc, char **argv, gr_error *err)
{
    return gr_cli_run(argc, argv, GR_CLI_TRAIN, err);
}
