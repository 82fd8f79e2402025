/* Rules of the optimiser, the schedule and what is kept. */
#ifndef GR_CONFIG_CHECK_TRAINING_H
#define GR_CONFIG_CHECK_TRAINING_H

#include "config/config.h"

extern const gr_config_rule gr_training_rules[];
extern const int gr_training_rule_count;

#endif
