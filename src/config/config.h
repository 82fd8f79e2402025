/* What the commands need of the config beyond the public header: its text, and the reference page of the key table. */
#ifndef GR_CONFIG_PRIVATE_H
#define GR_CONFIG_PRIVATE_H

#include "base/base.h"
#include "grimace/config.h"

/* Appends the resolved config as YAML: every key of the table, shortest numbers that read back the same, absolute paths. */
void gr_config_yaml(const gr_config *config, gr_text *out);
/* Appends the reference page (Markdown) made from the key table: docs/config.md. */
void gr_config_reference(gr_text *out);

/* GIVES the config of no file: the defaults, data.group `group` (NULL: none) and overrides[count], for what was not made by
 * a run. `name` stands where a file's path would in sentences. Fails: as gr_config_load. */
gr_status gr_config_make(const char *name, const char *group, const char *const *overrides, int count, gr_config **config,
                         gr_error *err) GR_MUST_CHECK;

/* What learners are told; borrows the config, which must outlive it. Never fails. */
gr_recipe gr_config_recipe(const gr_config *config);
/* A hash of the values of all keys that a result follows from: not of threads, workers and memory. Never fails. */
uint64_t gr_config_stamp(const gr_config *config);
/* The same with the files' names in place of their paths, so that it stays when all is moved. Never fails. */
uint64_t gr_config_moved_stamp(const gr_config *config);
/* A hash of the values of all keys that begin with one of the prefixes (NULL-terminated). Never fails. */
uint64_t gr_config_hash(const gr_config *config, const char *const *prefixes);

/* Appends the value of the key called `key` as YAML on one line; nothing where there is no such key. Never fails: a shortage
 * of memory sticks in `out`. */
void gr_config_value(const gr_config *config, const char *key, gr_text *out);
/* Is there a key of that name? Never fails. */
bool gr_config_has_key(const char *key);
/* The first key from whose value results follow, and that is another in `a` than in `b`, both then in the texts
 * (gr_text_free), which are empty before; NULL: there is none. `sweep`: that of the key sweep counts too. Memory that was
 * short sticks in a text. Paths are the same, too, where that of `b` is not there any more and their files have one name:
 * a run may have been moved. Never fails. */
const char *gr_config_differs(const gr_config *a, const gr_config *b, bool sweep, gr_text *in_a, gr_text *in_b);

/* ---- checks of other rooms ------------------------------------------------------------------------------------------------- */

/* Checks what some keys say together. It is passed over when one of them was refused. */
typedef struct gr_config_rule {
    gr_status (*check)(const gr_config *config, gr_error *err); /* fails: GR_INVALID (gr_config_fail), GR_NOMEM */
    const char *keys;                                           /* those that it reads, with blanks between */
} gr_config_rule;

/* As gr_config_load_all, with rules[count] (BORROWED during the call) among what is checked. Fails: likewise. */
gr_status gr_config_load_checked(const char *path, const char *const *overrides, int count, const gr_config_rule *rules,
                                 int rule_count, void (*report)(void *ctx, const char *sentence), void *ctx,
                                 gr_config **config, gr_error *err) GR_MUST_CHECK;

#endif
