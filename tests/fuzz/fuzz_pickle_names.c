/* PyTables' lists of names: the pickle of protocol 0 in which pandas keeps a table's columns. */
#include "formats/pickle_names.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    gr_error err = {0};
    gr_pickle *root = NULL;
    gr_arena *arena = gr_arena_create();
    char *text = gr_alloc(size + 1, 1);
    if (text != NULL && size > 0)
        memcpy(text, bytes, size);
    if (text != NULL && arena != NULL) {
        gr_status status = gr_pickle_names("x", text, arena, &root, &err);
        if ((status == GR_OK) != (root != NULL) || (status != GR_OK && err.text[0] == '\0'))
            abort();
    }
    gr_free(text);
    gr_arena_destroy(arena);
    return 0;
}
