/* How much memory this process could still take. */
#ifndef GR_BASE_MEMORY_LEFT_H
#define GR_BASE_MEMORY_LEFT_H

#include <stddef.h>

/* Bytes that can still be had without pushing anyone out: what the kernel calls available (and free swap), or what the control
 * group (version 2) or the limit of address space (ulimit -v) leaves, where that is less. SIZE_MAX: not known. Never fails. */
size_t gr_memory_left(void);

/* The number behind `name` in lines of "NAME NUMBER [kB]", in bytes; SIZE_MAX where there is none. */
size_t gr_memory_entry(const char *text, const char *name);

#endif
