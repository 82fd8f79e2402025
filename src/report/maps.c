/* Heat maps of the examples that a page shows: the surest right and wrong answers and the least sure ones. */
#include <stdio.h>

#include "report/map_grid.h"

static void choose(const gr_run_files *run, gr_map_grid *grid)
{
    gr_example_choice choice = {0};
    *grid = (gr_map_grid){.method = "gradcam"};
    if (run->predicted)
        gr_examples_choose(&run->table, &choice);
    for (int kind = 0; kind < GR_EXAMPLE_KINDS; kind++) {
        gr_map_group *group = &grid->groups[grid->group_count];
        if (choice.count[kind] == 0)
            continue;
        snprintf(group->title, sizeof group->title, "%s", choice.title[kind]);
        for (int i = 0; i < choice.count[kind]; i++)
            group->row[group->count++] = choice.row[kind][i];
        grid->group_count++;
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
    choose(run, &grid);
    return gr_map_grid_can(run, &grid, why);
}

static gr_status draw(const gr_run_files *run, gr_page *page, gr_error *err)
{
    gr_map_grid grid;
    choose(run, &grid);
    return gr_map_grid_draw(run, &grid, page, err);
}

const gr_figure gr_maps_figure = {.name = "maps",
                                  .title = "Heat maps by Grad-CAM",
                                  .shows = "Grad-CAM of the surest right and wrong answers and the least sure ones",
                                  .pictures = true,
                                  .height = height,
                                  .can = can,
                                  .draw = draw};
