/* Keys that mean something beside one choice alone. */
#include "config/owned.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "config/dialects.h"
#include "config/keys.h"
#include "config/value.h"

static const gr_owned_key rows[] = {
    {"optimizer.momentum", "optimizer.name", "sgd rmsprop"},
    {"optimizer.dampening", "optimizer.name", "sgd"},
    {"optimizer.nesterov", "optimizer.name", "sgd"},
    {"optimizer.betas", "optimizer.name", "adam adamw nadam adamax"},
    {"optimizer.eps", "optimizer.name", "adam adamw nadam adamax adagrad rmsprop"},
    {"optimizer.amsgrad", "optimizer.name", "adam adamw"},
    {"optimizer.rho", "optimizer.name", "rmsprop"},
    {"optimizer.centered", "optimizer.name", "rmsprop"},
    {"optimizer.initial_accumulator", "optimizer.name", "adagrad"},
    {"optimizer.momentum_decay", "optimizer.name", "nadam"},
    {"optimizer.nadam_product", "optimizer.name", "nadam"},
    {"schedule.step_size", "schedule.name", "step"},
    {"schedule.gamma", "schedule.name", "step"},
    {"schedule.min_lr", "schedule.name", "cosine cosine_restarts polynomial plateau"},
    {"schedule.decay_steps", "schedule.name", "inverse_time exponential polynomial cosine cosine_restarts"},
    {"schedule.decay_rate", "schedule.name", "inverse_time exponential"},
    {"schedule.staircase", "schedule.name", "inverse_time exponential"},
    {"schedule.power", "schedule.name", "polynomial"},
    {"schedule.cycle", "schedule.name", "polynomial"},
    {"schedule.t_mul", "schedule.name", "cosine_restarts"},
    {"schedule.m_mul", "schedule.name", "cosine_restarts"},
    {"schedule.factor", "schedule.name", "plateau"},
    {"schedule.patience", "schedule.name", "plateau"},
    {"schedule.min_delta", "schedule.name", "plateau"},
    {"schedule.cooldown", "schedule.name", "plateau"},
};
enum { ROWS = sizeof rows / sizeof rows[0], MOST = 8 };

const gr_owned_key *gr_owned_row(int i)
{
    return i >= 0 && i < ROWS ? &rows[i] : NULL;
}

/* The same numbers ("1e-7", "1.0e-07"; "[0.9, 0.999]") or the same word? */
static bool same_value(const char *a, const char *b)
{
    for (;;) {
        a += strspn(a, "[], "), b += strspn(b, "[], ");
        if (*a == '\0' || *b == '\0')
            return *a == *b;
        char *end_a, *end_b;
        double x = strtod(a, &end_a), y = strtod(b, &end_b);
        if (end_a == a || end_b == b)
            return strcmp(a, b) == 0;
        if (x < y || x > y)
            return false;
        a = end_a, b = end_b;
    }
}

static bool is_default(const char *key, const char *value)
{
    if (same_value(value, gr_keys[gr_key_find(key)].standard))
        return true;
    const gr_dialect_default *row;
    for (int i = 0; (row = gr_dialect_row(i)) != NULL; i++)
        for (int d = 0; strcmp(row->key, key) == 0 && d < GR_DIALECTS; d++)
            if (row->values[d] != NULL && same_value(value, row->values[d]))
                return true;
    return false;
}

/* Is `word` among the words of `list`? */
static bool among(const char *list, const char *word)
{
    size_t length = strlen(word);
    for (const char *at = list; *at != '\0'; at += strspn(at, " ")) {
        size_t here = strcspn(at, " ");
        if (here == length && memcmp(at, word, length) == 0)
            return true;
        at += here;
    }
    return false;
}

static const char *choice(const gr_config *config, const gr_owned_key *row)
{
    return strcmp(row->chooser, "optimizer.name") == 0 ? config->optimizer.name : config->schedule.name;
}

bool gr_owned_in_vain(const gr_config *config, const gr_owned_key *row)
{
    if (among(row->owners, choice(config, row)))
        return false;
    gr_text value = {0};
    gr_value_put(&gr_keys[gr_key_find(row->key)], config, &value);
    bool vain = !value.failed && value.data != NULL && !is_default(row->key, value.data);
    gr_text_free(&value);
    return vain;
}

bool gr_owned_is_swept(const gr_config *config, const gr_owned_key *row)
{
    size_t length = strlen(row->chooser);
    for (int i = 0; i < config->sweep.count; i++)
        if (strcmp(config->sweep.axes[i].key, row->chooser) == 0)
            return true;
    for (int i = 0; i < config->sweep.setting_count; i++)
        for (int j = 0; j < config->sweep.settings[i].overrides.count; j++) {
            const char *text = config->sweep.settings[i].overrides.items[j];
            if (strncmp(text, row->chooser, length) == 0 && text[length] == '=')
                return true;
        }
    return false;
}

static gr_status refuse(const gr_config *config, const gr_owned_key *row, gr_error *err)
{
    char words[128];
    const char *names[MOST];
    int count = 0;
    snprintf(words, sizeof words, "%s", row->owners);
    for (char *save = NULL, *at = strtok_r(words, " ", &save); at != NULL && count < MOST; at = strtok_r(NULL, " ", &save))
        names[count++] = at;
    gr_text list = {0};
    gr_text_list(&list, names, count, "and");
    gr_status status = gr_config_fail(config, row->key, err, "means nothing for %s; %s %s it", choice(config, row),
                                      list.failed ? row->owners : list.data, count == 1 ? "has" : "have");
    gr_text_free(&list);
    return status;
}

gr_status gr_owned_check(const gr_config *config, const char *chooser, gr_error *err)
{
    for (int i = 0; i < ROWS; i++)
        if (strcmp(rows[i].chooser, chooser) == 0 && gr_owned_in_vain(config, &rows[i]) &&
            !gr_owned_is_swept(config, &rows[i]))
            return refuse(config, &rows[i], err);
    return GR_OK;
}
