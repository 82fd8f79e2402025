#include "geometry/upright.h"

#include <math.h>

static bool among(const int *list, int count, int i)
{
    for (int k = 0; k < count; k++)
        if (list[k] == i)
            return true;
    return false;
}

bool gr_align_rule_uses(const gr_align_rule *rule, int i)
{
    const gr_alignment *a = &rule->by;
    if (rule->is_template)
        return i < rule->landmarks && isfinite(rule->shape[2 * i]);
    return among(a->left, a->left_count, i) || among(a->right, a->right_count, i) || among(a->frame, a->frame_count, i);
}

static int most(const int *list, int count, int so_far)
{
    for (int k = 0; k < count; k++)
        so_far = list[k] > so_far ? list[k] : so_far;
    return so_far;
}

int gr_align_rule_needs(const gr_align_rule *rule)
{
    const gr_alignment *a = &rule->by;
    if (rule->is_template)
        return rule->landmarks;
    return 1 + most(a->left, a->left_count, most(a->right, a->right_count, most(a->frame, a->frame_count, -1)));
}

bool gr_upright_fit(const gr_upright *upright, const float *face, double m[6])
{
    const gr_align_rule *rule = &upright->rule;
    return rule->is_template ? gr_similarity_fit(face, rule->shape, rule->landmarks, m)
                             : gr_alignment_fit(&rule->by, face, upright->margin, upright->size, m);
}
