/* The methods by name, and which of them a model can have. */
#include <string.h>

#include "explain/method.h"

#define ADDRESS(method, name) &method,
static const gr_method *const methods[] = {GR_METHODS(ADDRESS)};
enum { METHODS = sizeof methods / sizeof methods[0] };

const gr_method *gr_method_find(const char *name)
{
    for (size_t i = 0; i < METHODS; i++)
        if (strcmp(methods[i]->name, name) == 0)
            return methods[i];
    return NULL;
}

const char *gr_explain_method_name(int i)
{
    return i >= 0 && i < (int)METHODS ? methods[i]->name : NULL;
}

const char *gr_explain_method_summary(int i)
{
    return i >= 0 && i < (int)METHODS ? methods[i]->summary : NULL;
}

static bool can(gr_method_needs needs, const gr_subject *subject)
{
    const gr_model *model = subject->network.model;
    return needs == GR_NEEDS_ANSWERS || (model != NULL && (needs == GR_NEEDS_NETWORK || model->beta != NULL));
}

gr_status gr_method_check(const gr_method *method, const gr_subject *subject, gr_error *err)
{
    const char *names[METHODS];
    size_t count = 0;
    if (can(method->needs, subject))
        return GR_OK;
    for (size_t i = 0; i < METHODS; i++)
        if (can(methods[i]->needs, subject))
            names[count++] = methods[i]->name;
    gr_text list = {0};
    gr_text_list(&list, names, count, "or");
    gr_status status =
        gr_fail(err, GR_INVALID, "--method: %s needs %s, which the model has not; %s would be right", method->name,
                method->needs == GR_NEEDS_ATTENTION ? "the head painseeker's attention" : "a network's gradients",
                list.data != NULL ? list.data : "none");
    gr_text_free(&list);
    return status;
}

gr_status gr_method_check_options(const gr_method *const *chosen, int count, const gr_explain_options *o, gr_error *err)
{
    const struct {
        unsigned bit;
        const char *name;
        bool set;
    } options[] = {{GR_TAKES_LAYER, "--layer", o->layer != NULL},
                   {GR_TAKES_STEPS, "--steps", o->steps != 0},
                   {GR_TAKES_BASELINE, "--baseline", o->baseline != NULL},
                   {GR_TAKES_SAMPLES, "--samples", o->samples != 0},
                   {GR_TAKES_NOISE, "--noise", o->noise != 0},
                   {GR_TAKES_SEED, "--seed", o->seed != 0},
                   {GR_TAKES_RULES, "--rules", o->rules != NULL},
                   {GR_TAKES_EPSILON, "--epsilon", o->epsilon != 0}};
    for (size_t i = 0; i < sizeof options / sizeof options[0]; i++) {
        const char *names[METHODS];
        size_t takers = 0;
        bool taken = !options[i].set;
        for (int m = 0; m < count; m++)
            taken = taken || (chosen[m]->takes & options[i].bit) != 0;
        for (size_t m = 0; m < METHODS; m++)
            if ((methods[m]->takes & options[i].bit) != 0)
                names[takers++] = methods[m]->name;
        if (taken)
            continue;
        gr_text list = {0};
        gr_text_list(&list, names, takers, "and");
        gr_status status = gr_fail(err, GR_INVALID, "%s: %s has no such option, which is of %s", options[i].name,
                                   chosen[0]->name, list.data != NULL ? list.data : "none");
        gr_text_free(&list);
        return status;
    }
    return GR_OK;
}
