#include "eval/units.h"

#include <string.h>

int64_t *gr_units_number(int64_t rows, const int32_t *fold, const char *const *groups, const char *const *values, gr_arena *arena,
                         int64_t *units)
{
    const char **keys = gr_alloc((size_t)rows, sizeof *keys);
    bool good = keys != NULL;
    for (int64_t i = 0; good && i < rows; i++) {
        const char *group = groups != NULL ? groups[i] : "";
        keys[i] = gr_arena_printf(arena, "%d\n%zu\n%s\n%s", fold[i], strlen(group), group, values[i]);
        good = keys[i] != NULL;
    }
    int64_t *unit = good ? gr_names_number(keys, rows, units) : NULL;
    gr_free(keys);
    return unit;
}

const char *gr_units_name(gr_arena *arena, const char *group_column, const char *group, const char *column, const char *value)
{
    bool named = group != NULL && strcmp(group_column, column) != 0;
    return gr_arena_printf(arena, "%s%s%s", named ? group : "", named ? " " : "", value);
}
