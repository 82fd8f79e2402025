#include "run/several/task_numbers.h"

#include <math.h>

#include "formats/json.h"

void gr_task_numbers_take(const gr_task *task, const json_t *from, double values[GR_MOST_NUMBERS])
{
    for (int i = 0; task->number(i) != NULL; i++) {
        const json_t *value = json_object_get(from, task->number(i));
        values[i] = json_is_number(value) ? json_number_value(value) : NAN;
    }
}

json_t *gr_task_numbers_json(const gr_task *task, const double *values)
{
    json_t *object = json_object();
    for (int i = 0; task->number(i) != NULL; i++)
        json_object_set_new(object, task->number(i), gr_json_real(values[i]));
    return object;
}
