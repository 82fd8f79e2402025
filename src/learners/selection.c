#include "learners/selection.h"

#include <string.h>

gr_status gr_boost_select(gr_boosting *b, const gr_recipe_select *select, gr_error *err)
{
    static const struct {
        const char *name;
        gr_status (*run)(gr_boosting *b, const gr_recipe_select *select, gr_error *err);
    } kinds[] = {{"rfe", gr_boost_rfe}, {"boruta_shap", gr_boost_boruta}};
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++)
        if (strcmp(kinds[i].name, select->method) == 0)
            return kinds[i].run(b, select, err);
    return GR_OK;
}
