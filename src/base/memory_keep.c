#include "base/memory_keep.h"

#include <malloc.h>

/* Larger blocks ask for huge pages of their own (memory.c); of the heap's free end so much is kept. */
enum { FROM_HEAP = 4 * 1024 * 1024, KEPT = 32 * 1024 * 1024 };

void gr_memory_keep(void)
{
#ifdef M_MMAP_THRESHOLD
    mallopt(M_MMAP_THRESHOLD, FROM_HEAP);
    mallopt(M_TRIM_THRESHOLD, KEPT);
#endif
}
