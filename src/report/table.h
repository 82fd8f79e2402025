/* The table of figures: a new one is a file in this folder, which fills the record, and a line here. */
#ifndef GR_REPORT_TABLE_H
#define GR_REPORT_TABLE_H

/* clang-format off */
#define GR_FIGURES(FIGURE) \
    FIGURE(gr_learning_figure)
/* clang-format on */

#endif
