/* What a config tells learners, and hashes of what results follow from. */
#include <string.h>

#include "config/config.h"
#include "config/keys.h"

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

static const char *where(const void *source, const char *key)
{
    return gr_config_where(source, key);
}

static gr_status check_name(const void *source, const char *key, const char *const *names, gr_error *err)
{
    return gr_config_check_name(source, key, names, err);
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
                       .where = where,
                       .check_name = check_name};
}
