/* The schemes of gr_label_images. */
#ifndef GR_RATERS_LABEL_H
#define GR_RATERS_LABEL_H

#include "base/base.h"
#include "grimace/label.h"
#include "raters/ratings.h"

/* Andresen et al. 2020, Table 1. `notices` as in gr_label_options. Fails: GR_INVALID, GR_IO, GR_NOMEM. */
gr_status gr_label_by_time(const char *table, gr_text *notices, const char *out, gr_label_counts *counts,
                           gr_error *err) GR_MUST_CHECK;
/* painseeker (`rule` NULL) and felinegrimace: appends the manifest. Fails: GR_INVALID, GR_NOMEM. */
gr_status gr_label_by_units(const gr_ratings *ratings, const char *rule, gr_label_counts *counts, gr_text *out,
                            gr_error *err) GR_MUST_CHECK;
/* felinegrimace with all rules side by side: image,GROUP,au_UNIT_mode...,au_UNIT_max...,au_UNIT_min...,and,or,mean,max,min,mode.
 * Fails: likewise. */
gr_status gr_label_by_rules(const gr_ratings *ratings, gr_label_counts *counts, gr_text *out, gr_error *err) GR_MUST_CHECK;
/* mean, median, majority: appends the manifest. Fails: GR_INVALID, GR_NOMEM. */
gr_status gr_label_pooled(const gr_ratings *ratings, const gr_label_options *options, gr_label_counts *counts, gr_text *out,
                          gr_error *err) GR_MUST_CHECK;

/* The table of ratings as a scheme reads it. GIVES *out (gr_ratings_free). Fails: GR_INVALID, GR_NOMEM. */
gr_status gr_label_read_ratings(const char *table, const gr_label_options *options, gr_ratings *out, gr_error *err) GR_MUST_CHECK;
/* Is it a scheme that labels by raters? Never fails. */
bool gr_label_has_raters(const char *scheme);
/* Have the ratings [begin, end) of an image one value in the group's column? Fails: GR_INVALID. */
gr_status gr_label_check_group(const gr_ratings *ratings, int64_t begin, int64_t end, gr_error *err) GR_MUST_CHECK;
/* Append the header row, with the units' columns or without, and the first cells of an image's row. Failures stick in
 * out->failed. */
void gr_label_put_header(const gr_ratings *ratings, bool units, gr_text *out);
void gr_label_put_image(const gr_ratings *ratings, const gr_rating *rating, gr_text *out);
/* The same for a column of each rule: and, or (0, 1), mean, max, min, mode (scores), and of each unit its commonest, largest and
 * smallest score. */
void gr_label_put_rules(const gr_ratings *ratings, gr_text *out);
/* Puts in the place of the manifest in `text`, which goes to `out`, its rows with the other columns that the table `path` has of
 * their image; rows that it lacks are left out, and said. Fails: GR_INVALID, GR_NOMEM. */
gr_status gr_label_join(gr_text *text, const char *out, const char *path, gr_text *notices, gr_error *err) GR_MUST_CHECK;
/* Images are spelled as in the table: says where the first is there from the table's folder on, but not from that of `out`.
 * Failures stick in notices->failed. */
void gr_label_say_place(const gr_csv *csv, int image, const char *out, gr_text *notices);

#endif
