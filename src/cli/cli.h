/* The commands: one file each, one function and one help text each. argv[0] is the command's own name. Results, progress and
 * notices go to stdout; main prints the error line and turns the status into the exit status. */
#ifndef GR_CLI_H
#define GR_CLI_H

#include <signal.h>
#include <stdbool.h>

#include "cli/table.h"
#include "grimace/base.h"
#include "grimace/manifest.h"
#include "grimace/text.h"

/* ---- commands: a line each in table.h ---------------------------------------------------------------------------------------- */

#define GR_DECLARE(name, summary) \
    gr_status gr_cmd_##name(int argc, char **argv, gr_error *err) GR_MUST_CHECK; \
    extern const char gr_help_##name[];
#define GR_DECLARE_GROUP(name, summary)
#define GR_DECLARE_IN_GROUP(group, name, summary) GR_DECLARE(group##_##name, summary)
GR_COMMANDS(GR_DECLARE, GR_DECLARE_GROUP)
GR_DATA_COMMANDS(GR_DECLARE_IN_GROUP)

/* A row of a table of commands: a command, or a group of them. */
typedef struct gr_command gr_command;
struct gr_command {
    const char *name, *summary;
    const char *help; /* its first line is the usage; NULL: a group's is made from its table */
    gr_status (*run)(int argc, char **argv, gr_error *err);
    const gr_command *group; /* [group_count]; NULL: a command */
    int group_count;
};

extern const gr_command gr_commands[];
extern const int gr_command_count;

/* Runs the command of table[count] that argv[1] names (dispatch.c), in the group that it names argv[2]'s: prints its help text
 * for --help and -h anywhere behind it, else calls it with argv from its own name on. `parent` ("grimace", "grimace data")
 * stands in sentences. Fails: GR_INVALID (none or an unknown one: the nearest known one is named), and as the command. */
gr_status gr_cli_dispatch(const char *parent, const gr_command *table, int count, int argc, char **argv,
                          gr_error *err) GR_MUST_CHECK;
/* Prints the table's names and summaries to stdout. Never fails. */
void gr_cli_list(const gr_command *table, int count);
/* `grimace complete -- WORD...`, which only the shells call (complete.c): prints what the last word may become, given the
 * words before it. Never fails. */
void gr_cli_complete(int argc, char **argv);

/* ---- command lines (args.c) -------------------------------------------------------------------------------------------------- */

/* One option: `--name VALUE` or `--name=VALUE` when `value` is set, else a switch. */
typedef struct gr_cli_option {
    const char *name;   /* with its dashes: "--out" */
    const char **value; /* receives the value, which lives in argv */
    bool *flag;         /* receives true */
} gr_cli_option;

/* Takes the options out of argv: what remains, argv[0] and the words that are no options in their order, is argv[0..*argc).
 * `--` ends the options. Fails: GR_INVALID (unknown option: the nearest known one is named; twice; a missing or surplus
 * value). */
gr_status gr_cli_parse(int *argc, char **argv, const gr_cli_option *options, int count, gr_error *err) GR_MUST_CHECK;
/* The whole number `text` of option `name` in [least, most]. Fails: GR_INVALID. */
gr_status gr_cli_number(const char *name, const char *text, int64_t least, int64_t most, int64_t *out,
                        gr_error *err) GR_MUST_CHECK;

/* May a command write the file `path`? What is there already stays unless `force` (--force). A folder in its place is left
 * to whoever writes. Fails: GR_INVALID. */
gr_status gr_cli_may_write(const char *path, bool force, gr_error *err) GR_MUST_CHECK;

struct gr_video_options;
/* Reads --matrix (data_frames.c); NULL: not given. Fails: GR_INVALID. */
gr_status gr_cli_matrix(const char *text, struct gr_video_options *video, gr_error *err) GR_MUST_CHECK;

struct gr_config;
/* Loads the config that the words argv[1..argc) name: one path, and key=value overrides around it. GIVES *config. Several mistakes
 * in it are listed on stdout. Fails: GR_INVALID (no path, a second one), and as gr_task_load. */
gr_status gr_cli_config(int argc, char **argv, struct gr_config **config, gr_error *err) GR_MUST_CHECK;

/* ---- notices (notices.c) ---------------------------------------------------------------------------------------------------- */

/* Prints "notice: SENTENCE" for each line of `sentences` (NULL: none). Never fails. */
void gr_cli_notices(const char *sentences);
/* Prints a warning for each two names of the manifest that may be one, as gr_check_names. Fails: GR_NOMEM. */
gr_status gr_cli_names(const gr_manifest *manifest, bool all, gr_error *err) GR_MUST_CHECK;
/* Prints how many rows of a manifest have no label, where there are any. Never fails. */
void gr_cli_unlabelled(const gr_manifest *manifest);

/* ---- where output goes (terminal.c) ------------------------------------------------------------------------------------------ */

/* How many characters the terminal behind stdout has in a line: COLUMNS where it is set, else what the terminal says, else
 * 80. 0: stdout is a pipe or a file. Never fails. */
int gr_cli_width(void);
/* Prints `text` (BORROWED) to stdout: as it is to a pipe or file, fitted to a terminal's width (gr_text_fit); `where` says
 * where what was left out is. Never fails. */
void gr_cli_print(const gr_text *text, const char *where);

/* ---- the user's wish to stop (stop.c) ------------------------------------------------------------------------------ */

/* Not 0 once Ctrl-C or SIGTERM has come. A second one ends the program at once. */
const volatile sig_atomic_t *gr_cli_stop(void);

#endif
