#include "support/configs.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "grimace/train.h"
#include "support/temp_file.h"

static const char *path;

int test_config_place(void **state)
{
    (void)state;
    path = test_file_make("rats.yaml");
    return path == NULL;
}

const char *test_config_path(void)
{
    return path;
}

gr_status test_config_load(const char *text, const char *const *overrides, int count, gr_config **config, gr_error *err)
{
    test_file_write(text, strlen(text));
    gr_status status = gr_config_load(path, overrides, count, config, err);
    if (status == GR_OK && (status = gr_task_check(*config, err)) != GR_OK) {
        gr_config_destroy(*config);
        *config = NULL;
    }
    return status;
}

gr_config *test_config_good(const char *text, const char *override)
{
    gr_error err = {0};
    gr_config *config;
    if (test_config_load(text, &override, override != NULL, &config, &err) != GR_OK)
        fail_msg("%s", err.text);
    return config;
}
