/* What classes weigh: from YAML, and back. */
#include "config/value.h"

#include <string.h>

static gr_status read_item(const gr_value_source *source, const gr_key *key, const gr_yaml *name, const gr_yaml *value,
                           gr_named_weights *list)
{
    static const gr_range range = {0, 1e6, true, false};
    gr_named_weight *item = &list->items[list->count];
    char is[64];
    if (!gr_value_real(value, &range, &item->weight))
        return gr_value_refuse(source, value->line, key->path, "the weight of %.80s %s, expected a number above 0 up to 1000000",
                               name->text, gr_value_describe(value, is));
    if ((item->name = gr_arena_strdup(source->arena, name->text)) == NULL)
        return gr_value_no_memory(source);
    list->count++;
    return GR_OK;
}

gr_status gr_named_weights_read(const gr_value_source *source, const gr_key *key, const gr_yaml *node, gr_named_weights *list)
{
    if (node->kind != GR_YAML_MAP)
        return gr_value_mistyped(source, key, node);
    if (node->count > key->most)
        return gr_value_refuse(source, node->line, key->path, "has %d classes, at most %d are allowed", node->count, key->most);
    *list = (gr_named_weights){gr_arena_alloc(source->arena, (size_t)node->count + 1, sizeof(gr_named_weight)), 0};
    if (list->items == NULL)
        return gr_value_no_memory(source);
    gr_status status = GR_OK;
    for (int i = 0; status == GR_OK && i < node->count; i++)
        status = read_item(source, key, node->items[2 * i], node->items[2 * i + 1], list);
    return status;
}

void gr_named_weights_put(const gr_named_weights *list, gr_text *out)
{
    gr_text_printf(out, "{");
    for (int i = 0; i < list->count; i++) {
        gr_text_printf(out, i > 0 ? ", " : "");
        gr_yaml_put_string(out, list->items[i].name);
        gr_text_printf(out, ": ");
        gr_yaml_put_number(out, list->items[i].weight);
    }
    gr_text_printf(out, "}");
}
