#include "learners/xgboost.h"

#include <string.h>

#include "base/library.h"

#define NAME(function) #function,
static const char *const names[] = {GR_XGBOOST_FUNCTIONS(NAME)};
enum { NAMES = sizeof names / sizeof names[0] };
_Static_assert(offsetof(gr_xgboost, version) == NAMES * sizeof(void *), "the pointers stand first, without a gap");

static void say_nothing(const char *text)
{
    (void)text;
}

gr_status gr_xgboost_open(gr_xgboost *out, gr_error *err)
{
    /* What Debian 12 to sid call it, or what the link of a -dev package or of pip's package names. */
    static const char *const libraries[] = {GR_LIBXGBOOST, "libxgboost.so.0", "libxgboost.so"};
    gr_error unused = {0};
    gr_status status = GR_IO;
    for (size_t i = 0; status != GR_OK && i < sizeof libraries / sizeof libraries[0]; i++)
        status = gr_library_find(libraries[i], names, NAMES, out, &unused);
    if (status != GR_OK)
        return gr_fail(err, GR_FAILED,
                       "boosted trees need XGBoost's library, which cannot be loaded; Debian's libxgboost0 (apt install "
                       "libxgboost-dev) would be right (%.200s)",
                       unused.text);
    out->XGBoostVersion(&out->version[0], &out->version[1], &out->version[2]);
    out->XGBRegisterLogCallback(say_nothing);
    if (out->version[0] < 1 || (out->version[0] == 1 && out->version[1] < 7))
        return gr_fail(err, GR_FAILED, "XGBoost's library is version %d.%d.%d; 1.7 or later would be right", out->version[0],
                       out->version[1], out->version[2]);
    return GR_OK;
}

gr_status gr_xgboost_said(const gr_xgboost *x, int code, gr_error *err)
{
    if (code == 0)
        return GR_OK;
    const char *said = x->XGBGetLastError(), *text = strstr(said, "] ");
    text = text != NULL && said[0] == '[' ? text + 2 : said; /* behind the time of day */
    return gr_fail(err, GR_FAILED, "XGBoost: %.*s", (int)strcspn(text, "\n"), text);
}
