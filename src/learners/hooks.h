/* Telling events and obeying the wish to stop. */
#ifndef GR_LEARNERS_HOOKS_H
#define GR_LEARNERS_HOOKS_H

#include <stdbool.h>

#include "grimace/events.h"

/* Is the work to stop? Never fails. */
bool gr_hooks_stopped(const gr_hooks *hooks);
/* Hands `event` to whoever listens. Never fails. */
void gr_hooks_tell(const gr_hooks *hooks, const gr_event *event);
/* Tells one sentence; `hooks` is a gr_hooks, for functions that take a `notice`. Never fails. */
void gr_hooks_notice(void *hooks, const char *sentence);

#endif
