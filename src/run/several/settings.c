/* From a sweep to its settings: lists of overrides by the sweep's mode, then configs, each different one once. */
#include <math.h>
#include <string.h>

#include "run/one/folder.h"
#include "config/config.h"
#include "formats/yaml.h"
#include "grimace/sweep.h"
#include "run/tasks/task.h"

enum { MOST_SETTINGS = 10000 };

typedef struct maker {
    const gr_config *config;
    gr_arena *arena;
    gr_settings *out;
    int room;
    uint64_t *hashes; /* [room], of items */
    int *which;
    const char **keys;
    gr_error *err;
} maker;

static gr_status no_memory(const maker *m)
{
    return gr_fail(m->err, GR_NOMEM, "no memory for the settings of the sweep");
}

/* ---- what differs ----------------------------------------------------------------------------------------------------- */

static bool add_key(maker *m, const char *key, size_t length)
{
    for (int i = 0; i < m->out->key_count; i++)
        if (strlen(m->keys[i]) == length && strncmp(m->keys[i], key, length) == 0)
            return true;
    m->keys[m->out->key_count] = gr_arena_strndup(m->arena, key, length);
    return m->keys[m->out->key_count++] != NULL;
}

static gr_status find_keys(maker *m)
{
    const gr_config *c = m->config;
    size_t most = (size_t)c->sweep.count;
    for (int i = 0; i < c->sweep.setting_count; i++)
        most += (size_t)c->sweep.settings[i].overrides.count;
    m->keys = gr_arena_alloc(m->arena, most + 1, sizeof *m->keys);
    bool good = m->keys != NULL;
    for (int i = 0; good && i < c->sweep.count; i++)
        good = add_key(m, c->sweep.axes[i].key, strlen(c->sweep.axes[i].key));
    for (int i = 0; good && i < c->sweep.setting_count; i++)
        for (int j = 0; good && j < c->sweep.settings[i].overrides.count; j++) {
            const char *text = c->sweep.settings[i].overrides.items[j];
            good = add_key(m, text, strcspn(text, "="));
        }
    m->out->keys = m->keys;
    return good ? GR_OK : no_memory(m);
}

/* "lambda" of "loss.prsc.lambda", or the whole key when another one ends so, too. */
static const char *short_key(const maker *m, int key)
{
    const char *dot = strrchr(m->keys[key], '.'), *name = dot != NULL ? dot + 1 : m->keys[key];
    for (int i = 0; i < m->out->key_count; i++) {
        const char *other = strrchr(m->keys[i], '.');
        if (i != key && strcmp(other != NULL ? other + 1 : m->keys[i], name) == 0)
            return m->keys[key];
    }
    return name;
}

static const char *name_of(const maker *m, const gr_setting *setting)
{
    gr_text text = {0};
    for (int i = 0; i < m->out->key_count; i++)
        gr_text_printf(&text, "%s%s=%s", i > 0 ? " " : "", short_key(m, i), setting->values[i]);
    const char *name = text.failed ? NULL : gr_arena_strdup(m->arena, text.data != NULL ? text.data : "");
    gr_text_free(&text);
    return name;
}

static gr_status fill_in(maker *m, gr_setting *setting, const char *name)
{
    setting->values = gr_arena_alloc(m->arena, (size_t)m->out->key_count + 1, sizeof *setting->values);
    if (setting->values == NULL)
        return no_memory(m);
    for (int i = 0; i < m->out->key_count; i++) {
        gr_text value = {0};
        gr_config_value(setting->config, m->keys[i], &value);
        setting->values[i] = value.failed ? NULL : gr_arena_strdup(m->arena, value.data);
        gr_text_free(&value);
        if (setting->values[i] == NULL)
            return no_memory(m);
    }
    setting->name = name != NULL ? gr_arena_strdup(m->arena, name) : name_of(m, setting);
    return setting->name != NULL ? GR_OK : no_memory(m);
}

/* ---- one setting ------------------------------------------------------------------------------------------------------ */

/* The config with overrides[count] (room for two more) and what is reported of it: `reported`, or, when that is NULL, what
 * the sweep's own config says, as far as this is the very same. */
static gr_status make_config(maker *m, const char **overrides, int count, const char *reported, gr_config **out,
                             uint64_t *hash)
{
    overrides[count++] = "sweep=[]";
    if (reported != NULL)
        overrides[count++] = reported;
    gr_status status = gr_config_with(m->config, overrides, count, out, m->err);
    if (status != GR_OK)
        return status;
    status = gr_task_check(*out, m->err);
    if (status != GR_OK) {
        gr_config_destroy(*out);
        return status;
    }
    *hash = gr_config_stamp(*out);
    if (reported != NULL || m->config->reported == NULL || *hash == gr_config_stamp(m->config))
        return GR_OK;
    gr_config_destroy(*out);
    overrides[count] = "reported=null";
    return gr_config_with(m->config, overrides, count + 1, out, m->err);
}

/* Adds the config with overrides[count] (room for two more), or notes that it is there already. */
static gr_status add_setting(maker *m, const char **overrides, int count, const char *name, const char *reported)
{
    gr_settings *out = m->out;
    gr_config *config = NULL;
    uint64_t hash;
    gr_status status = make_config(m, overrides, count, reported, &config, &hash);
    if (status != GR_OK)
        return status;
    int at = 0;
    while (at < out->count && m->hashes[at] != hash)
        at++;
    m->which[out->requested++] = at;
    if (at < out->count) {
        gr_config_destroy(config);
        return GR_OK;
    }
    gr_setting *setting = &out->items[out->count++];
    *setting = (gr_setting){.config = config};
    m->hashes[at] = hash;
    return fill_in(m, setting, name);
}

/* ---- modes ------------------------------------------------------------------------------------------------------------ */

static const char *override_of(const maker *m, const gr_sweep_axis *axis, const char *value)
{
    return gr_arena_printf(m->arena, "%s=%s", axis->key, value);
}

/* Every combination of the values of axes[count], the last one running fastest. */
static gr_status add_grid(maker *m, const gr_sweep_axis *const *axes, int count)
{
    int64_t total = 1;
    for (int i = 0; i < count; i++)
        total *= axes[i]->values.count;
    const char **overrides = gr_arena_alloc(m->arena, (size_t)count + 2, sizeof *overrides);
    if (overrides == NULL)
        return no_memory(m);
    gr_status status = GR_OK;
    for (int64_t n = 0; status == GR_OK && n < total; n++) {
        int64_t rest = n;
        for (int i = count - 1; i >= 0; i--) {
            overrides[i] = override_of(m, axes[i], axes[i]->values.items[rest % axes[i]->values.count]);
            rest /= axes[i]->values.count;
            if (overrides[i] == NULL)
                return no_memory(m);
        }
        status = add_setting(m, overrides, count, NULL, NULL);
    }
    return status;
}

static gr_status add_whole_grid(maker *m)
{
    const gr_config *c = m->config;
    const gr_sweep_axis **axes = gr_arena_alloc(m->arena, (size_t)c->sweep.count, sizeof *axes);
    if (axes == NULL)
        return no_memory(m);
    for (int i = 0; i < c->sweep.count; i++)
        axes[i] = &c->sweep.axes[i];
    return add_grid(m, axes, c->sweep.count);
}

static gr_status add_single_axes(maker *m)
{
    gr_status status = GR_OK;
    for (int i = 0; status == GR_OK && i < m->config->sweep.count; i++)
        status = add_grid(m, (const gr_sweep_axis *[]){&m->config->sweep.axes[i]}, 1);
    return status;
}

static gr_status add_pairs(maker *m)
{
    const gr_sweep_axis *axes = m->config->sweep.axes;
    gr_status status = GR_OK;
    for (int i = 0; i < m->config->sweep.count; i++)
        for (int j = i + 1; status == GR_OK && j < m->config->sweep.count; j++)
            status = add_grid(m, (const gr_sweep_axis *[]){&axes[i], &axes[j]}, 2);
    return status;
}

/* A draw from an axis; four digits, so that a table can show it. */
static const char *draw(const maker *m, int axis, int setting)
{
    const gr_sweep_axis *a = &m->config->sweep.axes[axis];
    gr_rng rng = gr_rng_make(m->config->seed, GR_FOR_SWEEP, (uint32_t)axis, (uint64_t)setting);
    if (!a->ranged)
        return override_of(m, a, a->values.items[gr_rng_below(&rng, (uint64_t)a->values.count)]);
    double u = gr_rng_double(&rng);
    double value = a->log ? exp(log(a->low) + u * (log(a->high) - log(a->low))) : a->low + u * (a->high - a->low);
    char text[40];
    if (a->whole) {
        /* each whole number has the same share of a linear range */
        value = a->log ? floor(value + 0.5) : a->low + floor(u * (a->high - a->low + 1));
        value = value < a->low ? a->low : value > a->high ? a->high : value;
        snprintf(text, sizeof text, "%.0f", value);
    } else {
        snprintf(text, sizeof text, "%.3e", value);
        if (!gr_parse_double(text, &value))
            return NULL;
        value = value < a->low ? a->low : value > a->high ? a->high : value;
        gr_text number = {0};
        gr_yaml_put_number(&number, value);
        const char *override = number.failed ? NULL : override_of(m, a, number.data);
        gr_text_free(&number);
        return override;
    }
    return override_of(m, a, text);
}

static gr_status add_draws(maker *m)
{
    int axes = m->config->sweep.count;
    const char **overrides = gr_arena_alloc(m->arena, (size_t)axes + 2, sizeof *overrides);
    if (overrides == NULL)
        return no_memory(m);
    gr_status status = GR_OK;
    for (int s = 0; status == GR_OK && s < m->config->sweep.draws; s++) {
        for (int a = 0; a < axes; a++)
            if ((overrides[a] = draw(m, a, s)) == NULL)
                return no_memory(m);
        status = add_setting(m, overrides, axes, NULL, NULL);
    }
    return status;
}

static gr_status add_list(maker *m)
{
    gr_status status = GR_OK;
    for (int s = 0; status == GR_OK && s < m->config->sweep.setting_count; s++) {
        const gr_sweep_setting *from = &m->config->sweep.settings[s];
        const char **overrides = gr_arena_alloc(m->arena, (size_t)from->overrides.count + 2, sizeof *overrides);
        if (overrides == NULL)
            return no_memory(m);
        memcpy(overrides, from->overrides.items, (size_t)from->overrides.count * sizeof *overrides);
        status = add_setting(m, overrides, from->overrides.count, from->name, from->reported);
    }
    return status;
}

/* ---- all of them ------------------------------------------------------------------------------------------------------ */

/* How many settings the mode makes; beyond the limit any number above it. */
static int64_t count_settings(const gr_config *c)
{
    const gr_sweep_axis *axes = c->sweep.axes;
    int64_t grid = 1, single = 0, pairs = 0;
    for (int i = 0; i < c->sweep.count; i++) {
        grid = grid > MOST_SETTINGS ? grid : grid * axes[i].values.count;
        single += axes[i].values.count;
        for (int j = i + 1; j < c->sweep.count; j++)
            pairs += (int64_t)axes[i].values.count * axes[j].values.count;
    }
    switch (c->sweep.mode) {
    case GR_SWEEP_GRID: return c->sweep.count > 0 ? grid : 0;
    case GR_SWEEP_ONE_AT_A_TIME: return single;
    case GR_SWEEP_PAIRWISE: return pairs;
    case GR_SWEEP_RANDOM: return c->sweep.draws;
    case GR_SWEEP_LIST: return c->sweep.setting_count;
    }
    return 0;
}

static gr_status make_all(maker *m)
{
    int64_t count = count_settings(m->config);
    if (count == 0)
        return gr_config_fail(
            m->config, "sweep", m->err,
            "there is nothing to vary%s; axes such as [{key: optimizer.lr, values: [0.001, 0.0001]}] would "
            "be right",
            m->config->sweep.mode == GR_SWEEP_PAIRWISE ? ", pairs need two axes" : "");
    if (count > MOST_SETTINGS)
        return gr_config_fail(m->config, "sweep", m->err,
                              "makes more than %d settings; fewer values, or mode random, would be "
                              "right",
                              MOST_SETTINGS);
    m->hashes = gr_arena_alloc(m->arena, (size_t)count, sizeof *m->hashes);
    m->which = gr_arena_alloc(m->arena, (size_t)count, sizeof *m->which);
    m->out->items = gr_arena_alloc(m->arena, (size_t)count, sizeof *m->out->items);
    m->out->which = m->which;
    if (m->hashes == NULL || m->which == NULL || m->out->items == NULL)
        return no_memory(m);
    gr_status status = find_keys(m);
    if (status != GR_OK)
        return status;
    switch (m->config->sweep.mode) {
    case GR_SWEEP_GRID: status = add_whole_grid(m); break;
    case GR_SWEEP_ONE_AT_A_TIME: status = add_single_axes(m); break;
    case GR_SWEEP_PAIRWISE: status = add_pairs(m); break;
    case GR_SWEEP_RANDOM: status = add_draws(m); break;
    case GR_SWEEP_LIST: status = add_list(m); break;
    }
    for (int i = 0; status == GR_OK && i < m->out->count; i++) {
        m->out->items[i].number = gr_arena_printf(m->arena, m->out->count > 999 ? "%05d" : "%03d", i + 1);
        if (m->out->items[i].number == NULL)
            status = no_memory(m);
    }
    return status;
}

gr_status gr_settings_make(const gr_config *config, gr_settings *out, gr_error *err)
{
    *out = (gr_settings){0};
    maker m = {.config = config, .arena = gr_arena_create(), .out = out, .err = err};
    if (m.arena == NULL)
        return no_memory(&m);
    out->memory = m.arena;
    gr_status status = make_all(&m);
    if (status != GR_OK)
        gr_settings_free(out);
    return status;
}

void gr_settings_free(gr_settings *settings)
{
    for (int i = 0; i < settings->count; i++)
        gr_config_destroy(settings->items[i].config);
    gr_arena_destroy(settings->memory);
    *settings = (gr_settings){0};
}
