/* The set of descriptors that data.features.describe names, without the action units of data.features.without. */
#include <string.h>

#include "config/source.h"
#include "grimace/descriptor_sets.h"

static gr_status note(gr_config *config, const char *text, gr_config_errors *errors, gr_error *err)
{
    struct gr_config_source *source = config->source;
    return gr_config_errors_add(errors, source->arena, source->file, 0, text) ? GR_OK : gr_config_no_memory(config, err);
}

static bool has(const gr_strings *list, const char *text)
{
    for (int i = 0; i < list->count; i++)
        if (strcmp(list->items[i], text) == 0)
            return true;
    return false;
}

/* The first of `without` that no descriptor belongs to; NULL: there is none. */
static const char *find_unknown(const gr_descriptor_set *set, const gr_strings *without)
{
    for (int i = 0; i < without->count; i++) {
        bool known = false;
        for (int d = 0; !known && d < set->count; d++)
            known = strcmp(set->items[d].unit, without->items[i]) == 0;
        if (!known)
            return without->items[i];
    }
    return NULL;
}

static gr_status refuse_unit(gr_config *config, const gr_descriptor_set *set, const char *unit, gr_config_errors *errors,
                             gr_error *err)
{
    gr_text text = {0};
    const char *before = "";
    gr_text_printf(&text, "%s: data.features.without: %s has no action unit \"%.40s\"; it has ",
                   gr_config_where(config, "data.features.without"), set->name, unit);
    for (int d = 0; d < set->count; d++)
        if (d == 0 || strcmp(set->items[d].unit, set->items[d - 1].unit) != 0) {
            gr_text_printf(&text, "%s%s", before, set->items[d].unit);
            before = ", ";
        }
    gr_status status = text.failed ? gr_config_no_memory(config, err) : note(config, text.data, errors, err);
    gr_text_free(&text);
    return status;
}

/* The set without those units, in the config's arena. */
static gr_status leave_out(gr_config *config, const gr_descriptor_set *set, gr_error *err)
{
    gr_arena *arena = config->source->arena;
    gr_descriptor_set *part = gr_arena_alloc(arena, 1, sizeof *part);
    gr_descriptor *items = gr_arena_alloc(arena, (size_t)set->count + 1, sizeof *items);
    if (part == NULL || items == NULL)
        return gr_config_no_memory(config, err);
    *part = *set;
    part->items = items;
    part->count = 0;
    for (int d = 0; d < set->count; d++)
        if (!has(&config->data.features.without, set->items[d].unit))
            items[part->count++] = set->items[d];
    config->data.features.set = part;
    return GR_OK;
}

gr_status gr_config_describe(gr_config *config, gr_config_errors *errors, gr_error *err)
{
    gr_recipe_data *data = &config->data;
    gr_text text = {0};
    gr_error unread = {0};
    if (data->features.describe == NULL)
        return GR_OK;
    gr_status status = gr_descriptor_set_open(data->features.describe, &config->source->descriptors, &unread);
    if (status != GR_OK && status != GR_INVALID)
        return gr_fail(err, status, "%s", unread.text);
    if (status == GR_INVALID) {
        gr_text_printf(&text, "%s: data.features.describe: %s", gr_config_where(config, "data.features.describe"),
                       unread.text);
        status = text.failed ? gr_config_no_memory(config, err) : note(config, text.data, errors, err);
        gr_text_free(&text);
        return status;
    }
    const gr_descriptor_set *set = gr_descriptor_file_set(config->source->descriptors);
    const char *unknown = find_unknown(set, &data->features.without);
    return unknown != NULL ? refuse_unit(config, set, unknown, errors, err) : leave_out(config, set, err);
}
