/* grimace: finds the command, prints the one error line, and turns the status into the exit status. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/base.h"
#include "base/memory_keep.h"
#include "cli/cli.h"
#include "grimace/grimace.h"
#include "kernels/kernels.h"

static void print_help(void)
{
    puts("usage: grimace COMMAND ...\n"
         "\n"
         "Trains, cross-validates and applies facial-pain models from one config file.\n");
    gr_cli_list(gr_commands, gr_command_count);
    puts("\n"
         "grimace COMMAND --help says more. Exit status: 0 done; 1 it failed while running; 2 the command line,\n"
         "the config or the input is wrong.");
}

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
        gr_cli_complete(argc - 1, argv + 1);
        return GR_OK;
    }
    gr_status status = gr_kernels_select(err);
    if (status != GR_OK)
        return status;
    return gr_cli_dispatch("grimace", gr_commands, gr_command_count, argc, argv, err);
}

/* XGBoost's threads are OpenMP's, which spin for milliseconds before they sleep, on cores that another program may need. Its
 * library is loaded when it is needed first, and reads this then. Whoever has set one of them knows better. */
static void wait_politely(void)
{
    if (getenv("OMP_WAIT_POLICY") == NULL)
        setenv("GOMP_SPINCOUNT", "1000", 0); /* without memory for it they wait as they like */
}

int main(int argc, char **argv)
{
    wait_politely();
    gr_memory_keep();
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
