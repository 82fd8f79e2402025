/* How the total of a label study tells a class of new images. */
#ifndef GR_RUN_TOTAL_RULE_H
#define GR_RUN_TOTAL_RULE_H

#include "grimace/config.h"

/* How a total tells a class: from the study's own files. */
typedef struct gr_total_rule {
    gr_config *config; /* of the study */
    char *classes[2];  /* in the order of its predictions.csv */
    int positive;
    double threshold;   /* experiment.threshold, or Youden's of the true totals of all images that it tested */
    double least, most; /* totals that are possible */
} gr_total_rule;

/* Reads RUN/config.yaml, totals.csv, predictions.csv and results.json. GIVES *out (gr_total_rule_close). Fails: GR_INVALID
 * (not finished, damaged), GR_NOMEM. */
gr_status gr_total_rule_open(const char *run, gr_total_rule *out, gr_error *err) GR_MUST_CHECK;
void gr_total_rule_close(gr_total_rule *rule);
/* The probability of the positive class that predictions.csv has for a total. Never fails. */
float gr_total_share(const gr_total_rule *rule, double total);

#endif
