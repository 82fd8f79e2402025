/* Zip archives: the directory, every entry's bytes, and NumPy's arrays in them. */
#include "formats/weights.h"
#include "fuzz_file.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

static void read_entries(const gr_zip *zip)
{
    for (size_t i = 0; i < zip->count; i++) {
        const gr_zip_entry *entry = &zip->entries[i];
        gr_error err = {0};
        if (gr_zip_find(zip, entry->name) != entry)
            abort();
        char *content = entry->size < 1 << 20 ? gr_alloc(entry->size + 1, 1) : NULL;
        if (content != NULL && gr_zip_read(zip, entry, content, &err) != GR_OK && err.text[0] == '\0')
            abort();
        gr_free(content);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    char path[64];
    gr_zip zip;
    gr_error err = {0}, other = {0};
    gr_source source = fuzz_file(bytes, size, path);
    gr_weights *weights = gr_weights_create();
    if (weights != NULL && gr_zip_open(&source, &zip, &err) == GR_OK) {
        read_entries(&zip);
        if (gr_npz_read(&zip, weights, &other) != GR_OK && other.text[0] == '\0')
            abort();
        gr_zip_close(&zip);
    }
    gr_weights_destroy(weights);
    gr_source_close(&source);
    return 0;
}
