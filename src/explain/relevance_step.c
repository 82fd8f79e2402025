#include "explain/relevance_step.h"

const gr_relevance_rule *gr_relevance_rule_of(const gr_relevance_step *step)
{
    const gr_relevance_rules *rules = step->rules;
    return step->first ? &rules->first : step->call.in[0].shape.rank == 2 ? &rules->dense : &rules->convolution;
}

int64_t gr_relevance_elements(const gr_operand *operand)
{
    return gr_shape_elements(&operand->shape);
}
