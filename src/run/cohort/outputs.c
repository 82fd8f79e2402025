#include "grimace/open.h"
#include "run/cohort/outputs.h"

#include "run/tasks/task.h"

gr_status gr_outputs_of(const gr_config *config, gr_manifest *manifest, gr_outputs *outputs, const char *const **classes,
                        gr_error *err)
{
    const gr_task *task = gr_task_of(config);
    *manifest = (gr_manifest){0};
    *outputs = task->width(config);
    *classes = config->data.classes.items;
    gr_status status = gr_task_check(config, err);
    if (status != GR_OK || outputs->classes + outputs->labels + outputs->landmarks > 0)
        return status;
    status = gr_manifest_open(config, manifest, err);
    if (status == GR_OK) {
        *outputs = task->target.outputs(manifest);
        *classes = manifest->kinds != NULL ? manifest->kinds : manifest->classes;
    }
    return status;
}
