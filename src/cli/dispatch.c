/* From a table of commands to the one that is named. */
#include <stdio.h>
#include <string.h>

#include "base/base.h"
#include "cli/cli.h"

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

static gr_status run(const char *parent, const gr_command *command, int argc, char **argv, gr_error *err)
{
    char name[64];
    snprintf(name, sizeof name, "%s %s", parent, command->name);
    if (command->group != NULL && (argc < 2 || argv[1][0] != '-' || !asks_for_help(argc, argv)))
        return gr_cli_dispatch(name, command->group, command->group_count, argc, argv, err);
    if (!asks_for_help(argc, argv))
        return command->run(argc, argv, err);
    if (command->help != NULL) {
        fputs(command->help, stdout);
        return GR_OK;
    }
    printf("usage: %s COMMAND ...\n\n", name);
    gr_cli_list(command->group, command->group_count);
    printf("\n%s COMMAND --help says more.\n", name);
    return GR_OK;
}

gr_status gr_cli_dispatch(const char *parent, const gr_command *table, int count, int argc, char **argv, gr_error *err)
{
    enum { MOST_COMMANDS = 64 };
    const char *names[MOST_COMMANDS];
    if (argc < 2)
        return gr_fail(err, GR_INVALID, "no command is given; %s --help lists them", parent);
    for (int i = 0; i < count && i < MOST_COMMANDS; i++) {
        names[i] = table[i].name;
        if (strcmp(table[i].name, argv[1]) == 0)
            return run(parent, &table[i], argc - 1, argv + 1, err);
    }
    static const char *const options[] = {"--help", "--version"};
    bool option = argv[1][0] == '-';
    const char *what = option ? "option" : "command";
    const char *near = option ? gr_nearest(argv[1], options, strchr(parent, ' ') == NULL ? 2 : 1)
                              : gr_nearest(argv[1], names, (size_t)(count < MOST_COMMANDS ? count : MOST_COMMANDS));
    if (near != NULL)
        return gr_fail(err, GR_INVALID, "%s: there is no such %s, did you mean %s %s?", argv[1], what, parent, near);
    return gr_fail(err, GR_INVALID, "%s: there is no such %s; %s --help lists the commands", argv[1], what, parent);
}
