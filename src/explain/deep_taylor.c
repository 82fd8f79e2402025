/* Deep Taylor decomposition (Montavon et al. 2017): alpha 1, beta 0 without biases in every layer, z-box in the first, so
 * that the map's sum is the logit (relevance.h says how). With --rules innvestigate or innvestigate_bounded it is the form
 * of that package, which BlackMice's figures show: it conserves nothing where there are batch norms or sums. */
#include <string.h>

#include "explain/relevance_method.h"

static gr_status open_deep_taylor(gr_subject *s, const gr_explain_options *options, int64_t batch, gr_method_at *at,
                                  void **state, gr_error *err)
{
    static const char *const forms[] = {"deep_taylor", "innvestigate", "innvestigate_bounded"};
    const char *name = options->rules != NULL ? options->rules : forms[0];
    gr_relevance_rules rules;
    bool known = false;
    (void)at;
    for (size_t i = 0; i < sizeof forms / sizeof forms[0]; i++)
        known = known || strcmp(name, forms[i]) == 0;
    if (!known)
        return gr_fail(err, GR_INVALID,
                       "--rules: deep_taylor has no rules \"%.80s\"; deep_taylor, innvestigate or "
                       "innvestigate_bounded would be right, or --method lrp",
                       name);
    gr_status status = gr_relevance_rules_parse(name, &rules, err);
    return status == GR_OK ? gr_relevance_open(s, &rules, batch, state, err) : status;
}

const gr_method gr_deep_taylor_method = {
    .name = "deep_taylor",
    .summary = "the logit, shared out among the pixels (deep Taylor decomposition)",
    .needs = GR_NEEDS_NETWORK,
    .takes = GR_TAKES_RULES,
    .is_signed = true, /* a logit below 0 has a map below 0 */
    .open = open_deep_taylor,
    .close = gr_relevance_close,
    .run = gr_relevance_run,
};
