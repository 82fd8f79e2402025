/* grimace sweep: a cross-validation for each setting. */
#include "cli/cli.h"
#include "cli/running.h"

const char gr_help_sweep[] =
    "usage: grimace sweep CONFIG [key=value ...] [--out RUN] [--resume] [--jobs N | --on mpi]\n"
    "       grimace sweep CONFIG ... --on slurm --workers N [--sbatch WORDS] [--detach]\n"
    "\n"
    "Cross-validates every setting of the config's sweep (docs/sweeps.md) and prints one table, ranked. Settings that come "
    "to\n"
    "the same config are run once; images are decoded and initial weights made once for all.\n"
    "\n"
    "  --out RUN   the folder to write (runs/NAME when left out): config.yaml, about.json, sweep.csv, sweep.json, and\n"
    "              setting-NNN, each a folder as cv writes it\n"
    "  --resume    go on with what RUN holds; an absent or empty RUN starts afresh\n"
    "  --jobs N    run N settings at a time, in processes that split the cores; the results are the same\n"
    "  --on mpi    share the settings among the N ranks of `mpirun -n N grimace sweep ... --on mpi`; likewise (docs/mpi.md)\n"
    "  --on slurm  an array of N grimace work on a cluster, by RUN/slurm.sh; looks on until the end. Ctrl-C leaves them at work,\n"
    "              --resume --on slurm looks on again and submits what is missing (docs/cluster.md)\n"
    "  --workers N how many\n"
    "  --sbatch W  more options of sbatch, such as \"--partition=long --time=2:00:00\"\n"
    "  --detach    submits and does not look on\n"
    "\n"
    "Ctrl-C stops after the current step; --resume then goes on to the same result, as it does after a crash.\n";

gr_status gr_cmd_sweep(int argc, char **argv, gr_error *err)
{
    return gr_cli_run(argc, argv, GR_CLI_SWEEP, err);
}
