/* A run, or what else has predictions or results, opened for a page. */
#ifndef GR_REPORT_PAGE_RUN_H
#define GR_REPORT_PAGE_RUN_H

#include "report/run_files.h"

/* What rows are grouped by, as one says it: "animal", "animals". */
typedef struct gr_noun {
    const char *one, *many;
} gr_noun;

typedef struct gr_page_run {
    gr_run_files files;      /* what is not there is NULL */
    const gr_config *config; /* that of the run; NULL: there is none */
    /* As statistics.json, where there are predictions with intervals by groups: the jackknife's, else a bootstrap that draws
     * groups, or images where there are no groups; of landmarks results.json. NULL: of a sweep. */
    json_t *numbers;
    json_t *sweep;     /* sweep.json; NULL: it is none */
    const char *name;  /* the config's, else the path's last word */
    const char *group; /* the column of groups; NULL: none */
    gr_noun noun;
    int64_t group_count; /* among the predictions; 0: not known */
    gr_arena *arena;
} gr_page_run;

/* Opens a run's folder, one that `grimace stats` wrote, that of a sweep or study, or a table of predictions. *out GIVES
 * (gr_page_run_close). Fails: GR_INVALID (nothing of that kind; a run that is not finished; its predictions are gone or
 * damaged), GR_NOMEM. */
gr_status gr_page_run_open(const char *path, gr_page_run *out, gr_error *err) GR_MUST_CHECK;
void gr_page_run_close(gr_page_run *run);

/* The word of `noun` that goes with a number. Never fails. */
const char *gr_noun_for(gr_noun noun, int64_t count);

/* Parts of JSON; none fails: what is not there is NULL or NaN. `path` has points between keys. */
const json_t *gr_page_at(const json_t *json, const char *path);
double gr_page_number(const json_t *json, const char *path);
const char *gr_page_text(const json_t *json, const char *path);
/* The same without what is behind the point; 0 where it is not there. */
long long gr_page_whole(const json_t *json, const char *path);
/* An end, 0 or 1, of the interval [low, high] at `path`. */
double gr_page_end(const json_t *json, const char *path, int end);
/* What the intervals beside the numbers of `pooled` are: "jackknife" (of groups), "bootstrap"; NULL: there are none. */
const char *gr_page_method(const json_t *pooled);
/* An end of the interval of the number `key`: the jackknife's, or the bootstrap's of what has none. */
double gr_page_interval(const json_t *pooled, const char *key, int end);

#endif
