/* Plans that take little memory. */
#ifndef GR_GRAPH_LOW_H
#define GR_GRAPH_LOW_H

#include "graph/plan_private.h"

/* Chooses which outputs are given back after forward and computed a second time in backward, so that most memory alive at one
 * time is least. What is made again must have been chosen once, and calls must have their shapes. Fails: GR_NOMEM. */
gr_status gr_plan_choose_redone(gr_plan *plan, gr_error *err) GR_MUST_CHECK;

#endif
