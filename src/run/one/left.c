/* The share of all parts that this process has done, over the time it took. */
#include "run/one/left.h"

gr_status gr_left_open(int count, gr_left *out, gr_error *err)
{
    *out = (gr_left){.count = count, .start = gr_seconds()};
    out->done = gr_alloc(2 * (size_t)count, sizeof *out->done);
    if (out->done == NULL)
        return gr_fail(err, GR_NOMEM, "no memory for %d parts of the work", count);
    out->before = out->done + count;
    return GR_OK;
}

void gr_left_close(gr_left *left)
{
    gr_free(left->done);
    *left = (gr_left){0};
}

double gr_left_of_fold(const gr_event *event)
{
    double epochs = event->epochs > 0 ? event->epochs : 1, steps = event->steps > 0 ? (double)event->steps : 1;
    return event->kind == GR_EVENT_STEP   ? (event->epoch + (double)event->step / steps) / epochs
           : event->kind == GR_EVENT_FOLD ? 1
                                          : event->epoch / epochs;
}

double gr_left_of_run(const gr_event *event)
{
    return event->folds > 0 ? (event->fold + gr_left_of_fold(event)) / event->folds : 0;
}

double gr_left_seconds(gr_left *left, int index, double share, const gr_event *event)
{
    if (event->kind == GR_EVENT_CHECKING || event->fold_name == NULL)
        return -1;
    double *done = &left->done[index];
    if (event->text != NULL && event->kind != GR_EVENT_TRAINED) /* was finished, or goes on, where it was stopped */
        left->before[index] = share;
    *done = share > *done ? share : *done;
    double all = 0, before = 0, seconds = gr_seconds() - left->start;
    for (int i = 0; i < left->count; i++) {
        all += left->done[i];
        before += left->before[i];
    }
    return all > before && seconds > 1 ? seconds * (left->count - all) / (all - before) : -1;
}
