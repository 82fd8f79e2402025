/* The table of methods: a new one is a file in this folder, which fills a record, and a line here: the record and its
 * name, which the help text lists. */
#ifndef GR_EXPLAIN_TABLE_H
#define GR_EXPLAIN_TABLE_H

/* clang-format off */
#define GR_METHODS(METHOD) \
    METHOD(gr_attention_method, "attention") \
    METHOD(gr_gradcam_method, "gradcam") \
    METHOD(gr_gradcam_plus_method, "gradcam++") \
    METHOD(gr_saliency_method, "saliency") \
    METHOD(gr_integrated_gradients_method, "integrated_gradients") \
    METHOD(gr_smoothgrad_method, "smoothgrad") \
    METHOD(gr_occlusion_method, "occlusion")
/* clang-format on */

#endif
