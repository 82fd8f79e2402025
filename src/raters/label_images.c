/* From a scheme's name to its labels; the sources of the schemes stand in grimace/label.h. */
#include <math.h>
#include <string.h>

#include "raters/label.h"

typedef enum scheme { PAINSEEKER = 0, FELINEGRIMACE, BLACKMICE, MEAN, MEDIAN, MAJORITY, SCHEMES } scheme;

static scheme scheme_of(const char *name)
{
    static const char *const names[SCHEMES] = {"painseeker", "felinegrimace", "blackmice", "mean", "median", "majority"};
    int s = 0;
    while (s < SCHEMES && strcmp(name, names[s]) != 0)
        s++;
    return (scheme)s;
}

bool gr_label_has_raters(const char *scheme)
{
    return scheme_of(scheme) != BLACKMICE && scheme_of(scheme) != SCHEMES;
}

static gr_status check_rule(const gr_label_options *o, scheme s, gr_error *err)
{
    static const char *const rules[] = {"and", "or", "mean", "max", "min", "mode", "all"};
    if (s != FELINEGRIMACE && o->rule != NULL)
        return gr_fail(err, GR_INVALID, "label: --rule is for the scheme felinegrimace only");
    for (size_t i = 0; o->rule != NULL && i < sizeof rules / sizeof *rules; i++)
        if (strcmp(o->rule, rules[i]) == 0)
            return GR_OK;
    return s != FELINEGRIMACE
               ? GR_OK
               : gr_fail(err, GR_INVALID, "label: --rule: felinegrimace needs and, or, mean, max, min, mode or all");
}

static gr_status check_scheme(const gr_label_options *o, gr_error *err)
{
    scheme s = scheme_of(o->scheme);
    if (s == SCHEMES)
        return gr_fail(err, GR_INVALID,
                       "label: --scheme: there is no \"%.80s\", painseeker, felinegrimace, blackmice, mean, median or "
                       "majority would be "
                       "right",
                       o->scheme);
    gr_status status = check_rule(o, s, err);
    if (status != GR_OK)
        return status;
    if (s == BLACKMICE && o->join != NULL)
        return gr_fail(err, GR_INVALID, "label: --join is for tables of ratings; blackmice keeps every column");
    if (s == BLACKMICE && o->group != NULL)
        return gr_fail(err, GR_INVALID, "label: --group is for tables of ratings; blackmice keeps every column");
    if (s < MEAN && (o->score != NULL || o->total != NULL || o->has_cut_off))
        return gr_fail(err, GR_INVALID,
                       "label: --score, --total and --cut-off are for the schemes mean, median and majority");
    if (o->total != NULL && strcmp(o->total, "sum") != 0 && strcmp(o->total, "mean") != 0)
        return gr_fail(err, GR_INVALID, "label: --total: there is no \"%.40s\", sum or mean would be right", o->total);
    if (o->has_cut_off && !isfinite(o->cut_off))
        return gr_fail(err, GR_INVALID, "label: --cut-off: a number is needed");
    return GR_OK;
}

gr_status gr_label_read_ratings(const char *table, const gr_label_options *o, gr_ratings *out, gr_error *err)
{
    scheme s = scheme_of(o->scheme);
    bool mean = o->total != NULL && strcmp(o->total, "mean") == 0;
    gr_ratings_spec spec = {.staged = s == PAINSEEKER,
                            .any = s >= MEAN,
                            .group = o->group,
                            .score = o->score,
                            .total = s < MEAN ? GR_TOTAL_SHARE
                                     : mean   ? GR_TOTAL_MEAN
                                              : GR_TOTAL_SUM,
                            .notices = o->notices};
    return gr_ratings_read(table, &spec, out, err);
}

gr_status gr_label_images(const char *table, const gr_label_options *o, const char *out, gr_label_counts *counts,
                          gr_error *err)
{
    gr_ratings ratings = {0};
    gr_text text = {0};
    *counts = (gr_label_counts){0};
    gr_status status = check_scheme(o, err);
    if (status == GR_OK && scheme_of(o->scheme) == BLACKMICE)
        return gr_label_by_time(table, o->notices, out, counts, err);
    if (status == GR_OK)
        status = gr_label_read_ratings(table, o, &ratings, err);
    if (status != GR_OK)
        return status;
    status = scheme_of(o->scheme) >= MEAN ? gr_label_pooled(&ratings, o, counts, &text, err)
             : o->rule != NULL && strcmp(o->rule, "all") == 0 ? gr_label_by_rules(&ratings, counts, &text, err)
                                                              : gr_label_by_units(&ratings, o->rule, counts, &text, err);
    if (status == GR_OK && o->join != NULL)
        status = gr_label_join(&text, out, o->join, o->notices, err);
    if (status == GR_OK)
        status = text.failed ? gr_fail(err, GR_NOMEM, "%s: no memory to write it", out)
                             : gr_file_write(out, text.data, text.size, err);
    if (status == GR_OK)
        gr_label_say_place(ratings.csv, ratings.image, out, o->notices);
    gr_ratings_free(&ratings);
    gr_text_free(&text);
    return status;
}
