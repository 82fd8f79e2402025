/* Layer-wise relevance propagation (Bach et al. 2015) by the rules that --rules names: zennit's epsilon_gamma_box where none
 * are. */
#include "explain/relevance_method.h"

static gr_status open_lrp(gr_subject *s, const gr_explain_options *options, int64_t batch, gr_method_at *at, void **state,
                          gr_error *err)
{
    gr_relevance_rules rules;
    (void)at;
    gr_status status = gr_relevance_rules_parse(options->rules != NULL ? options->rules : "epsilon_gamma_box", &rules, err);
    if (status == GR_OK && options->epsilon > 0.0 && !gr_relevance_rules_set_epsilon(&rules, options->epsilon))
        status =
            gr_fail(err, GR_INVALID, "--epsilon: the rules %s have no epsilon; epsilon or epsilon_gamma_box would be right",
                    options->rules);
    else if (status != GR_OK)
        gr_error_prefix(err, "--rules");
    return status == GR_OK ? gr_relevance_open(s, &rules, batch, state, err) : status;
}

const gr_method gr_lrp_method = {
    .name = "lrp",
    .summary = "the answer, shared out among the pixels by rules that are named (layer-wise relevance propagation)",
    .needs = GR_NEEDS_NETWORK,
    .takes = GR_TAKES_RULES | GR_TAKES_EPSILON,
    .is_signed = true,
    .open = open_lrp,
    .close = gr_relevance_close,
    .run = gr_relevance_run,
};
