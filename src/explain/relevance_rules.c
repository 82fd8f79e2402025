#include "explain/relevance_rules.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* zennit's stabilizer. */
static const double STABILIZER = 1e-6;

static gr_relevance_part part(gr_view view, double plus, double minus, bool bias)
{
    return (gr_relevance_part){view, GR_WEIGHTS_SIGNED, plus, minus, bias};
}

/* ---- rules of layers with weights
 * ------------------------------------------------------------------------------------------------ */

/* z = x w + b */
static gr_relevance_rule make_epsilon(const double *numbers)
{
    gr_relevance_set set = {.parts = {part(GR_VIEW_X, 1.0, 1.0, true)}, .count = 1, .factor = 1.0, .from_output = true};
    return (gr_relevance_rule){{set}, 1, GR_DIVIDE_STABILIZED, numbers[0]};
}

/* w + gamma max(w, 0) for outputs above 0, w + gamma min(w, 0) below, turned round where x is below 0 (Andeol et al. 2021).
 */
static gr_relevance_rule make_gamma(const double *numbers)
{
    double more = 1.0 + numbers[0];
    gr_relevance_set above = {
        {part(GR_VIEW_POSITIVE, more, 1.0, true), part(GR_VIEW_NEGATIVE, 1.0, more, false)}, 2, 1.0, GR_SIDE_ABOVE, false};
    gr_relevance_set below = {
        {part(GR_VIEW_POSITIVE, 1.0, more, true), part(GR_VIEW_NEGATIVE, more, 1.0, false)}, 2, 1.0, GR_SIDE_BELOW, false};
    return (gr_relevance_rule){{above, below}, 2, GR_DIVIDE_STABILIZED, STABILIZER};
}

/* alpha times the contributions above 0 less beta times those below. */
static gr_relevance_rule alpha_beta(double alpha, double beta, bool bias, gr_division division)
{
    gr_relevance_set for_it = {
        {part(GR_VIEW_POSITIVE, 1.0, 0.0, bias), part(GR_VIEW_NEGATIVE, 0.0, 1.0, false)}, 2, alpha, GR_SIDE_ALL, false};
    gr_relevance_set against = {
        {part(GR_VIEW_POSITIVE, 0.0, 1.0, bias), part(GR_VIEW_NEGATIVE, 1.0, 0.0, false)}, 2, -beta, GR_SIDE_ALL, false};
    return (gr_relevance_rule){{for_it, against}, beta > 0.0 ? 2 : 1, division, STABILIZER};
}

static gr_relevance_rule make_alpha_beta(const double *numbers)
{
    return alpha_beta(numbers[0], numbers[1], true, GR_DIVIDE_STABILIZED);
}

/* z-box: x w - low max(w, 0) - high min(w, 0) = (x - low) max(w, 0) + (x - high) min(w, 0), which has no term below 0. */
static gr_relevance_rule box(gr_division division)
{
    gr_relevance_set set = {
        {part(GR_VIEW_ABOVE_LOW, 1.0, 0.0, false), part(GR_VIEW_BELOW_HIGH, 0.0, 1.0, false)}, 2, 1.0, GR_SIDE_ALL, false};
    return (gr_relevance_rule){{set}, 1, division, STABILIZER};
}

static gr_relevance_rule blind(gr_weighting weighting, bool bias)
{
    gr_relevance_set set = {.parts = {{GR_VIEW_ONE, weighting, 1.0, 1.0, bias}}, .count = 1, .factor = 1.0};
    return (gr_relevance_rule){{set}, 1, GR_DIVIDE_STABILIZED, STABILIZER};
}

static gr_relevance_rule make_flat(const double *numbers)
{
    (void)numbers;
    return blind(GR_WEIGHTS_ONE, false);
}

static gr_relevance_rule make_square(const double *numbers)
{
    (void)numbers;
    return blind(GR_WEIGHTS_SQUARE, true);
}

/* ---- rules of networks
 * ------------------------------------------------------------------------------------------------------------ */

static gr_relevance_rules same(gr_relevance_rule rule)
{
    return (gr_relevance_rules){.first = rule,
                                .convolution = rule,
                                .dense = rule,
                                .fold_norm = true,
                                .division = GR_DIVIDE_STABILIZED,
                                .eps = STABILIZER};
}

gr_relevance_rules gr_relevance_deep_taylor(void)
{
    gr_relevance_rules rules = same(alpha_beta(1.0, 0.0, false, GR_DIVIDE_CONSERVING));
    rules.first = box(GR_DIVIDE_CONSERVING);
    rules.bounded = true;
    rules.division = GR_DIVIDE_CONSERVING;
    return rules;
}

static gr_relevance_rules make_deep_taylor(const double *numbers)
{
    (void)numbers;
    return gr_relevance_deep_taylor();
}

static gr_relevance_rules all_epsilon(const double *numbers)
{
    return same(make_epsilon(numbers));
}

static gr_relevance_rules all_gamma(const double *numbers)
{
    return same(make_gamma(numbers));
}

static gr_relevance_rules all_alpha_beta(const double *numbers)
{
    return same(make_alpha_beta(numbers));
}

static gr_relevance_rules all_flat(const double *numbers)
{
    return same(make_flat(numbers));
}

static gr_relevance_rules all_square(const double *numbers)
{
    return same(make_square(numbers));
}

/* zennit's composites: the epsilon rule in dense layers, another in convolutions, sums and pools by share. */
static gr_relevance_rules over_epsilon(gr_relevance_rule convolution)
{
    gr_relevance_rules rules = same(convolution);
    rules.dense = make_epsilon(&STABILIZER);
    return rules;
}

static gr_relevance_rules make_epsilon_gamma_box(const double *numbers)
{
    gr_relevance_rules rules = over_epsilon(make_gamma(numbers));
    rules.first = box(GR_DIVIDE_STABILIZED);
    rules.bounded = true;
    return rules;
}

static gr_relevance_rules make_epsilon_plus(const double *numbers)
{
    (void)numbers;
    return over_epsilon(alpha_beta(1.0, 0.0, true, GR_DIVIDE_STABILIZED));
}

static gr_relevance_rules make_epsilon_alpha_beta(const double *numbers)
{
    (void)numbers;
    return over_epsilon(alpha_beta(2.0, 1.0, true, GR_DIVIDE_STABILIZED));
}

static gr_relevance_rules make_epsilon_plus_flat(const double *numbers)
{
    gr_relevance_rules rules = make_epsilon_plus(numbers);
    rules.first = make_flat(numbers);
    return rules;
}

static gr_relevance_rules make_epsilon_alpha_beta_flat(const double *numbers)
{
    gr_relevance_rules rules = make_epsilon_alpha_beta(numbers);
    rules.first = make_flat(numbers);
    return rules;
}

static gr_relevance_rules make_innvestigate(const double *numbers)
{
    (void)numbers;
    gr_relevance_rules rules = same(alpha_beta(1.0, 0.0, false, GR_DIVIDE_SAFE));
    rules.fold_norm = false;
    rules.plain = rules.start_above_0 = true;
    rules.division = GR_DIVIDE_SAFE;
    return rules;
}

static gr_relevance_rules make_innvestigate_bounded(const double *numbers)
{
    gr_relevance_rules rules = make_innvestigate(numbers);
    rules.first = box(GR_DIVIDE_SAFE);
    rules.bounded = true;
    return rules;
}

typedef struct named_rules {
    const char *name;
    gr_relevance_rules (*make)(const double *numbers);
    int numbers; /* how many may stand behind the name */
    double standard[2];
} named_rules;

static const named_rules table[] = {
    {"deep_taylor", make_deep_taylor, 0, {0}},
    {"epsilon", all_epsilon, 1, {1e-6}},
    {"gamma", all_gamma, 1, {0.25}},
    {"alpha_beta", all_alpha_beta, 2, {2.0, 1.0}},
    {"epsilon_gamma_box", make_epsilon_gamma_box, 1, {0.25}},
    {"epsilon_plus", make_epsilon_plus, 0, {0}},
    {"epsilon_plus_flat", make_epsilon_plus_flat, 0, {0}},
    {"epsilon_alpha2_beta1", make_epsilon_alpha_beta, 0, {0}},
    {"epsilon_alpha2_beta1_flat", make_epsilon_alpha_beta_flat, 0, {0}},
    {"flat", all_flat, 0, {0}},
    {"w2", all_square, 0, {0}},
    {"innvestigate", make_innvestigate, 0, {0}},
    {"innvestigate_bounded", make_innvestigate_bounded, 0, {0}},
};
enum { NAMED = sizeof table / sizeof table[0] };

const char *gr_relevance_rules_name(int i)
{
    return i < NAMED ? table[i].name : NULL;
}

/* ---- from text
 * --------------------------------------------------------------------------------------------------------------------- */

static gr_status unknown(const char *text, size_t length, gr_error *err)
{
    const char *names[NAMED];
    gr_text all = {0}, word = {0};
    for (int i = 0; i < NAMED; i++) {
        names[i] = table[i].name;
        gr_text_printf(&all, "%s%s", i > 0 ? ", " : "", names[i]);
    }
    gr_text_printf(&word, "%.*s", (int)length, text);
    const char *near = word.failed ? NULL : gr_nearest(word.data, names, NAMED);
    gr_status status = gr_fail(err, GR_INVALID, "unknown rules '%s'; %s%s%sthere are: %s", word.failed ? "" : word.data,
                               near != NULL ? "did you mean '" : "", near != NULL ? near : "", near != NULL ? "'? " : "",
                               all.failed ? "" : all.data);
    gr_text_free(&all);
    gr_text_free(&word);
    return status;
}

static gr_status read_numbers(const named_rules *named, const char *text, double *numbers, gr_error *err)
{
    int count = 0;
    for (const char *at = text; at != NULL;) {
        char *end;
        double value = strtod(at, &end);
        bool good = end != at && (*end == '\0' || *end == ',') && isfinite(value) && value >= 0.0;
        if (!good || count >= named->numbers)
            return gr_fail(err, GR_INVALID, "'%s' are not the numbers of the rules %s; %s would be right", text, named->name,
                           named->numbers == 2   ? "two numbers as 2,1"
                           : named->numbers == 1 ? "one number of at least 0"
                                                 : "none");
        numbers[count++] = value;
        at = *end == ',' ? end + 1 : NULL;
    }
    if (named->numbers == 2 && (count == 1 || fabs(numbers[0] - numbers[1] - 1.0) > 1e-9))
        return gr_fail(err, GR_INVALID, "alpha %g and beta %g; beta must be alpha - 1, as in 2,1 or 1,0", numbers[0],
                       count == 1 ? 0.0 : numbers[1]);
    return GR_OK;
}

gr_status gr_relevance_rules_parse(const char *text, gr_relevance_rules *rules, gr_error *err)
{
    size_t length = strcspn(text, ":");
    const named_rules *named = table;
    while (named < table + NAMED && (strlen(named->name) != length || strncmp(named->name, text, length) != 0))
        named++;
    if (named == table + NAMED)
        return unknown(text, length, err);
    double numbers[2] = {named->standard[0], named->standard[1]};
    if (text[length] == ':') {
        gr_status status = read_numbers(named, text + length + 1, numbers, err);
        if (status != GR_OK)
            return status;
    }
    *rules = named->make(numbers);
    return GR_OK;
}

bool gr_relevance_rules_set_epsilon(gr_relevance_rules *rules, double epsilon)
{
    gr_relevance_rule *const all[] = {&rules->first, &rules->convolution, &rules->dense};
    bool any = false;
    for (int i = 0; i < 3; i++)
        if (all[i]->sets[0].from_output) {
            all[i]->eps = epsilon;
            any = true;
        }
    return any;
}
