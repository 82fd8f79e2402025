#include "data/checker.h"

#include <stdarg.h>
#include <stdio.h>

void gr_check_found(gr_checker *ck, bool error, const char *fmt, ...)
{
    char text[1500];
    va_list args;
    va_start(args, fmt);
    vsnprintf(text, sizeof text, fmt, args);
    va_end(args);
    if (ck->out->count == ck->room) {
        int64_t room = ck->room > 0 ? 2 * ck->room : 64;
        gr_finding *grown = gr_realloc(ck->findings, (size_t)room, sizeof *grown);
        if (grown == NULL) {
            ck->failed = true;
            return;
        }
        ck->findings = grown;
        ck->room = room;
    }
    const char *kept = gr_arena_strdup(ck->arena, text);
    if (kept == NULL) {
        ck->failed = true;
        return;
    }
    ck->findings[ck->out->count++] = (gr_finding){error, kept};
    ck->out->errors += error;
    ck->out->warnings += !error;
}
