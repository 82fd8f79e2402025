#include "learners/hooks.h"

#include <stddef.h>

bool gr_hooks_stopped(const gr_hooks *hooks)
{
    return hooks->stop != NULL && *hooks->stop != 0;
}

void gr_hooks_tell(const gr_hooks *hooks, const gr_event *event)
{
    if (hooks->event != NULL)
        hooks->event(hooks->ctx, event);
}

void gr_hooks_notice(void *hooks, const char *sentence)
{
    gr_hooks_tell(hooks, &(gr_event){.kind = GR_EVENT_NOTICE, .text = sentence});
}
