/* The numbers of a task as results.json holds them. */
#ifndef GR_RUN_TASK_NUMBERS_H
#define GR_RUN_TASK_NUMBERS_H

#include <jansson.h>

#include "grimace/sweep.h"
#include "run/tasks/task.h"

/* Takes each number that `task` names out of the object `from` (NULL: there is none); NaN where it has none. Never fails. */
void gr_task_numbers_take(const gr_task *task, const json_t *from, double values[GR_MOST_NUMBERS]);
/* {name: value, ...}; GIVES, NULL when memory is short. */
json_t *gr_task_numbers_json(const gr_task *task, const double *values) GR_MUST_CHECK;

#endif
