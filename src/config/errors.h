/* What is wrong with a config, all of it: sentences in the order of the file's lines, then in that of the overrides. */
#ifndef GR_CONFIG_ERRORS_H
#define GR_CONFIG_ERRORS_H

#include "base/base.h"

enum { GR_CONFIG_MOST_ERRORS = 100 }; /* behind so many nobody reads on */

typedef struct gr_config_errors {
    int count;
    struct {
        int layer, line; /* 0: the file; else the number of the override */
        const char *text;
    } items[GR_CONFIG_MOST_ERRORS];
} gr_config_errors;

/* Notes a sentence (copied into `arena`) unless it is there already, or the list is full. One that begins with "FILE:LINE: " stands
 * where that line does, any other where override number `layer` does. false: memory is short. */
bool gr_config_errors_add(gr_config_errors *errors, gr_arena *arena, const char *file, int layer, const char *text);
bool gr_config_errors_full(const gr_config_errors *errors);

#endif
