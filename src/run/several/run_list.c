#include "run/several/run_list.h"

bool gr_leave_alone(const gr_share *share, const char *folder, bool over)
{
    bool looks = share->joins || share->waits; /* who began them says what came of them */
    return (looks && over) || (!share->waits && share->empty(share->ctx, folder, share->place));
}

static gr_status go_through(const gr_run_list *list, const gr_share *share, gr_error *err)
{
    gr_status status = GR_OK;
    for (int i = 0; status == GR_OK && i < list->count; i++)
        if (share == NULL || !list->leave(list->ctx, i, share))
            status = list->run(list->ctx, i, share, err);
    return status;
}

gr_status gr_run_list_do(const gr_run_list *list, const gr_share *share, bool *away, gr_error *err)
{
    *away = false;
    if (share == NULL)
        return go_through(list, NULL, err);
    gr_share mine = *share;
    mine.waits = false;
    gr_status status = go_through(list, &mine, err);
    mine.waits = true;
    bool left = false;
    for (int i = 0; status == GR_OK && !left && i < list->count; i++)
        left = !list->leave(list->ctx, i, &mine);
    if (!left || share->waits)
        return left ? go_through(list, &mine, err) : status;
    *away = true;
    return status;
}
