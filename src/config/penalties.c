/* Lists of penalties: from YAML, and back. */
#include "config/value.h"

#include <string.h>

static gr_status read_layers(const gr_value_source *source, const gr_key *key, const gr_yaml *node, gr_strings *layers)
{
    if (node->kind != GR_YAML_LIST || node->count == 0)
        return gr_value_refuse(source, node->line, key->path, "layers is no list of names, such as [head] or [backbone.fc1]");
    *layers = (gr_strings){gr_arena_alloc(source->arena, (size_t)node->count, sizeof(char *)), node->count};
    if (layers->items == NULL)
        return gr_value_no_memory(source);
    for (int i = 0; i < node->count; i++) {
        const gr_yaml *item = node->items[i];
        if (item->kind != GR_YAML_SCALAR || *item->text == '\0' || strlen(item->text) > 200)
            return gr_value_refuse(source, item->line, key->path, "layers has an item that is no name, such as head");
        if ((layers->items[i] = gr_arena_strdup(source->arena, item->text)) == NULL)
            return gr_value_no_memory(source);
    }
    return GR_OK;
}

static gr_status read_penalty(const gr_value_source *source, const gr_key *key, const gr_yaml *item, gr_penalty *out)
{
    static const gr_range range = {0, 1e6, false, false};
    gr_status status = GR_OK;
    char is[64];
    if (item->kind != GR_YAML_MAP)
        return gr_value_refuse(source, item->line, key->path, "an item %s, expected one such as {layers: [head], l2: 0.01}",
                               gr_value_describe(item, is));
    for (int i = 0; status == GR_OK && i < item->count; i++) {
        const gr_yaml *name = item->items[2 * i], *value = item->items[2 * i + 1];
        bool l1 = strcmp(name->text, "l1") == 0, l2 = strcmp(name->text, "l2") == 0;
        if (strcmp(name->text, "layers") == 0)
            status = read_layers(source, key, value, &out->layers);
        else if (!l1 && !l2)
            status = gr_value_refuse(source, name->line, key->path, "there is no \"%.40s\" in an item; layers, l1 and l2 are",
                                     name->text);
        else if (!gr_value_real(value, &range, l1 ? &out->l1 : &out->l2))
            status = gr_value_refuse(source, value->line, key->path, "%s %s, expected a number from 0 to 1000000", name->text,
                                     gr_value_describe(value, is));
    }
    if (status == GR_OK && (out->layers.count == 0 || (out->l1 <= 0 && out->l2 <= 0)))
        status = gr_value_refuse(source, item->line, key->path, "an item needs layers, and l1 or l2 above 0");
    return status;
}

gr_status gr_penalties_read(const gr_value_source *source, const gr_key *key, const gr_yaml *node, gr_penalties *list)
{
    if (node->kind != GR_YAML_LIST)
        return gr_value_mistyped(source, key, node);
    if (node->count > key->most)
        return gr_value_refuse(source, node->line, key->path, "has %d items, at most %d are allowed", node->count, key->most);
    *list = (gr_penalties){gr_arena_alloc(source->arena, (size_t)node->count + 1, sizeof(gr_penalty)), node->count};
    if (list->items == NULL)
        return gr_value_no_memory(source);
    gr_status status = GR_OK;
    for (int i = 0; status == GR_OK && i < node->count; i++)
        status = read_penalty(source, key, node->items[i], &list->items[i]);
    return status;
}

void gr_penalties_put(const gr_penalties *list, gr_text *out)
{
    gr_text_printf(out, "[");
    for (int i = 0; i < list->count; i++) {
        const gr_penalty *p = &list->items[i];
        gr_text_printf(out, "%s{layers: [", i > 0 ? ", " : "");
        for (int k = 0; k < p->layers.count; k++) {
            gr_text_printf(out, k > 0 ? ", " : "");
            gr_yaml_put_string(out, p->layers.items[k]);
        }
        gr_text_printf(out, "], l1: ");
        gr_yaml_put_number(out, p->l1);
        gr_text_printf(out, ", l2: ");
        gr_yaml_put_number(out, p->l2);
        gr_text_printf(out, "}");
    }
    gr_text_printf(out, "]");
}
