/* The value of any key: from a YAML node into its field, and back to YAML. */
#include "config/value.h"

gr_status gr_value_read(const gr_value_source *source, const gr_key *key, const gr_yaml *node, gr_config *config)
{
    return key->kind == GR_KEY_SWEEP ? gr_sweep_read(source, key, node, config) : gr_plain_read(source, key, node, config);
}

void gr_value_put(const gr_key *key, const gr_config *config, gr_text *out)
{
    if (key->kind == GR_KEY_SWEEP)
        gr_sweep_put(config, out);
    else
        gr_plain_put(key, config, out);
}
