/* The table of trials: a new one is a file in this folder, which fills a record, and a line here. */
#ifndef GR_EXPLAIN_TRIAL_TABLE_H
#define GR_EXPLAIN_TRIAL_TABLE_H

/* clang-format off */
#define GR_TRIALS(TRIAL) \
    TRIAL(gr_deletion_trial) \
    TRIAL(gr_insertion_trial) \
    TRIAL(gr_randomised_trial) \
    TRIAL(gr_pointing_trial)
/* clang-format on */

#endif
