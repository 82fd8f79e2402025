/* How faces are to lie in a square: by a rule, or as a template does. Plain numbers. */
#ifndef GR_GEOMETRY_UPRIGHT_H
#define GR_GEOMETRY_UPRIGHT_H

#include "grimace/alignment.h"

typedef struct gr_align_rule {
    bool is_template;
    gr_alignment by; /* of a rule */
    const float
        *shape;    /* of a template: [landmarks, 2], in pixels of the square; NaN: the landmark does not count. BORROWED */
    int landmarks; /* of a template */
} gr_align_rule;

/* A rule with the square that faces are brought to. */
typedef struct gr_upright {
    gr_align_rule rule;
    int size;      /* pixels of a side */
    double margin; /* around the frame of a rule, as a share of its longer side */
} gr_upright;

/* Does the rule look at landmark `i`, from 0 on? Never fails. */
bool gr_align_rule_uses(const gr_align_rule *rule, int i);
/* The highest number of a landmark that it looks at, plus 1. Never fails. */
int gr_align_rule_needs(const gr_align_rule *rule);
/* m[6] as gr_alignment_fit, for face[n, 2] with n at least gr_align_rule_needs. false: the known landmarks do not tell. */
bool gr_upright_fit(const gr_upright *upright, const float *face, double m[6]);

#endif
