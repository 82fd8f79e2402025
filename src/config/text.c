/* The config as text: the resolved YAML, and the reference page of the table. */
#include <stdlib.h>
#include <string.h>

#include "config/config.h"
#include "config/dialects.h"
#include "config/source.h"
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

static void put_path(const char *path, const char *folder, gr_text *out)
{
    char *relative = path[0] == '/' ? gr_path_relative(folder, path) : gr_strdup(path);
    out->failed = out->failed || relative == NULL;
    if (relative != NULL)
        gr_yaml_put_string(out, relative);
    gr_free(relative);
}

/* A value whose paths, where they were given from a folder on, are written from `folder` on (NULL: absolute). */
static void put_value(const gr_config *config, int index, const char *folder, gr_text *out)
{
    const gr_key *key = &gr_keys[index];
    const void *field = (const char *)config + key->offset;
    const gr_strings *list = field;
    if (folder == NULL || !config->source->origins[index].relative || !(key->kind == GR_KEY_PATH || key->paths))
        gr_value_put(key, config, out);
    else if (key->kind == GR_KEY_PATH && *(const char *const *)field == NULL)
        gr_text_printf(out, "null");
    else if (key->kind == GR_KEY_PATH)
        put_path(*(const char *const *)field, folder, out);
    else {
        gr_text_printf(out, "[");
        for (int i = 0; i < list->count; i++) {
            gr_text_printf(out, i > 0 ? ", " : "");
            put_path(list->items[i], folder, out);
        }
        gr_text_printf(out, "]");
    }
}

static void put_config(const gr_config *config, const char *folder, gr_text *out)
{
    const char *before = "";
    for (int i = 0; i < gr_key_count; i++) {
        const char *path = gr_keys[i].path, *part = path;
        int shared = shared_sections(path, before), depth = 0;
        for (const char *dot; (dot = strchr(part, '.')) != NULL; part = dot + 1, depth++)
            if (depth >= shared)
                gr_text_printf(out, "%*s%.*s:\n", depth * INDENT, "", (int)(dot - part), part);
        gr_text_printf(out, "%*s%s: ", depth * INDENT, "", part);
        put_value(config, i, folder, out);
        gr_text_add(out, "\n", 1);
        before = path;
    }
}

void gr_config_yaml(const gr_config *config, gr_text *out)
{
    put_config(config, NULL, out);
}

gr_status gr_config_save(const gr_config *config, const char *path, gr_error *err)
{
    gr_text text = {0};
    char *folder = gr_path_folder(path), *resolved = folder != NULL ? realpath(folder, NULL) : NULL;
    put_config(config, resolved, &text);
    free(resolved); /* the system's own block */
    gr_free(folder);
    gr_status status = text.failed ? gr_fail(err, GR_NOMEM, "%s: no memory for the config", path)
                                   : gr_file_write(path, text.data, text.size, err);
    gr_text_free(&text);
    return status;
}

/* The defaults that follow from the semantics: "; keras2 `a`, keras3 `b`; with KEY VALUE ...". */
static void put_dialects(const gr_key *key, gr_text *out)
{
    const gr_dialect_default *row;
    for (int i = 0; (row = gr_dialect_row(i)) != NULL; i++) {
        if (strcmp(row->key, key->path) != 0)
            continue;
        gr_text_printf(out, "; ");
        if (row->when_key != NULL)
            gr_text_printf(out, "with `%s%s%s` ", row->when_key, row->when != NULL ? ": " : "", row->when != NULL ? row->when : "");
        bool first = true;
        for (int d = 0; d < GR_DIALECTS; d++)
            if (row->values[d] != NULL) {
                gr_text_printf(out, "%s%s `%s`", first ? "" : ", ", gr_dialect_name(d), row->values[d]);
                first = false;
            }
    }
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
        gr_text_printf(out, "| `%s` | `%s`", key->path, key->standard);
        put_dialects(key, out);
        gr_text_printf(out, " | ");
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
             "`grayscale`, `bgr`, and shears, turns, enhancements and filters, each with a probability: [augmentation.md]"
             "(augmentation.md).\n");
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
