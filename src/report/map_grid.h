/* Examples with heat maps as a grid: what the figures attention and maps share. */
#ifndef GR_REPORT_MAP_GRID_H
#define GR_REPORT_MAP_GRID_H

#include "report/example_choice.h"
#include "report/figure.h"

enum { GR_MAP_GROUPS = 16 };

/* Examples below one title. */
typedef struct gr_map_group {
    char title[120];
    int count;
    int64_t row[GR_EXAMPLES_EACH]; /* of the run's table */
} gr_map_group;

typedef struct gr_map_grid {
    const char *method;
    int group_count;
    gr_map_group groups[GR_MAP_GROUPS]; /* those without examples are left out */
} gr_map_grid;

/* Has the run a network's predictions, models and pictures still? Where not, appends the reason to `why`. */
bool gr_map_grid_can(const gr_run_files *run, const gr_map_grid *grid, gr_text *why);
/* How high it is when it is `width` mm wide. Never fails. */
double gr_map_grid_height(const gr_map_grid *grid, double width);
/* Explains the examples, each by the fold that tested it, and draws them with one scale for all, with its numbers. Fails:
 * GR_INVALID, GR_NOMEM, GR_IO. */
gr_status gr_map_grid_draw(const gr_run_files *run, const gr_map_grid *grid, gr_page *page, gr_error *err) GR_MUST_CHECK;

#endif
