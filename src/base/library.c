#include "base/library.h"

#include <dlfcn.h>
#include <string.h>

gr_status gr_library_find(const char *soname, const char *const *names, size_t count, void *functions, gr_error *err)
{
    void *library = dlopen(soname, RTLD_NOW | RTLD_LOCAL | RTLD_NODELETE);
    if (library == NULL)
        return gr_fail(err, GR_IO, "%s cannot be loaded, is it installed? (%s)", soname, dlerror());
    gr_status status = GR_OK;
    for (size_t i = 0; status == GR_OK && i < count; i++) {
        void *function = dlsym(library, names[i]);
        if (function == NULL)
            status = gr_fail(err, GR_IO, "%s has no %s; another version of it would be right", soname, names[i]);
        memcpy((char *)functions + i * sizeof function, &function, sizeof function);
    }
    dlclose(library); /* RTLD_NODELETE: only the count goes down */
    return status;
}
