/* What the commands need of the config beyond the public header: its text, and the reference page of the key table. */
#ifndef GR_CONFIG_PRIVATE_H
#define GR_CONFIG_PRIVATE_H

#include "base/base.h"
#include "grimace/config.h"

/* Appends the resolved config as YAML: every key of the table, shortest numbers that read back the same, absolute paths. */
void gr_config_yaml(const gr_config *config, gr_text *out);
/* Appends the reference page (Markdown) made from the key table: docs/config.md. */
void gr_config_reference(gr_text *out);

/* GIVES the config of no file: the defaults, data.group `group` (NULL: none) and overrides[count], for what was not made by a
 * run. `name` stands where a file's path would in sentences. Fails: as gr_config_load. */
gr_status gr_config_make(const char *name, const char *group, const char *const *overrides, int count, gr_config **config,
                         gr_error *err) GR_MUST_CHECK;

/* What learners are told; borrows the config, which must outlive it. Never fails. */
gr_recipe gr_config_recipe(const gr_config *config);
/* A hash of the values of all keys that a result follows from: not of threads, workers and memory. Never fails. */
uint64_t gr_config_stamp(const gr_config *config);
/* A hash of the values of all keys that begin with one of the prefixes (NULL-terminated). Never fails. */
uint64_t gr_config_hash(const gr_config *config, const char *const *prefixes);

#endif
