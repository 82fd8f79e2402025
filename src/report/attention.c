/* PainSeeker's attention (Liu et al. 2025, their figure of attention maps): of each class the pictures whose right, and
 * whose wrong, answers are the surest. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "report/map_grid.h"

enum { MOST_CLASSES = GR_MAP_GROUPS / 2 };

static bool is_taken(const gr_map_group *group, int64_t row)
{
    for (int i = 0; i < group->count; i++)
        if (group->row[i] == row)
            return true;
    return false;
}

/* The surest rows of a class that are right, or wrong; the earlier first among equals. */
static void take(const gr_prediction_table *t, int class, bool right, gr_map_group *group)
{
    const gr_predictions *p = &t->predictions;
    while (group->count < GR_EXAMPLES_EACH) {
        int64_t best = -1;
        double most = -INFINITY;
        for (int64_t row = 0; row < t->count; row++) {
            bool fits = p->labels[row] == class && (p->predicted[row] == class) == right && !is_taken(group, row);
            double sure = fits ? gr_example_certainty(t, row) : NAN;
            if (sure > most) {
                best = row;
                most = sure;
            }
        }
        if (best < 0)
            return;
        group->row[group->count++] = best;
    }
}

static void choose(const gr_run_files *run, gr_map_grid *grid)
{
    const gr_prediction_table *t = &run->table;
    *grid = (gr_map_grid){.method = "attention"};
    if (!run->predicted || t->kind != GR_TABLE_CLASSES || t->predictions.labels == NULL)
        return;
    int count = 0;
    const char *const *classes = gr_predictions_classes(t, &count);
    for (int k = 0; k < count && k < MOST_CLASSES; k++)
        for (int right = 1; right >= 0; right--) {
            gr_map_group *group = &grid->groups[grid->group_count];
            take(t, k, right == 1, group);
            snprintf(group->title, sizeof group->title, "class %.60s, %s", classes[k], right == 1 ? "right" : "wrong");
            grid->group_count += group->count > 0;
        }
}

static double height(const gr_run_files *run, double width)
{
    gr_map_grid grid;
    choose(run, &grid);
    return gr_map_grid_height(&grid, width);
}

static bool can(const gr_run_files *run, gr_text *why)
{
    gr_map_grid grid;
    if (!gr_run_has_classes(run, why))
        return false;
    if (!run->table_alone && strcmp(run->config->model.head, "painseeker") != 0) {
        gr_text_printf(why, "the run's head has no attention (model.head is %s, not painseeker)", run->config->model.head);
        return false;
    }
    choose(run, &grid);
    return gr_map_grid_can(run, &grid, why);
}

static gr_status draw(const gr_run_files *run, gr_page *page, gr_error *err)
{
    gr_map_grid grid;
    choose(run, &grid);
    return gr_map_grid_draw(run, &grid, page, err);
}

const gr_figure gr_attention_figure = {.name = "attention",
                                       .title = "Attention of PainSeeker",
                                       .shows =
                                           "PainSeeker's attention over the surest right and wrong answers of each class",
                                       .pictures = true,
                                       .height = height,
                                       .can = can,
                                       .draw = draw};
