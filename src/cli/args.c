/* Command lines: options, numbers, and a config with its overrides. */
#include <stdio.h>
#include <string.h>

#include "base/base.h"
#include "cli/cli.h"
#include "grimace/config.h"
#include "grimace/train.h"

enum { MOST_OPTIONS = 32 };

/* The option that `word` ("--out" or "--out=x") names, or -1. */
static int find_option(const char *word, const gr_cli_option *options, int count)
{
    size_t length = strcspn(word, "=");
    for (int i = 0; i < count; i++)
        if (strlen(options[i].name) == length && strncmp(options[i].name, word, length) == 0)
            return i;
    return -1;
}

static gr_status unknown_option(const char *command, const char *word, const gr_cli_option *options, int count, gr_error *err)
{
    const char *names[MOST_OPTIONS];
    for (int i = 0; i < count && i < MOST_OPTIONS; i++)
        names[i] = options[i].name;
    char typed[64];
    snprintf(typed, sizeof typed, "%.*s", (int)strcspn(word, "="), word);
    const char *near = gr_nearest(typed, names, (size_t)(count < MOST_OPTIONS ? count : MOST_OPTIONS));
    if (near != NULL)
        return gr_fail(err, GR_INVALID, "%s: unknown option %s, did you mean %s?", command, typed, near);
    return gr_fail(err, GR_INVALID, "%s: unknown option %s; --help lists the options", command, typed);
}

gr_status gr_cli_parse(int *argc, char **argv, const gr_cli_option *options, int count, gr_error *err)
{
    int kept = 1;
    bool seen[MOST_OPTIONS] = {false};
    bool ended = false;
    for (int i = 1; i < *argc; i++) {
        char *word = argv[i];
        if (word[0] == '\0')
            return gr_fail(err, GR_INVALID, "%s: argument %d is empty; a name would be right", argv[0], i);
        if (ended || word[0] != '-' || word[1] == '\0') {
            argv[kept++] = word;
            continue;
        }
        if (strcmp(word, "--") == 0) {
            ended = true;
            continue;
        }
        int at = find_option(word, options, count);
        if (at < 0)
            return unknown_option(argv[0], word, options, count, err);
        const gr_cli_option *option = &options[at];
        char *equals = strchr(word, '=');
        if (seen[at])
            return gr_fail(err, GR_INVALID, "%s: %s is given twice, once would be right", argv[0], option->name);
        seen[at] = true;
        if (option->value == NULL) {
            if (equals != NULL)
                return gr_fail(err, GR_INVALID, "%s: %s takes no value", argv[0], option->name);
            *option->flag = true;
            continue;
        }
        const char *value = equals != NULL ? equals + 1 : i + 1 < *argc ? argv[++i] : "";
        bool forgotten = equals == NULL && strchr(value, '=') == NULL && find_option(value, options, count) >= 0;
        if (value[0] == '\0' || forgotten)
            return gr_fail(err, GR_INVALID, "%s: %s needs a value behind it", argv[0], option->name);
        *option->value = value;
    }
    *argc = kept;
    return GR_OK;
}

gr_status gr_cli_number(const char *name, const char *text, int64_t least, int64_t most, int64_t *out, gr_error *err)
{
    if (!gr_parse_int64(text, out) || *out < least || *out > most)
        return gr_fail(err, GR_INVALID, "%s: \"%s\" is not a whole number from %lld to %lld", name, text, (long long)least,
                       (long long)most);
    return GR_OK;
}

gr_status gr_cli_may_write(const char *path, bool force, gr_error *err)
{
    if (force || !gr_path_exists(path) || gr_is_folder(path))
        return GR_OK;
    return gr_fail(err, GR_INVALID, "%s: is there already; --force overwrites it", path);
}

/* What is wrong with a config, as lines. */
typedef struct mistakes {
    gr_text lines;
    int count;
} mistakes;

static void list_mistake(void *ctx, const char *sentence)
{
    mistakes *m = ctx;
    gr_text_printf(&m->lines, "error: %s\n", sentence);
    m->count++;
}

/* Of several mistakes, all go to stdout, and `err` says how many more there are than its own. */
static gr_status load_and_list(const char *path, const char *const *overrides, int count, gr_config **config, gr_error *err)
{
    mistakes m = {0};
    gr_status status = gr_task_load(path, overrides, count, list_mistake, &m, config, err);
    if (m.count > 1 && !m.lines.failed) {
        fwrite(m.lines.data, 1, m.lines.size, stdout);
        gr_error first = *err;
        *err = (gr_error){0};
        status = gr_fail(err, status, "%s (and %d more, listed above)", first.text, m.count - 1);
    }
    gr_text_free(&m.lines);
    return status;
}

gr_status gr_cli_config(int argc, char **argv, gr_config **config, gr_error *err)
{
    *config = NULL;
    const char *path = NULL;
    const char **overrides = gr_alloc((size_t)argc, sizeof *overrides);
    if (overrides == NULL)
        return gr_fail(err, GR_NOMEM, "no memory for the command line");
    int count = 0;
    gr_status status = GR_OK;
    for (int i = 1; i < argc && status == GR_OK; i++) {
        if (path != NULL && strchr(argv[i], '=') != NULL)
            overrides[count++] = argv[i];
        else if (path == NULL && (strchr(argv[i], '=') == NULL || gr_path_exists(argv[i])))
            path = argv[i];
        else if (path == NULL)
            status = gr_fail(err, GR_INVALID, "%s: the config file must stand before the override \"%s\"", argv[0], argv[i]);
        else
            status = gr_fail(err, GR_INVALID, "%s: \"%s\" is a second config file; one config and key=value overrides are right",
                             argv[0], argv[i]);
    }
    if (status == GR_OK && path == NULL)
        status = gr_fail(err, GR_INVALID, "%s: no config file is named; usage: grimace %s CONFIG [key=value ...]", argv[0],
                         argv[0]);
    if (status == GR_OK)
        status = load_and_list(path, overrides, count, config, err);
    gr_free(overrides);
    return status;
}
