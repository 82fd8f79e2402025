/* What a config says, in words. All append to a page and never fail. */
#ifndef GR_REPORT_PAGE_WORDS_H
#define GR_REPORT_PAGE_WORDS_H

#include "report/html.h"
#include "report/page_run.h"

/* "ResNet-18"; the name itself where it has no other. */
const char *gr_backbone_word(const char *backbone);
/* "a ResNet-18 with attention pooling": the network, or what stands in its place; with a capital at the beginning (`first`)
 * of a sentence. */
void gr_put_model(gr_html *html, const gr_config *config, bool first);
/* "leaving out one animal at a time (6 folds)". */
void gr_put_split(gr_html *html, const gr_page_run *run);
/* Are all images of a group in the same part of every fold? */
bool gr_split_whole_groups(const gr_config *config);
/* How many folds the numbers have; 0: not known. */
int64_t gr_page_folds(const gr_page_run *run);
/* "a, b and c" of names. */
void gr_put_names(gr_html *html, const char *const *names, int64_t count);

#endif
