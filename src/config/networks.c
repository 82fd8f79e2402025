/* Plain networks: from YAML into one line, which those who build it read again, and back. */
#include "config/value.h"

#include "models/layer_list.h"

gr_status gr_layers_read(const gr_value_source *source, const gr_key *key, const gr_yaml *node, const char **layers)
{
    gr_stack_layer *list = gr_arena_alloc(source->arena, GR_STACK_MOST, sizeof *list);
    gr_text text = {0};
    gr_error one = {0};
    int count = 0, line = 0;
    if (list == NULL)
        return gr_value_no_memory(source);
    gr_status status = gr_stack_read(node, list, &count, &line, &one);
    if (status != GR_OK)
        return gr_value_refuse(source, line, key->path, "%s", one.text);
    gr_stack_put(list, count, &text);
    *layers = text.failed ? NULL : gr_arena_strdup(source->arena, text.data);
    gr_text_free(&text);
    return *layers != NULL ? GR_OK : gr_value_no_memory(source);
}

void gr_layers_put(const char *layers, gr_text *out)
{
    gr_text_printf(out, "%s", layers != NULL ? layers : "null");
}
