/* Any bytes as JSON: as a whole, and as a large file read one item at a time. What both take is the same. */
#include <stdint.h>
#include <string.h>

#include "formats/json_items.h"
#include "fuzz_file.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static gr_status count(void *ctx, const gr_json_item *item, gr_error *err)
{
    double number, numbers[4];
    gr_error ignored = {0};
    (void)err;
    if (item->value == NULL || item->line < 1)
        __builtin_trap();
    if (gr_json_number(item, item->value, "it", &number, &ignored) != GR_OK && ignored.text[0] == '\0')
        __builtin_trap();
    if (gr_json_numbers(item, item->value, "it", 4, numbers, &ignored) != GR_OK && ignored.text[0] == '\0')
        __builtin_trap();
    ++*(size_t *)ctx;
    return GR_OK;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char path[64];
    gr_error err = {0}, other = {0};
    json_t *whole = NULL;
    size_t items = 0, members = 0;
    bool found = false;
    gr_source source = fuzz_file(data, size, path);
    gr_status status = gr_json_read(path, &whole, &err);
    if ((status == GR_OK) != (whole != NULL) || (status != GR_OK && err.text[0] == '\0'))
        __builtin_trap();
    char *text = gr_alloc(size + 1, 1);
    if (text != NULL) {
        if (size > 0)
            memcpy(text, data, size);
        gr_json_text lines = {path, text, size};
        gr_status each = gr_json_each(&lines, NULL, count, &items, &found, &other);
        if (each != GR_OK && other.text[0] == '\0')
            __builtin_trap();
        if (each == GR_OK && status == GR_OK && (json_is_array(whole) || json_is_object(whole)) &&
            items != (json_is_array(whole) ? json_array_size(whole) : json_object_size(whole)))
            __builtin_trap();
        if (gr_json_each(&lines, "a", count, &members, &found, &other) != GR_OK && other.text[0] == '\0')
            __builtin_trap();
    }
    gr_free(text);
    json_decref(whole);
    gr_source_close(&source);
    return 0;
}
