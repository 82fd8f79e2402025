#include "run/tasks/columns.h"

#include <math.h>

void gr_columns_read(const gr_config *config, gr_values kind, gr_manifest_options *options)
{
    bool several = config->data.labels.count > 0;
    options->label = NULL;
    options->values = kind;
    options->value_columns = several ? config->data.labels.items : &config->data.label;
    options->value_count = several ? config->data.labels.count : 1;
}

double gr_columns_value(const gr_cohort *cohort, int64_t sample, int column)
{
    const gr_manifest *m = &cohort->manifest;
    return m->values[sample % m->rows * m->value_count + column];
}

uint64_t gr_columns_hash(const gr_cohort *cohort, int64_t row, uint64_t hash)
{
    const gr_manifest *m = &cohort->manifest;
    for (int i = 0; i < m->value_count; i++) {
        double value = gr_columns_value(cohort, row, i);
        value = isnan(value) ? (double)NAN : value; /* one NaN of many */
        hash = gr_hash(hash, &value, sizeof value);
    }
    return hash;
}

gr_status gr_columns_known(const gr_cohort *cohort, gr_error *err)
{
    const gr_manifest *m = &cohort->manifest;
    for (int f = 0; f < cohort->split.fold_count; f++)
        for (int i = 0; i < m->value_count; i++) {
            bool known = false;
            for (int64_t r = 0; !known && r < m->rows; r++)
                known = gr_fold_part(&cohort->split.folds[f], r) == GR_PART_TRAIN && !isnan(gr_columns_value(cohort, r, i));
            if (!known)
                return gr_fail(err, GR_INVALID,
                               "%s: %s: the training part of fold %s has no label in this column; labels for more "
                               "images, or another split, would be right",
                               m->path, m->value_columns[i], cohort->split.folds[f].name);
        }
    return GR_OK;
}
