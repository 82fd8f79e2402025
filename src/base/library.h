/* Libraries that are loaded when they are needed first, as what few runs need would cost every start of the program: libtiff, with
 * the libraries that it brings, takes a seventh of the time of all others. Who needs one lists its functions in a macro
 * LIST(FUNCTION) and keeps a struct of LIST(GR_LIBRARY_POINTER), which gr_library_find fills by the names LIST(GR_LIBRARY_NAME).
 * The Makefile tells each library's name. */
#ifndef GR_BASE_LIBRARY_H
#define GR_BASE_LIBRARY_H

#include "base/base.h"

#define GR_LIBRARY_POINTER(function) __typeof__(function) *function;
#define GR_LIBRARY_NAME(function) #function,

/* Writes the addresses of the functions names[count] of the shared library `soname` to functions[count], an array of pointers to
 * functions. The library stays loaded. Fails: GR_IO (it is not there, or lacks one of them). */
gr_status gr_library_find(const char *soname, const char *const *names, size_t count, void *functions,
                          gr_error *err) GR_MUST_CHECK;

#endif
