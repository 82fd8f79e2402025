/* The config as text: the resolved YAML, and the reference page of the table. */
#include <string.h>

#include "config/config.h"
#include "config/value.h"

enum { INDENT = 2 };

/* How many leading parts ("data", "image") two paths of keys share; the last part of each is a name, not a section. */
static int shared_sections(const char *a, const char *b)
{
    int shared = 0;
    for (; *a && *a == *b; a++, b++)
        shared += *a == '.';
    return shared;
}

void gr_config_yaml(const gr_config *config, gr_text *out)
{
    const char *before = "";
    for (int i = 0; i < gr_key_count; i++) {
        const char *path = gr_keys[i].path, *part = path;
        int shared = shared_sections(path, before), depth = 0;
        for (const char *dot; (dot = strchr(part, '.')) != NULL; part = dot + 1, depth++)
            if (depth >= shared)
                gr_text_printf(out, "%*s%.*s:\n", depth * INDENT, "", (int)(dot - part), part);
        gr_text_printf(out, "%*s%s: ", depth * INDENT, "", part);
        gr_value_put(&gr_keys[i], config, out);
        gr_text_add(out, "\n", 1);
        before = path;
    }
}

gr_status gr_config_save(const gr_config *config, const char *path, gr_error *err)
{
    gr_text text = {0};
    gr_config_yaml(config, &text);
    gr_status status = text.failed ? gr_fail(err, GR_NOMEM, "%s: no memory for the config", path)
                                   : gr_file_write(path, text.data, text.size, err);
    gr_text_free(&text);
    return status;
}

/* The table of the keys below `section`; "": of those that stand alone. */
static void put_section(const char *title, const char *section, gr_text *out)
{
    gr_text_printf(out, "\n## %s\n\n| key | default | value | meaning |\n| --- | --- | --- | --- |\n", title);
    for (int i = 0; i < gr_key_count; i++) {
        const gr_key *key = &gr_keys[i];
        size_t length = strlen(section);
        if (length ? strncmp(key->path, section, length) != 0 || key->path[length] != '.' : strchr(key->path, '.') != NULL)
            continue;
        gr_text_printf(out, "| `%s` | `%s` | ", key->path, key->standard);
        gr_key_expected(key, out);
        gr_text_printf(out, " | %s |\n", key->help);
    }
}

void gr_config_reference(gr_text *out)
{
    gr_text_printf(
        out, "# The config's keys\n\n"
             "Made by `grimace config --reference` from the table in `src/config/keys.c`; do not edit.\n\n"
             "A config is a YAML file with only the keys that differ from the defaults. On the command line\n"
             "`key=value` overrides one (`optimizer.lr=3e-4`, `data.classes=[a, b]`); later ones win. Relative paths,\n"
             "there too, begin at the config file's folder. `grimace config CONFIG` prints every value in force. All that\n"
             "is wrong with a config is told at once: several mistakes are listed on standard output, a line each, and the\n"
             "line on standard error is the first of them.\n\n"
             "Transforms: `resize: S` (Pillow's antialiased bilinear to S x S), `random_crop: S`, `center_crop: S`,\n"
             "`hflip: P` (probability), `rotate: DEG` (by up to DEG either way), `brightness: [lo, hi]` (factor),\n"
             "`grayscale`, `bgr`.\n");
    put_section("top level", "", out);
    const char *before = "";
    for (int i = 0; i < gr_key_count; i++) {
        char section[64];
        snprintf(section, sizeof section, "%.*s", (int)strcspn(gr_keys[i].path, "."), gr_keys[i].path);
        bool again = strncmp(before, section, strlen(section)) == 0 && before[strlen(section)] == '.';
        if (gr_key_is_section(section) && !again)
            put_section(section, section, out);
        before = gr_keys[i].path;
    }
}
