#include "run/cohort/image_weights.h"

#include <math.h>
#include <string.h>

#include "grimace/config.h"

gr_status gr_image_weights(gr_cohort *cohort, gr_error *err)
{
    const gr_config *config = cohort->config;
    const gr_manifest *m = &cohort->manifest;
    const char *name = config->data.weight;
    if (name == NULL)
        return GR_OK;
    if (strcmp(config->task, "classes") != 0 && strcmp(config->task, "ordinal") != 0)
        return gr_config_fail(config, "data.weight", err, "means nothing for the task %s; classes and ordinal have it",
                              config->task);
    if (strcmp(config->model.classic, "none") != 0)
        return gr_config_fail(config, "data.weight", err, "means nothing for %s; networks have it", config->model.classic);
    int column = gr_manifest_column(m, name);
    if (column < 0)
        return gr_config_fail(config, "data.weight", err, "there is no column %.80s in %s", name, m->path);
    cohort->weights = gr_alloc((size_t)m->rows, sizeof *cohort->weights);
    if (cohort->weights == NULL)
        return gr_fail(err, GR_NOMEM, "no memory for the weights of %lld images", (long long)m->rows);
    for (int64_t r = 0; r < m->rows; r++) {
        const char *text = gr_manifest_cell(m, r, column);
        double weight;
        if (!gr_parse_double(text, &weight) || !(weight >= 0 && weight <= 1e6))
            return gr_fail(err, GR_INVALID,
                           "%s:%lld: %s: is \"%.40s\", but data.weight needs a number from 0 to 1000000 in each row",
                           gr_manifest_file(m, r), (long long)m->lines[r], name, text);
        cohort->weights[r] = (float)weight;
    }
    return GR_OK;
}
