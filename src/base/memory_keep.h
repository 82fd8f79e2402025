/* How a program of its own uses the system's allocator. */
#ifndef GR_BASE_MEMORY_KEEP_H
#define GR_BASE_MEMORY_KEEP_H

/* Blocks of decoded pictures, freed and asked for again, stay with the process, which else gives each back and finds fresh pages
 * under the next. For a program at its start, not for a library within another's. Never fails. */
void gr_memory_keep(void);

#endif
