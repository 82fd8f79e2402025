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

uint64_t gr_config_stamp(const gr_config *config)
{
    uint64_t hash = 0;
    for (int i = 0; i < gr_key_count; i++) {
        if (gr_keys[i].aside)
            continue;
        gr_text value = {0};
        gr_text_printf(&value, "%s: ", gr_keys[i].path);
        gr_value_put(&gr_keys[i], config, &value);
        hash = gr_hash(hash, value.data, value.size);
        gr_text_free(&value);
    }
    return hash;
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

const char *gr_config_differs(const gr_config *a, const gr_config *b, bool sweep, gr_text *in_a, gr_text *in_b)
{
    for (int i = 0; i < gr_key_count; i++) {
        if (gr_keys[i].aside && !(sweep && gr_keys[i].kind == GR_KEY_SWEEP))
            continue;
        gr_text_free(in_a);
        gr_text_free(in_b);
        gr_value_put(&gr_keys[i], a, in_a);
        gr_value_put(&gr_keys[i], b, in_b);
        if (in_a->failed || in_b->failed || in_a->size != in_b->size || memcmp(in_a->data, in_b->data, in_a->size) != 0)
            return gr_keys[i].path;
    }
    return NULL;
}

static const char *where(const void *source, const char *key)
{
    return gr_config_where(source, key);
}

gr_recipe gr_config_recipe(const gr_config *config)
{
    static const char *const model[] = {"model.", "data.image.size", "data.image.channels", "seed", "task", NULL};
    return (gr_recipe){.seed = config->seed,
                       .task = config->task,
                       .data = config->data,
                       .model = config->model,
                       .loss = config->loss,
                       .optimizer = config->optimizer,
                       .schedule = config->schedule,
                       .train = config->train,
                       .stamp = gr_config_stamp(config),
                       .model_stamp = gr_config_hash(config, model),
                       .source = config,
                       .where = where};
}
