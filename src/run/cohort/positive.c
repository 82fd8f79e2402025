/* The positive class of a config. */
#include <string.h>

#include "base/base.h"
#include "grimace/open.h"
#include "grimace/config.h"
#include "grimace/manifest.h"

gr_status gr_manifest_positive(const gr_manifest *manifest, const gr_config *config, int *positive, gr_error *err)
{
    *positive = manifest->class_count - 1;
    if (config->data.positive == NULL)
        return GR_OK;
    for (int c = 0; c < manifest->class_count; c++)
        if (strcmp(manifest->classes[c], config->data.positive) == 0) {
            *positive = c;
            return GR_OK;
        }
    gr_text list = {0};
    for (int c = 0; c < manifest->class_count && list.size < 400; c++)
        gr_text_printf(&list, "%s%s", c > 0 ? ", " : "", manifest->classes[c]);
    gr_status status = gr_config_fail(config, "data.positive", err, "'%.80s' is not one of the classes: %s",
                                      config->data.positive, list.failed ? "" : list.data);
    gr_text_free(&list);
    return status;
}
