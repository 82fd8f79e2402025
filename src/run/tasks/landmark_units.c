#include "run/tasks/landmark_units.h"

#include <string.h>

#include "config/config.h"
#include "grimace/descriptor_sets.h"

static const char key[] = "data.landmark_units";

static gr_status no_memory(gr_error *err)
{
    return gr_fail(err, GR_NOMEM, "no memory for action units");
}

static gr_status open_set(const gr_config *config, gr_descriptor_file **out, gr_error *err)
{
    *out = NULL;
    if (config->data.landmark_units == NULL)
        return GR_OK;
    gr_status status = gr_descriptor_set_open(config->data.landmark_units, out, err);
    if (status == GR_INVALID)
        gr_error_prefix(err, "%s: %s", gr_config_where(config, key), key);
    return status;
}

gr_status gr_landmark_units_check(const gr_config *config, gr_error *err)
{
    gr_descriptor_file *file;
    gr_status status = open_set(config, &file, err);
    gr_descriptor_file_free(file);
    return status;
}

/* Which learnt landmark has the manifest's number `number`, from 0 on; -1: none. */
static int learnt(const gr_config *config, int count, int number)
{
    const gr_ints *list = &config->data.landmarks;
    for (int i = 0; i < list->count; i++)
        if (list->items[i] == number + 1)
            return i;
    return list->count == 0 && number < count ? number : -1;
}

static gr_status fill(const gr_config *config, int count, const gr_descriptor_set *set, gr_arena *arena,
                      gr_landmark_groups *out, gr_error *err)
{
    const char **names = gr_arena_alloc(arena, (size_t)set->unit_count, sizeof *names);
    bool *member = gr_arena_alloc(arena, (size_t)set->unit_count * (size_t)count, sizeof *member);
    if (names == NULL || member == NULL)
        return no_memory(err);
    for (int u = 0; u < set->unit_count; u++) {
        const gr_descriptor_unit *unit = &set->units[u];
        int known = 0;
        for (int i = 0; i < unit->count; i++) {
            int at = learnt(config, count, unit->points[i]);
            if (at < 0 && config->data.landmarks.count == 0)
                return gr_config_fail(config, key, err, "needs landmark %d for %s, but the manifest has %d", unit->points[i] + 1,
                                      unit->name, count);
            if (at >= 0)
                member[u * count + at] = true;
            known += at >= 0;
        }
        if (known == 0)
            continue; /* data.landmarks has none of them */
        names[out->count] = gr_arena_strdup(arena, unit->name);
        if (names[out->count] == NULL)
            return no_memory(err);
        if (out->count < u)
            memcpy(member + out->count * count, member + u * count, (size_t)count * sizeof *member);
        if (out->count < u)
            memset(member + u * count, 0, (size_t)count * sizeof *member);
        out->count++;
    }
    out->names = names;
    out->member = member;
    return GR_OK;
}

gr_status gr_landmark_units(const gr_config *config, int count, gr_arena *arena, gr_landmark_groups *out, gr_error *err)
{
    gr_descriptor_file *file;
    *out = (gr_landmark_groups){0};
    gr_status status = open_set(config, &file, err);
    if (status == GR_OK && file != NULL)
        status = fill(config, count, gr_descriptor_file_set(file), arena, out, err);
    gr_descriptor_file_free(file);
    if (status == GR_OK && config->data.landmark_units != NULL && out->count == 0)
        status = gr_config_fail(config, key, err, "%s names no action unit whose landmarks are learnt",
                                config->data.landmark_units);
    return status;
}
