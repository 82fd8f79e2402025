/* What every value is read with: where it stands, the sentence of one that is wrong, numbers and truth values. */
#include "config/value.h"

#include <stdarg.h>
#include <string.h>

const char *gr_value_place(const gr_value_source *source, int line)
{
    return source->place ? gr_arena_strdup(source->arena, source->place)
                         : gr_arena_printf(source->arena, "%s:%d", source->file, line);
}

gr_status gr_value_refuse(const gr_value_source *source, int line, const char *key, const char *fmt, ...)
{
    char sentence[768];
    va_list args;
    va_start(args, fmt);
    vsnprintf(sentence, sizeof sentence, fmt, args);
    va_end(args);
    return source->place ? gr_fail(source->err, GR_INVALID, "%s: %s: %s", source->place, key, sentence)
                         : gr_fail(source->err, GR_INVALID, "%s:%d: %s: %s", source->file, line, key, sentence);
}

gr_status gr_value_no_memory(const gr_value_source *source)
{
    return gr_fail(source->err, GR_NOMEM, "%s: no memory for the config", source->file);
}

const char *gr_value_describe(const gr_yaml *node, char text[64])
{
    if (node->kind == GR_YAML_LIST)
        return "is a list";
    if (node->kind == GR_YAML_MAP)
        return "is a section";
    if (node->plain && !*node->text)
        return "has no value";
    snprintf(text, 64, node->plain ? "is %.40s" : "is the text \"%.40s\"", node->text);
    return text;
}

gr_status gr_value_mistyped(const gr_value_source *source, const gr_key *key, const gr_yaml *node)
{
    gr_text expected = {0};
    char is[64];
    gr_key_expected(key, &expected);
    gr_status status = gr_value_refuse(source, node->line, key->path, "%s, expected %s", gr_value_describe(node, is),
                                       expected.data ? expected.data : "another value");
    gr_text_free(&expected);
    return status;
}

static bool in_range(const gr_range *range, double value)
{
    return (range->low_open ? value > range->low : value >= range->low) &&
           (range->high_open ? value < range->high : value <= range->high);
}

bool gr_value_real(const gr_yaml *node, const gr_range *range, double *value)
{
    return node->kind == GR_YAML_SCALAR && node->plain && gr_parse_double(node->text, value) && in_range(range, *value);
}

bool gr_value_int(const gr_yaml *node, const gr_range *range, int64_t *value)
{
    return node->kind == GR_YAML_SCALAR && node->plain && gr_parse_int64(node->text, value) &&
           in_range(range, (double)*value);
}

bool gr_value_bool(const gr_yaml *node, bool *value)
{
    if (node->kind != GR_YAML_SCALAR || !node->plain)
        return false;
    *value = strcmp(node->text, "true") == 0 || strcmp(node->text, "True") == 0 || strcmp(node->text, "TRUE") == 0;
    return *value || strcmp(node->text, "false") == 0 || strcmp(node->text, "False") == 0 ||
           strcmp(node->text, "FALSE") == 0;
}
