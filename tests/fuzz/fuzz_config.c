/* Any bytes as a config file: refused in a sentence that names the file, or a config whose whole text, written and read
 * again, is the same. */
#include <stdint.h>
#include <string.h>

#include "config/config.h"
#include "fuzz_file.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* The text of the config that these bytes are; failed where they are none. */
static gr_text text_of(const void *data, size_t size)
{
    char path[64];
    gr_config *config = NULL;
    gr_error err = {0};
    gr_text text = {0};
    gr_source source = fuzz_file(data, size, path);
    gr_status status = gr_config_load(path, NULL, 0, &config, &err);
    if ((status == GR_OK) != (config != NULL) || (status != GR_OK && err.text[0] == '\0'))
        __builtin_trap();
    if (status == GR_INVALID && strncmp(err.text, path, strlen(path)) != 0)
        __builtin_trap();
    if (config != NULL)
        gr_config_yaml(config, &text);
    else
        text.failed = true;
    gr_config_destroy(config);
    gr_source_close(&source);
    return text;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    gr_text first = text_of(data, size);
    if (!first.failed) {
        gr_text second = text_of(first.data, first.size);
        if (second.failed || second.size != first.size || memcmp(second.data, first.data, first.size) != 0)
            __builtin_trap();
        gr_text_free(&second);
    }
    gr_text_free(&first);
    return 0;
}
