/* The sets of descriptors that come with grimace, as YAML. */
#ifndef GR_RUN_DESCRIPTOR_TEXTS_H
#define GR_RUN_DESCRIPTOR_TEXTS_H

typedef struct gr_descriptor_text {
    const char *name, *text;
} gr_descriptor_text;

/* By name; ends with a NULL name. */
extern const gr_descriptor_text gr_descriptor_texts[];

#endif
