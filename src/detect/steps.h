/* A chain of detectors as its file says it: parts, steps in their order, the rules of each. */
#ifndef GR_DETECT_STEPS_H
#define GR_DETECT_STEPS_H

#include "base/memory.h"
#include "detect/table.h"

enum { GR_CHAIN_ROLES = 4, GR_CHAIN_BOXES = 16 }; /* boxes of a part that are tried, those of the highest score */

typedef struct gr_chain_part {
    const char *name;
    const gr_detector *kind;
    const char *path;
    void *state;
} gr_chain_part;

/* What must hold between two roles, of numbers in [low, high]. */
typedef struct gr_chain_rule {
    bool (*holds)(const gr_found *a, const gr_found *b, double low, double high);
    int first, second; /* roles */
    double low, high;
} gr_chain_rule;

typedef struct gr_chain_step {
    const char *label; /* what its boxes are said to be found by */
    int role_count;    /* 0: the boxes of part_of[0] are faces */
    const char *roles[GR_CHAIN_ROLES];
    int part_of[GR_CHAIN_ROLES];
    const gr_chain_rule *rules;
    int rule_count;
    int shift_from, shift_to; /* roles: the square is moved by `shift` times the way from the one's middle to the other's */
    double shift;
    double face; /* the side of the face's square in the longer side of what the parts take up */
} gr_chain_step;

typedef struct gr_chain {
    gr_arena *arena;
    gr_chain_part *parts;
    int part_count;
    gr_chain_step *steps;
    int step_count;
} gr_chain;

/* Reads a chain and opens its parts; gives *out (gr_chain_close). `name` begins the labels. Fails: GR_INVALID ("FILE:LINE:
 * ..."), GR_NOMEM. */
gr_status gr_chain_open(const char *path, const char *name, const gr_detect_options *options, gr_chain **out,
                        gr_error *err) GR_MUST_CHECK;
void gr_chain_close(gr_chain *chain);

/* The rule of that name; *numbers is how many it has behind its two roles: 0 (none), 1 (the most), 2 (least and most). NULL:
 * there is none. Never fails. */
typedef bool gr_chain_holds(const gr_found *a, const gr_found *b, double low, double high);
gr_chain_holds *gr_chain_rule_named(const char *name, int *numbers);
/* Their names, for sentences. Never fails. */
const char *gr_chain_rule_names(void);

#endif
