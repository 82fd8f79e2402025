/* Any bytes as a YAML document: a bounded tree whose texts are UTF-8, or a sentence; and every text of it, written as a
 * scalar, reads back the same. */
#include <stdint.h>
#include <string.h>

#include "formats/yaml.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void demand(bool holds)
{
    if (!holds)
        __builtin_trap();
}

static void check_text(const char *text)
{
    gr_text written = {0};
    gr_yaml_put_string(&written, text);
    gr_arena *arena = gr_arena_create();
    const gr_yaml *root = NULL;
    gr_error err = {0};
    if (!written.failed && arena != NULL) {
        gr_status status = gr_yaml_parse("x", written.data, written.size, arena, &root, &err);
        demand(status == GR_NOMEM ||
               (status == GR_OK && root != NULL && root->kind == GR_YAML_SCALAR && strcmp(root->text, text) == 0));
    }
    gr_arena_destroy(arena);
    gr_text_free(&written);
}

/* Gives how many nodes there are; texts beyond the first few are looked at, not written. */
static int walk(const gr_yaml *node, int *texts)
{
    int nodes = 1;
    demand(node->line >= 1);
    if (node->kind == GR_YAML_SCALAR) {
        demand(gr_utf8_valid(node->text, strlen(node->text)));
        (void)gr_yaml_is_null(node);
        if (++*texts <= 8)
            check_text(node->text);
        return nodes;
    }
    for (int i = 0; i < (node->kind == GR_YAML_MAP ? 2 : 1) * node->count; i++)
        nodes += walk(node->items[i], texts);
    return nodes;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    gr_arena *arena = gr_arena_create();
    char *text = gr_alloc(size + 1, 1);
    const gr_yaml *root = NULL;
    gr_error err = {0};
    int texts = 0;
    if (arena != NULL && text != NULL) {
        if (size > 0)
            memcpy(text, data, size);
        gr_status status = gr_yaml_parse("x", text, size, arena, &root, &err);
        demand(status == err.status && (status == GR_OK || status == GR_NOMEM || strncmp(err.text, "x:", 2) == 0));
        if (status == GR_OK && root != NULL)
            demand(walk(root, &texts) == root->nodes);
    }
    gr_free(text);
    gr_arena_destroy(arena);
    return 0;
}
