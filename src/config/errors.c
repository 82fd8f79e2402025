#include "config/errors.h"

#include <stdlib.h>
#include <string.h>

/* The line of the file that the sentence begins with, or -1. */
static int line_of(const char *file, const char *text)
{
    size_t length = strlen(file);
    if (strncmp(text, file, length) != 0 || text[length] != ':')
        return -1;
    char *end;
    long line = strtol(text + length + 1, &end, 10);
    return end > text + length + 1 && *end == ':' ? (int)line : -1;
}

bool gr_config_errors_full(const gr_config_errors *errors)
{
    return errors->count == GR_CONFIG_MOST_ERRORS;
}

bool gr_config_errors_add(gr_config_errors *errors, gr_arena *arena, const char *file, int layer, const char *text)
{
    int line = line_of(file, text), at = errors->count;
    layer = line >= 0 ? 0 : layer;
    for (int i = 0; i < errors->count; i++)
        if (strcmp(errors->items[i].text, text) == 0)
            return true;
    if (gr_config_errors_full(errors))
        return true;
    const char *copy = gr_arena_strdup(arena, text);
    if (copy == NULL)
        return false;
    for (; at > 0; at--) {
        int other = errors->items[at - 1].layer;
        if (other < layer || (other == layer && errors->items[at - 1].line <= line))
            break;
        errors->items[at] = errors->items[at - 1];
    }
    errors->items[at].layer = layer;
    errors->items[at].line = line;
    errors->items[at].text = copy;
    errors->count++;
    return true;
}
