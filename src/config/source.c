/* A config's memory, and where its values stand. */
#include "config/source.h"

#include <stdarg.h>
#include <string.h>

#include "grimace/descriptor_sets.h"

gr_status gr_config_no_memory(const gr_config *config, gr_error *err)
{
    return gr_fail(err, GR_NOMEM, "%s: no memory for the config", config->source->file);
}

/* ---- where ----------------------------------------------------------------------------------------------------------- */

const char *gr_config_where(const gr_config *config, const char *key)
{
    const struct gr_config_source *source = config->source;
    int index = gr_key_find(key);
    if (index >= 0 && source->origins[index].place)
        return source->origins[index].place;
    const char *found = source->top;
    size_t longest = 0;
    for (int i = 0; i < source->section_count; i++) {
        size_t length = strlen(source->sections[i].path);
        if (length > longest && strncmp(key, source->sections[i].path, length) == 0 && key[length] == '.') {
            found = source->sections[i].place;
            longest = length;
        }
    }
    return found;
}

gr_status gr_config_fail(const gr_config *config, const char *key, gr_error *err, const char *fmt, ...)
{
    char sentence[768];
    va_list args;
    va_start(args, fmt);
    vsnprintf(sentence, sizeof sentence, fmt, args);
    va_end(args);
    return gr_fail(err, GR_INVALID, "%s: %s: %s", gr_config_where(config, key), key, sentence);
}

/* ---- making ---------------------------------------------------------------------------------------------------------- */

gr_config *gr_config_start(const char *file, const char *folder, const char *text, size_t size, int layers)
{
    gr_arena *arena = gr_arena_create();
    gr_config *config = arena ? gr_arena_alloc(arena, 1, sizeof *config) : NULL;
    struct gr_config_source *source = config ? gr_arena_alloc(arena, 1, sizeof *source) : NULL;
    if (source) {
        source->arena = arena;
        source->file = gr_arena_strdup(arena, file);
        source->folder = gr_arena_strdup(arena, folder);
        source->text = text ? gr_arena_strndup(arena, text, size) : NULL;
        source->size = size;
        source->layers = gr_arena_alloc(arena, (size_t)layers + 1, sizeof *source->layers);
        source->origins = gr_arena_alloc(arena, (size_t)gr_key_count, sizeof *source->origins);
        source->top = gr_arena_printf(arena, "%s:1", file);
        config->source = source;
    }
    if (source && source->file && source->folder && (source->text || !text) && source->layers && source->origins && source->top)
        return config;
    gr_arena_destroy(arena);
    return NULL;
}

/* Where the list of the sweep has this very override; NULL: nowhere. */
static const char *setting_place(const gr_config *base, const char *override)
{
    for (int i = 0; i < base->sweep.setting_count; i++) {
        const gr_sweep_setting *setting = &base->sweep.settings[i];
        for (int j = 0; j < setting->overrides.count; j++)
            if (strcmp(setting->overrides.items[j], override) == 0)
                return setting->place;
    }
    return NULL;
}

bool gr_config_add_layers(gr_config *config, const gr_config *base, const char *const *overrides, int count)
{
    struct gr_config_source *source = config->source;
    for (int i = 0; i < count; i++) {
        gr_config_layer *over = &source->layers[source->layer_count++];
        over->place = "command line";
        over->text = gr_arena_strdup(source->arena, overrides[i]);
        for (int j = 0; base && j < base->sweep.count; j++) {
            size_t length = strlen(base->sweep.axes[j].key);
            if (strncmp(overrides[i], base->sweep.axes[j].key, length) == 0 && overrides[i][length] == '=')
                over->place = gr_arena_strdup(source->arena, base->sweep.axes[j].place);
        }
        const char *setting = base ? setting_place(base, overrides[i]) : NULL;
        if (setting)
            over->place = gr_arena_strdup(source->arena, setting);
        if (!over->text || !over->place)
            return false;
    }
    return true;
}

bool gr_config_copy_layers(gr_config *config, const gr_config *from)
{
    struct gr_config_source *source = config->source;
    for (int i = 0; i < from->source->layer_count; i++) {
        gr_config_layer *over = &source->layers[source->layer_count++];
        over->text = gr_arena_strdup(source->arena, from->source->layers[i].text);
        over->place = gr_arena_strdup(source->arena, from->source->layers[i].place);
        if (!over->text || !over->place)
            return false;
    }
    return true;
}

void gr_config_destroy(gr_config *config)
{
    if (config == NULL)
        return;
    gr_descriptor_file_free(config->source->descriptors);
    gr_arena_destroy(config->source->arena);
}
