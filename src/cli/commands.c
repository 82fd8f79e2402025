/* The commands, from their table. */
#include "cli/cli.h"

#define IN_GROUP(group, name, summary) {#name, summary, gr_help_##group##_##name, gr_cmd_##group##_##name, NULL, 0},
static const gr_command data_commands[] = {GR_DATA_COMMANDS(IN_GROUP)};

#define COMMAND(name, summary) {#name, summary, gr_help_##name, gr_cmd_##name, NULL, 0},
#define GROUP(name, summary) {#name, summary, NULL, NULL, name##_commands, sizeof name##_commands / sizeof name##_commands[0]},
const gr_command gr_commands[] = {GR_COMMANDS(COMMAND, GROUP)};
const int gr_command_count = sizeof gr_commands / sizeof gr_commands[0];
