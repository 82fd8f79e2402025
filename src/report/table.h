/* The table of figures: a new one is a file in this folder, which fills the record, and a line here. */
#ifndef GR_REPORT_TABLE_H
#define GR_REPORT_TABLE_H

/* clang-format off */
#define GR_FIGURES(FIGURE) \
    FIGURE(gr_learning_figure) \
    FIGURE(gr_roc_figure) \
    FIGURE(gr_pr_figure) \
    FIGURE(gr_confusion_figure) \
    FIGURE(gr_reliability_figure) \
    FIGURE(gr_coverage_figure) \
    FIGURE(gr_scores_figure) \
    FIGURE(gr_bland_altman_figure) \
    FIGURE(gr_animals_figure) \
    FIGURE(gr_time_figure) \
    FIGURE(gr_matrix_figure) \
    FIGURE(gr_sensitivity_figure) \
    FIGURE(gr_ranking_figure) \
    FIGURE(gr_landmarks_figure) \
    FIGURE(gr_landmark_units_figure) \
    FIGURE(gr_work_figure) \
    FIGURE(gr_workers_figure) \
    FIGURE(gr_attention_figure) \
    FIGURE(gr_maps_figure) \
    FIGURE(gr_shap_summary_figure) \
    FIGURE(gr_shap_beeswarm_figure) \
    FIGURE(gr_shap_waterfall_figure) \
    FIGURE(gr_pca_figure)
/* clang-format on */

#endif
