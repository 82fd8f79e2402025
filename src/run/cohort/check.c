/* Checking the tables that a config names. */
#include "grimace/check.h"

#include "grimace/open.h"
#include "run/cohort/open.h"

/* What a config's tables have wrong, the extra ones behind the first. */
typedef struct checking {
    const gr_config *config;
    gr_check *out;
} checking;

static gr_status check_options(void *ctx, const char *path, const gr_manifest_options *options, gr_error *err)
{
    const checking *c = ctx;
    const gr_strings *extra = &c->config->data.extra_manifests;
    gr_status status = gr_check_manifest(path, options, c->out, err);
    for (int i = 0; status == GR_OK && i < extra->count; i++)
        status = gr_check_extra(extra->items[i], options, c->out, err);
    if (status != GR_OK || extra->count == 0 || c->out->errors > 0)
        return status;
    gr_manifest all; /* what is wrong with the tables together */
    gr_error why = {0};
    status = gr_manifest_open(c->config, &all, &why);
    gr_manifest_free(&all);
    if (status != GR_INVALID)
        return status == GR_OK ? GR_OK : gr_fail(err, status, "%s", why.text);
    return gr_check_add(c->out, true, why.text, err);
}

gr_status gr_check_config(const gr_config *config, gr_check *out, gr_error *err)
{
    checking c = {.config = config, .out = out};
    *out = (gr_check){0};
    gr_status status = gr_with_manifest_options(config, check_options, &c, err);
    if (status != GR_OK)
        gr_check_free(out);
    return status;
}
