/* The table of tasks: a new one is a file in this folder, which fills the record, and a line here. */
#ifndef GR_RUN_TASKS_TABLE_H
#define GR_RUN_TASKS_TABLE_H

/* clang-format off */
#define GR_TASKS(TASK) \
    TASK(gr_classes_task) \
    TASK(gr_label_classes_task) \
    TASK(gr_ordinal_task) \
    TASK(gr_scores_task) \
    TASK(gr_landmarks_task) \
    TASK(gr_boxes_task)
/* clang-format on */

#endif
