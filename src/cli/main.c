/* grimace: finds the command, prints the one error line, and turns the status into the exit status. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/base.h"
#include "cli/cli.h"
#include "grimace/grimace.h"
#include "kernels/kernels.h"

/* The one table of commands. */
static const gr_command commands[] = {
    {"train", "one training run: the split's first or only fold", gr_help_train, gr_cmd_train},
    {"cv", "cross-validation: every fold, then pooled results", gr_help_cv, gr_cmd_cv},
    {"sweep", "cross-validation of every setting of a sweep, ranked", gr_help_sweep, gr_cmd_sweep},
    {"predict", "class probabilities of images from a run or a model file", gr_help_predict, gr_cmd_predict},
    {"export", "a trained model for PyTorch (safetensors) or ONNX Runtime", gr_help_export, gr_cmd_export},
    {"stats", "statistics of a run: intervals, curves, tests against chance", gr_help_stats, gr_cmd_stats},
    {"compare", "are two runs on the same images different?", gr_help_compare, gr_cmd_compare},
    {"data", "check, split, count, import and make data sets", gr_help_data, gr_cmd_data},
    {"config", "the resolved config with every default, as YAML", gr_help_config, gr_cmd_config},
    {"init", "the initial weights, before any step", gr_help_init, gr_cmd_init},
    {"info", "version, instruction set, threads, libraries", gr_help_info, gr_cmd_info},
};
enum { COMMANDS = sizeof commands / sizeof commands[0] };

void gr_cli_list(const gr_command *table, int count)
{
    for (int i = 0; i < count; i++)
        printf("  %-9s %s\n", table[i].name, table[i].summary);
}

static bool asks_for_help(int argc, char **argv)
{
    for (int i = 1; i < argc && strcmp(argv[i], "--") != 0; i++)
        if (strcmp(argv[i], "--help") == 0 || strcmp(argv[i], "-h") == 0)
            return true;
    return false;
}

gr_status gr_cli_dispatch(const char *parent, const gr_command *table, int count, int argc, char **argv, gr_error *err)
{
    enum { MOST_COMMANDS = 64 };
    const char *names[MOST_COMMANDS];
    if (argc < 2)
        return gr_fail(err, GR_INVALID, "no command is given; %s --help lists them", parent);
    for (int i = 0; i < count && i < MOST_COMMANDS; i++) {
        names[i] = table[i].name;
        if (strcmp(table[i].name, argv[1]) != 0)
            continue;
        /* `data` hands --help on to its own commands. */
        bool group = table[i].run == gr_cmd_data && argc > 2 && argv[2][0] != '-';
        if (group || !asks_for_help(argc - 1, argv + 1))
            return table[i].run(argc - 1, argv + 1, err);
        fputs(table[i].help, stdout);
        return GR_OK;
    }
    const char *what = argv[1][0] == '-' ? "option" : "command";
    const char *near = gr_nearest(argv[1], names, (size_t)(count < MOST_COMMANDS ? count : MOST_COMMANDS));
    if (near != NULL)
        return gr_fail(err, GR_INVALID, "%s: there is no such %s, did you mean %s %s?", argv[1], what, parent, near);
    return gr_fail(err, GR_INVALID, "%s: there is no such %s; %s --help lists the commands", argv[1], what, parent);
}

static void print_help(void)
{
    puts("usage: grimace COMMAND ...\n"
         "\n"
         "Trains, cross-validates and applies facial-pain models from one config file.\n");
    gr_cli_list(commands, COMMANDS);
    puts("\n"
         "grimace COMMAND --help says more. Exit status: 0 done; 1 it failed while running; 2 the command line,\n"
         "the config or the input is wrong.");
}

/* ---- the wish to stop ------------------------------------------------------------------------------------------------------ */

static volatile sig_atomic_t stop_wanted;

static void on_signal(int number)
{
    (void)number;
    stop_wanted = 1;
}

const volatile sig_atomic_t *gr_cli_stop(void)
{
    struct sigaction action = {.sa_handler = on_signal, .sa_flags = (int)(SA_RESTART | SA_RESETHAND)};
    sigemptyset(&action.sa_mask);
    sigaction(SIGINT, &action, NULL);
    sigaction(SIGTERM, &action, NULL);
    return &stop_wanted;
}

/* ---- the program ------------------------------------------------------------------------------------------------------------- */

static gr_status run(int argc, char **argv, gr_error *err)
{
    if (argc == 2 && (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0)) {
        print_help();
        return GR_OK;
    }
    if (argc == 2 && strcmp(argv[1], "--version") == 0) {
        puts("grimace " GRIMACE_VERSION);
        return GR_OK;
    }
    if (argc > 2 && strcmp(argv[1], "complete") == 0) {
        gr_cli_complete(commands, COMMANDS, argc - 1, argv + 1);
        return GR_OK;
    }
    gr_status status = gr_kernels_select(err);
    return status == GR_OK ? gr_cli_dispatch("grimace", commands, COMMANDS, argc, argv, err) : status;
}

/* libgomp's threads spin for milliseconds before they sleep, on cores that the loader's threads or another program need:
 * measured on two busy cores, training then takes two to four times as long. It reads its settings before main, so they are
 * made and the program starts over. Whoever has set one of them knows better. */
static void wait_politely(char **argv)
{
    char path[4096];
    if (getenv("GOMP_SPINCOUNT") != NULL || getenv("OMP_WAIT_POLICY") != NULL || setenv("GOMP_SPINCOUNT", "1000", 1) != 0)
        return;
    ssize_t length = readlink("/proc/self/exe", path, sizeof path - 1);
    if (length <= 0)
        return;
    path[length] = '\0';
    execv(path, argv); /* where that fails, training is slower and no less right */
}

int main(int argc, char **argv)
{
    wait_politely(argv);
    signal(SIGPIPE, SIG_IGN); /* a reader that left must not end a training run */
    gr_error error = {0};
    gr_status status = run(argc, argv, &error);
    bool written = fflush(stdout) == 0 && !ferror(stdout);
    if (status == GR_OK && !written)
        status = gr_fail(&error, GR_IO, "the standard output cannot be written");
    if (status == GR_OK)
        return EXIT_SUCCESS;
    fprintf(stderr, "grimace: %s\n", error.text);
    return status == GR_INVALID ? 2 : 1;
}
