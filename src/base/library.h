/* Libraries that are loaded when they are needed first. What few runs need would otherwise cost every start of the program:
 * libtiff, with the libraries that it brings, takes as long to load as a seventh of all others. */
#ifndef GR_BASE_LIBRARY_H
#define GR_BASE_LIBRARY_H

#include "base/base.h"

/* Writes the addresses of the functions names[count] of the shared library `soname` to functions[count], an array of pointers to
 * functions. The library stays loaded. Fails: GR_IO (it is not there, or lacks one of them). */
gr_status gr_library_find(const char *soname, const char *const *names, size_t count, void *functions,
                          gr_error *err) GR_MUST_CHECK;

#endif
