/* grimace sweep: a cross-validation for each setting. */
#include <string.h>

#include "base/base.h"
#include "cli/cli.h"
#include "cli/running.h"
#include "run/several/sweep_plan.h"

const char gr_help_sweep[] =
    "usage: grimace sweep CONFIG [key=value ...] [--out RUN] [--resume] [--jobs N | --on mpi]\n"
    "       grimace sweep CONFIG [key=value ...] --plan [--within HOURS]\n"
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
    "  --plan      trains some steps, and says how many trainings and hours it will be; --within HOURS: with how many workers\n"
    "              it takes no longer\n"
    "  --on slurm  an array of N grimace work on a cluster, by RUN/slurm.sh; looks on until the end. Ctrl-C leaves them at work,\n"
    "              --resume --on slurm looks on again and submits what is missing (docs/cluster.md)\n"
    "  --workers N how many\n"
    "  --sbatch W  more options of sbatch, such as \"-p long -t 2:00:00\"\n"
    "  --detach    submits and does not look on\n"
    "\n"
    "Ctrl-C stops after the current step; --resume then goes on to the same result, as it does after a crash.\n";

static bool has_option(int argc, char **argv, const char *name)
{
    for (int i = 1; i < argc && strcmp(argv[i], "--") != 0; i++)
        if (strcmp(argv[i], name) == 0)
            return true;
    return false;
}

/* A plan writes no run: what is about one is refused as such, not as unknown. */
static gr_status refuse_beside_plan(int argc, char **argv, gr_error *err)
{
    static const char *const names[] = {"--out", "--resume", "--jobs", "--on", "--workers", "--sbatch", "--detach"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        if (has_option(argc, argv, names[i]))
            return gr_fail(err, GR_INVALID, "%s: has no place beside --plan, which begins no run", names[i]);
    return GR_OK;
}

static gr_status plan(int argc, char **argv, gr_error *err)
{
    const char *within = NULL;
    bool wanted = false;
    const gr_cli_option options[] = {{"--plan", NULL, &wanted}, {"--within", &within, NULL}};
    double hours = 0;
    gr_config *config = NULL;
    gr_text text = {0};
    gr_status status = refuse_beside_plan(argc, argv, err);
    if (status == GR_OK)
        status = gr_cli_parse(&argc, argv, options, 2, err);
    if (status == GR_OK && within != NULL && !(gr_parse_double(within, &hours) && hours > 0))
        status = gr_fail(err, GR_INVALID, "--within: \"%s\" is no number of hours above 0", within);
    if (status == GR_OK)
        status = gr_cli_config(argc, argv, &config, err);
    if (status == GR_OK)
        status = gr_plan_sweep(config, hours, gr_cli_stop(), &text, err);
    if (status == GR_OK)
        gr_cli_print(&text, NULL);
    gr_text_free(&text);
    gr_config_destroy(config);
    return status;
}

gr_status gr_cmd_sweep(int argc, char **argv, gr_error *err)
{
    if (has_option(argc, argv, "--plan"))
        return plan(argc, argv, err);
    if (has_option(argc, argv, "--within"))
        return gr_fail(err, GR_INVALID, "--within belongs to --plan, which is not there");
    return gr_cli_run(argc, argv, GR_CLI_SWEEP, err);
}
