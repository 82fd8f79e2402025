/* shap.csv and features.csv of a run of boosted trees: what each feature contributes to each tested image, and its value. */
#ifndef GR_REPORT_SHAP_FILE_H
#define GR_REPORT_SHAP_FILE_H

#include "report/run_table.h"

typedef struct gr_shap_file {
    gr_csv *shares, *features;
    const char *subject; /* the class or column that the shares are about */
    int first;           /* the column of the first feature in `shares` */
    int width;           /* features */
    int64_t count;       /* rows of that subject */
    int64_t *rows;       /* [count], of `shares` */
    int64_t *at;         /* [count], of `features`; -1: not there */
    double *weights;     /* [width], mean |share| */
    int *order;          /* [width], features by weight, the largest first */
} gr_shap_file;

/* Is it a run of boosted trees? Where not, appends the reason to `why`. */
bool gr_shap_file_can(const gr_run_files *run, gr_text *why);
/* The features that a figure shows at most. */
enum { GR_SHAP_MOST = 20 };
/* How high a figure is that has a row for each feature, at most GR_SHAP_MOST. Never fails. */
double gr_shap_height(const gr_run_files *run, double width);
/* Opens both. Of several classes the positive one is the subject. GIVES *out (gr_shap_file_close). Fails: GR_INVALID,
 * GR_NOMEM. */
gr_status gr_shap_file_open(const gr_run_files *run, gr_shap_file *out, gr_error *err) GR_MUST_CHECK;
void gr_shap_file_close(gr_shap_file *file);
/* Never fail; NaN: not known. */
double gr_shap_share(const gr_shap_file *file, int64_t i, int feature);
double gr_shap_value(const gr_shap_file *file, int64_t i, int feature);
const char *gr_shap_name(const gr_shap_file *file, int feature);

#endif
