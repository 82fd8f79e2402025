/* grimace cv: cross-validation. */
#include "cli/cli.h"
#include "cli/running.h"

const char gr_help_cv[] =
    "usage: grimace cv CONFIG [key=value ...] [--out RUN] [--resume] [--jobs N | --on mpi]\n"
    "       grimace cv CONFIG ... --on slurm --workers N [--sbatch WORDS] [--detach]\n"
    "\n"
    "Trains and tests every fold of the config's split, then evaluates all test predictions together and prints the\n"
    "table. key=value overrides a config key by its dotted path, such as optimizer.lr=3e-4.\n"
    "\n"
    "  --out RUN   the folder to write (runs/NAME when left out): config.yaml, about.json, splits.csv,\n"
    "              fold-NAME/{metrics.jsonl,model.safetensors,checkpoint}, predictions.csv, summary.csv, results.json,\n"
    "              results.csv, statistics.json, roc.csv, pr.csv\n"
    "  --resume    go on with what RUN holds; an absent or empty RUN starts afresh\n"
    "  --jobs N    train N folds at a time, in processes that split the cores; the results are the same\n"
    "  --on mpi    share the folds among the N ranks of `mpirun -n N grimace cv ... --on mpi`; likewise (docs/mpi.md)\n"
    "  --on slurm  an array of N grimace work on a cluster, by RUN/slurm.sh; looks on until the end. Ctrl-C leaves them at work,\n"
    "              --resume --on slurm looks on again and submits what is missing (docs/cluster.md)\n"
    "  --workers N how many\n"
    "  --sbatch W  more options of sbatch, such as \"--partition=long --time=2:00:00\"\n"
    "  --detach    submits and does not look on\n"
    "\n"
    "Where the config's section experiment asks for several trainings, each is such a folder below RUN (docs/run.md).\n"
    "\n"
    "Ctrl-C stops after the current step; --resume then goes on to the same result, as it does after a crash.\n";

gr_status gr_cmd_cv(int argc, char **argv, gr_error *err)
{
    return gr_cli_run(argc, argv, GR_CLI_CV, err);
}
