/* The table of methods: a new one is a file in this folder, which fills gr_NAME_method, and a line here. */
#ifndef GR_EXPLAIN_TABLE_H
#define GR_EXPLAIN_TABLE_H

/* clang-format off */
#define GR_METHODS(METHOD) \
    METHOD(gr_attention_method) \
    METHOD(gr_gradcam_method) \
    METHOD(gr_gradcam_plus_method) \
    METHOD(gr_saliency_method) \
    METHOD(gr_integrated_gradients_method) \
    METHOD(gr_smoothgrad_method) \
    METHOD(gr_occlusion_method)
/* clang-format on */

#endif
