/* The list of update rules: one line each. */
#ifndef GR_OPTIM_TABLE_H
#define GR_OPTIM_TABLE_H

#include "optim/rule.h"

#define GR_OPTIM_RULES(RULE) RULE(sgd) RULE(adam) RULE(adamw) RULE(nadam) RULE(adamax) RULE(adagrad) RULE(rmsprop)

#define GR_DECLARE_RULE(name) extern const gr_optim_rule gr_optim_##name;
GR_OPTIM_RULES(GR_DECLARE_RULE)
#undef GR_DECLARE_RULE

#endif
