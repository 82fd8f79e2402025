/* The numbers of files in words, and which of them tables show. */
#ifndef GR_REPORT_PAGE_METRICS_H
#define GR_REPORT_PAGE_METRICS_H

#include "report/html_table.h"
#include "report/page_run.h"

/* "AUROC" for "auroc"; the key itself where it has no other name. Never fails. */
const char *gr_metric_word(const char *key);

/* The keys of numbers that a table about folds or groups shows, by what is in `numbers` (an object like "pooled" of
 * statistics.json); ends in NULL. `all`: every one there is. Never fails. */
enum { GR_MOST_METRICS = 32 };
void gr_metrics_shown(const json_t *numbers, bool all, const char *keys[GR_MOST_METRICS]);

/* A row's cells: the numbers `keys` of `json`. */
void gr_metrics_cells(gr_html_table *table, const json_t *json, const char *const *keys);
void gr_metrics_heads(gr_html_table *table, const char *const *keys);
int gr_metrics_count(const char *const *keys);

#endif
