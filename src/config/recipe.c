/* What a config tells others: values as text, hashes of what results follow from, and what learners are told. */
#include <string.h>

#include "config/config.h"
#include "config/value.h"

uint64_t gr_config_hash(const gr_config *config, const char *const *prefixes)
{
    uint64_t hash = 0;
    for (int i = 0; i < gr_key_count; i++)
        for (int p = 0; prefixes[p] != NULL; p++) {
            if (!gr_starts_with(gr_keys[i].path, prefixes[p]))
                continue;
            gr_text value = {0};
            gr_value_put(&gr_keys[i], config, &value);
            gr_text_add(&value, "\n", 1);
            hash = gr_hash(hash, value.data, value.size);
            gr_text_free(&value);
        }
    return hash;
}

/* The last part of a path; a word that is none stays. */
static const char *file_name(const char *path)
{
    const char *slash = path != NULL ? strrchr(path, '/') : NULL;
    return slash != NULL ? slash + 1 : path;
}

/* The value without the folders of paths. */
static void put_moved(const gr_config *config, const gr_key *key, gr_text *out)
{
    const void *field = (const char *)config + key->offset;
    const gr_strings *list = field;
    if (key->kind == GR_KEY_PATH && *(const char *const *)field != NULL)
        gr_text_printf(out, "%s", file_name(*(const char *const *)field));
    else if (key->paths)
        for (int i = 0; i < list->count; i++)
            gr_text_printf(out, "%s/", file_name(list->items[i]));
    else
        gr_value_put(key, config, out);
}

static uint64_t stamp(const gr_config *config, bool moved)
{
    uint64_t hash = 0;
    for (int i = 0; i < gr_key_count; i++) {
        if (gr_keys[i].aside)
            continue;
        gr_text value = {0};
        gr_text_printf(&value, "%s: ", gr_keys[i].path);
        if (moved)
            put_moved(config, &gr_keys[i], &value);
        else
            gr_value_put(&gr_keys[i], config, &value);
        hash = gr_hash(hash, value.data, value.size);
        gr_text_free(&value);
    }
    return hash;
}

uint64_t gr_config_stamp(const gr_config *config)
{
    return stamp(config, false);
}

uint64_t gr_config_moved_stamp(const gr_config *config)
{
    return stamp(config, true);
}

void gr_config_value(const gr_config *config, const char *key, gr_text *out)
{
    int index = gr_key_find(key);
    if (index >= 0)
        gr_value_put(&gr_keys[index], config, out);
}

bool gr_config_has_key(const char *key)
{
    return gr_key_find(key) >= 0;
}

static bool same_file(const char *a, const char *b)
{
    if (a == NULL || b == NULL)
        return a == b;
    return strcmp(a, b) == 0 || (b[0] == '/' && !gr_path_exists(b) && strcmp(file_name(a), file_name(b)) == 0);
}

/* Does the key hold paths that lead to the same files, or did before `b` was moved? */
static bool same_but_moved(const gr_config *a, const gr_config *b, const gr_key *key)
{
    const void *x = (const char *)a + key->offset, *y = (const char *)b + key->offset;
    const gr_strings *s = x, *t = y;
    if (key->kind == GR_KEY_PATH)
        return same_file(*(const char *const *)x, *(const char *const *)y);
    bool same = key->paths && s->count == t->count;
    for (int i = 0; same && i < s->count; i++)
        same = same_file(s->items[i], t->items[i]);
    return same;
}

const char *gr_config_differs(const gr_config *a, const gr_config *b, bool sweep, gr_text *in_a, gr_text *in_b)
{
    for (int i = 0; i < gr_key_count; i++) {
        if (gr_keys[i].aside && !(sweep && gr_keys[i].kind == GR_KEY_SWEEP))
            continue;
        gr_text_free(in_a);
        gr_text_free(in_b);
        gr_value_put(&gr_keys[i], a, in_a);
        gr_value_put(&gr_keys[i], b, in_b);
        if (same_but_moved(a, b, &gr_keys[i]))
            continue;
        if (in_a->failed || in_b->failed || in_a->size != in_b->size || memcmp(in_a->data, in_b->data, in_a->size) != 0)
            return gr_keys[i].path;
    }
    return NULL;
}

/* 2^64 by the golden ratio: seeds that lie near each other stay apart. */
static const uint64_t between_repetitions = 0x9E3779B97F4A7C15;

static const char *where(const void *source, const char *key)
{
    return gr_config_where(source, key);
}

gr_recipe gr_config_recipe(const gr_config *config)
{
    static const char *const model[] = {"model.", "data.image.size", "data.image.channels", "seed",
                                        "train.repetition", "task", NULL};
    return (gr_recipe){.seed = config->seed + (uint64_t)config->train.repetition * between_repetitions,
                       .task = config->task,
                       .data = config->data,
                       .model = config->model,
                       .loss = config->loss,
                       .optimizer = config->optimizer,
                       .schedule = config->schedule,
                       .train = config->train,
                       .tune = config->tune,
                       .select = config->select,
                       .tta = config->evaluate.tta,
                       .stamp = gr_config_moved_stamp(config),
                       .placed_stamp = gr_config_stamp(config),
                       .model_stamp = gr_config_hash(config, model),
                       .source = config,
                       .where = where};
}
