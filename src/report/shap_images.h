/* A figure of a folder that `explain` wrote, not of a run: it is in no table. */
#ifndef GR_REPORT_SHAP_IMAGES_H
#define GR_REPORT_SHAP_IMAGES_H

#include "report/figure.h"

extern const gr_figure gr_shap_images_figure;

#endif
