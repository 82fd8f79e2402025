/* The checks across keys, as rules. */
#ifndef GR_CONFIG_CHECK_H
#define GR_CONFIG_CHECK_H

#include "config/config.h"
#include "config/errors.h"

/* Notes in `errors` what the rules of this room, then rules[count], find wrong with `config`. A rule that reads a key that was
 * refused, by itself or by a rule before, is passed over: what it would say of it is not what is wrong. Fails: GR_NOMEM. */
gr_status gr_config_check(const gr_config *config, const gr_config_rule *rules, int count, gr_config_errors *errors,
                          gr_error *err) GR_MUST_CHECK;

#endif
