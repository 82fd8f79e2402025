/* The table of learners: a new one is a file in this folder, which fills the record, and a line here. */
#ifndef GR_LEARNERS_TABLE_H
#define GR_LEARNERS_TABLE_H

/* clang-format off */
#define GR_LEARNERS(LEARNER) \
    LEARNER(gr_network_learner) \
    LEARNER(gr_lbp_svm_learner) \
    LEARNER(gr_boosted_learner) \
    LEARNER(gr_cascade_learner) \
    LEARNER(gr_hog_learner)
/* clang-format on */

#endif
