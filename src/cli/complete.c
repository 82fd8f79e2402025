/* grimace complete -- WORD...: what the last word may become, for the shells (scripts/completion). Commands come from their
 * tables, options and their values from the help texts, keys from the config's table, so that nothing is written twice.
 * A line is CANDIDATE, a tab, its meaning. No line at all: the shell offers files. */
#include <stdio.h>
#include <string.h>

#include "base/base.h"
#include "cli/cli.h"
#include "config/keys.h"

/* One line when candidate[length] begins with `word`. */
static void offer(const char *word, const char *candidate, size_t length, const char *meaning)
{
    size_t typed = strlen(word);
    if (typed <= length && strncmp(candidate, word, typed) == 0)
        printf("%.*s\t%.*s\n", (int)length, candidate, (int)strcspn(meaning, "\n"), meaning);
}

/* ---- what a help text says ------------------------------------------------------------------------------------------------ */

/* The usage lines stand before the first empty line. */
static const char *usage_end(const char *help)
{
    const char *end = strstr(help, "\n\n");
    return end != NULL ? end : help + strlen(help);
}

/* The next option's dashes at or behind `at`: in the usage lines, or in an indented line below them. NULL: no more. */
static const char *next_option(const char *help, const char *at)
{
    const char *end = usage_end(help);
    while ((at = strstr(at, "--")) != NULL) {
        const char *line = at;
        while (line > help && line[-1] != '\n')
            line--;
        if ((at < end || gr_starts_with(line, "  ")) && strchr(" [", at[-1]) != NULL && at[2] >= 'a' && at[2] <= 'z')
            return at;
        at += 2;
    }
    return NULL;
}

static size_t option_length(const char *option)
{
    return 2 + strspn(option + 2, "abcdefghijklmnopqrstuvwxyz0123456789-");
}

static bool same_option(const char *a, const char *b)
{
    return option_length(a) == option_length(b) && strncmp(a, b, option_length(a)) == 0;
}

/* What stands behind two blanks in the line of its own that an option has below the usage; "" when it has none. */
static const char *option_meaning(const char *help, const char *option)
{
    for (const char *at = next_option(help, usage_end(help)); at != NULL; at = next_option(help, at + 2)) {
        const char *gap = strstr(at, "  ");
        if (same_option(at, option) && gap != NULL && gap < at + strcspn(at, "\n"))
            return gap + strspn(gap, " ");
    }
    return "";
}

static void offer_options(const char *word, const char *help)
{
    for (const char *at = next_option(help, help); at != NULL; at = next_option(help, at + 2)) {
        const char *first = next_option(help, help);
        while (!same_option(first, at))
            first = next_option(help, first + 2);
        if (first == at)
            offer(word, at, option_length(at), option_meaning(help, at));
    }
    offer(word, "--help", 6, "what the command does");
}

static void offer_values(const char *word, const char *values)
{
    for (const char *at = values; strchr(" ]\n", *at) == NULL; at += *at == '|') {
        size_t length = strcspn(at, "| ]\n");
        offer(word, at, length, "");
        at += length;
    }
}

/* Is `option` one that takes a value ("--out FILE")? Where `word` is not NULL, the values that it may be are offered: "a|b|c"
 * wherever they stand behind it, for each way to use a command may have its own. */
static bool takes_value(const char *help, const char *option, const char *word)
{
    bool takes = false;
    if (!gr_starts_with(option, "--") || strchr(option, '=') != NULL)
        return false;
    for (const char *at = next_option(help, help); at != NULL; at = next_option(help, at + 2)) {
        const char *value = at + option_length(at);
        if (!same_option(at, option) || value[0] != ' ' || strchr(" [-", value[1]) != NULL)
            continue;
        takes = true;
        const char *bar = memchr(value + 1, '|', strcspn(value + 1, " ]\n"));
        if (word != NULL && bar != NULL && value[1] >= 'a' && value[1] <= 'z')
            offer_values(word, value + 1);
    }
    return takes;
}

/* Words with their meanings that a help text lists below the usage, "  coco: COCO's .json". false: it has no such list. */
static bool offer_listed(const char *word, const char *help)
{
    bool any = false;
    for (const char *line = usage_end(help); line != NULL; line = strchr(line + 1, '\n')) {
        size_t length = gr_starts_with(line, "\n  ") ? strspn(line + 3, "abcdefghijklmnopqrstuvwxyz0123456789") : 0;
        if (length == 0 || strncmp(line + 3 + length, ": ", 2) != 0)
            continue;
        offer(word, line + 3, length, line + 3 + length + 2);
        any = true;
    }
    return any;
}

/* Fixed words that may come first, as in "grimace data import paths FOLDER". */
static void offer_first(const char *word, const char *help, const char *name)
{
    if (offer_listed(word, help))
        return;
    for (const char *line = help; line < usage_end(help); line += strcspn(line, "\n") + 1) {
        const char *at = strstr(line, name);
        if (at == NULL || at >= line + strcspn(line, "\n") || at[strlen(name)] != ' ')
            continue;
        at += strlen(name) + 1;
        if (*at >= 'a' && *at <= 'z')
            offer(word, at, strcspn(at, " \n"), "");
        if (line[strcspn(line, "\n")] == '\0')
            break;
    }
}

/* ---- keys of the config --------------------------------------------------------------------------------------------------- */

static void offer_setting(const char *word, const gr_key *key, const char *value)
{
    gr_text setting = {0};
    gr_text_printf(&setting, "%s=%s", key->path, value);
    if (!setting.failed)
        offer(word, setting.data, setting.size, "");
    gr_text_free(&setting);
}

static void offer_settings(const char *word, const gr_key *key)
{
    char room[GR_KEY_NAME_ROOM];
    const char *name;
    if (key->kind == GR_KEY_BOOL) {
        offer_setting(word, key, "false");
        offer_setting(word, key, "true");
        return;
    }
    for (int i = 0; (name = gr_key_name(key, i, room)) != NULL; i++)
        offer_setting(word, key, name);
}

/* key=value, where the usage lines speak of it: "evaluate.KEY=VALUE" is about the keys of that section. */
static void offer_keys(const char *word, const char *help)
{
    const char *spoken = strstr(help, "key=value"), *some = strstr(help, ".KEY=VALUE");
    size_t section = 0;
    if (some != NULL && some < usage_end(help))
        while (some[-1] >= 'a' && some[-1] <= 'z')
            some--, section++;
    else if (spoken == NULL || spoken >= usage_end(help))
        return;
    for (int i = 0; i < gr_key_count; i++) {
        const gr_key *key = &gr_keys[i];
        if (section > 0 && strncmp(key->path, some, section + 1) != 0)
            continue;
        char name[128];
        int length = snprintf(name, sizeof name, "%s=", key->path);
        if (strncmp(word, name, (size_t)length) == 0)
            offer_settings(word, key);
        else
            offer(word, name, (size_t)length, key->help);
    }
}

/* ---- the command ------------------------------------------------------------------------------------------------------------ */

static void offer_commands(const char *word, const gr_command *table, int count)
{
    for (int i = 0; i < count; i++)
        offer(word, table[i].name, strlen(table[i].name), table[i].summary);
    offer(word, "--help", 6, "lists the commands");
}

/* words[count] stand behind the command's name; the last is to be completed. */
static void offer_words(const gr_command *command, int count, char **words)
{
    const char *word = words[count - 1];
    int plain = 0;
    for (int i = 0; i < count - 1; i++) {
        if (takes_value(command->help, words[i], NULL))
            i++;
        else if (words[i][0] != '-')
            plain++;
    }
    if (count > 1 && takes_value(command->help, words[count - 2], word))
        return;
    if (word[0] == '-')
        offer_options(word, command->help);
    else if (plain == 0)
        offer_first(word, command->help, command->name);
    else
        offer_keys(word, command->help);
}

void gr_cli_complete(int argc, char **argv)
{
    const gr_command *table = gr_commands;
    int count = gr_command_count;
    int at = argc > 1 && strcmp(argv[1], "--") == 0 ? 2 : 1;
    while (at < argc - 1) {
        const gr_command *command = NULL;
        for (int i = 0; i < count; i++)
            if (strcmp(table[i].name, argv[at]) == 0)
                command = &table[i];
        if (command == NULL)
            return;
        at++;
        if (command->group == NULL) {
            offer_words(command, argc - at, argv + at);
            return;
        }
        table = command->group;
        count = command->group_count;
    }
    if (at < argc)
        offer_commands(argv[at], table, count);
}
