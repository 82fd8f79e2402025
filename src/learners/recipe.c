#include "grimace/recipe.h"

#include <stdarg.h>
#include <stdio.h>

gr_status gr_recipe_fail(const gr_recipe *recipe, const char *key, gr_error *err, const char *fmt, ...)
{
    char text[768];
    va_list args;
    va_start(args, fmt);
    vsnprintf(text, sizeof text, fmt, args);
    va_end(args);
    return gr_fail(err, GR_INVALID, "%s: %s: %s", recipe->where(recipe->source, key), key, text);
}

gr_status gr_recipe_blame(const gr_recipe *recipe, const char *key, gr_status status, gr_error *err)
{
    if (status == GR_INVALID)
        gr_error_prefix(err, "%s: %s", recipe->where(recipe->source, key), key);
    return status;
}
