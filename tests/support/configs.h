/* Configs from a text, in one file of the test program (temp_file.h). */
#ifndef GR_TEST_CONFIGS_H
#define GR_TEST_CONFIGS_H

#include "grimace/config.h"

/* cmocka's setup: a place for the config; test_file_remove takes it away. */
int test_config_place(void **state);
/* The path of the config. */
const char *test_config_path(void);
/* Writes `text` there and loads it with overrides[count]. */
gr_status test_config_load(const char *text, const char *const *overrides, int count, gr_config **config, gr_error *err);
/* The config of `text` with at most one override; the test fails with the sentence when there is none. */
gr_config *test_config_good(const char *text, const char *override);

#endif
