/* What the numbers of a sweep are called. */
#include "grimace/sweep.h"
#include "run/tasks/task.h"

const char *gr_sweep_number(const gr_sweep_results *r, int i)
{
    return gr_task_find(r->task, r->several)->number(i);
}
