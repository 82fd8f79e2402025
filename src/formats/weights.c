/* The set of named tensors. A table of positions by hash of the name makes a lookup independent of how many there are. */
#include "grimace/weights.h"

#include <limits.h>
#include <string.h>

#include "base/base.h"
#include "formats/weights.h"

/* Notes are looked for one by one; files of others have a few hundred at most. */
enum { MOST_NOTES = 4096 };

typedef struct entry {
    char *name;
    gr_tensor tensor;
    bool lent; /* the data are another's */
} entry;

struct gr_weights {
    entry *entries;
    int count, capacity;
    int *slots; /* [slot_count], a power of two: position + 1, 0 when free; at most half are taken */
    size_t slot_count;
    gr_note *notes;
    int note_count;
};

gr_weights *gr_weights_create(void)
{
    return gr_alloc(1, sizeof(gr_weights));
}

void gr_weights_destroy(gr_weights *weights)
{
    if (!weights)
        return;
    for (int i = 0; i < weights->count; i++) {
        gr_free(weights->entries[i].name);
        if (!weights->entries[i].lent)
            gr_tensor_destroy(&weights->entries[i].tensor);
    }
    for (int i = 0; i < weights->note_count; i++) {
        gr_free(weights->notes[i].key);
        gr_free(weights->notes[i].text);
    }
    gr_free(weights->entries);
    gr_free(weights->slots);
    gr_free(weights->notes);
    gr_free(weights);
}

static uint64_t hash_of(const char *name)
{
    uint64_t hash = gr_hash_text(0, name);
    return hash ^ hash >> 32;
}

/* The slot that holds `name`, or the free one where it would go. */
static int *slot_of(const gr_weights *weights, const char *name)
{
    size_t at = hash_of(name) & (weights->slot_count - 1);
    while (weights->slots[at] && strcmp(weights->entries[weights->slots[at] - 1].name, name) != 0)
        at = (at + 1) & (weights->slot_count - 1);
    return &weights->slots[at];
}

static bool grow(gr_weights *weights)
{
    int capacity = weights->capacity ? weights->capacity * 2 : 64;
    int *slots = gr_alloc((size_t)capacity * 2, sizeof *slots);
    if (!slots)
        return false;
    entry *entries = gr_realloc(weights->entries, (size_t)capacity, sizeof *entries);
    if (!entries) {
        gr_free(slots);
        return false;
    }
    gr_free(weights->slots);
    weights->entries = entries;
    weights->slots = slots;
    weights->capacity = capacity;
    weights->slot_count = (size_t)capacity * 2;
    for (int i = 0; i < weights->count; i++)
        *slot_of(weights, entries[i].name) = i + 1;
    return true;
}

static char *copy_text(const char *text)
{
    size_t size = strlen(text) + 1;
    char *copy = gr_alloc(size, 1);
    if (copy)
        memcpy(copy, text, size);
    return copy;
}

static gr_status add_entry(gr_weights *weights, const char *name, const gr_tensor *tensor, bool lent, gr_error *err)
{
    if (!*name || !gr_utf8_valid(name, strlen(name)))
        return gr_fail(err, GR_INVALID, "a tensor's name \"%s\" is empty or not UTF-8", name);
    if (gr_weights_find(weights, name))
        return gr_fail(err, GR_INVALID, "there are two tensors called \"%s\", each name must be there once", name);
    char *copy = NULL;
    if (weights->count > INT_MAX / 4 || (weights->count == weights->capacity && !grow(weights)) || !(copy = copy_text(name)))
        return gr_fail(err, GR_NOMEM, "no memory for the tensor \"%s\"", name);
    *slot_of(weights, name) = weights->count + 1;
    weights->entries[weights->count++] = (entry){copy, *tensor, lent};
    return GR_OK;
}

gr_status gr_weights_take(gr_weights *weights, const char *name, gr_tensor *tensor, gr_error *err)
{
    gr_status status = add_entry(weights, name, tensor, false, err);
    if (status == GR_OK)
        *tensor = (gr_tensor){0};
    return status;
}

gr_status gr_weights_lend(gr_weights *weights, const char *name, gr_type type, const gr_shape *shape, void *data, gr_error *err)
{
    size_t bytes;
    if (!gr_shape_bytes(shape, type, &bytes))
        return gr_fail(err, GR_INVALID, "the tensor \"%s\" is too large", name);
    return add_entry(weights, name, &(gr_tensor){.type = type, .shape = *shape, .data = data}, true, err);
}

gr_status gr_weights_add(gr_weights *weights, const char *name, gr_type type, const gr_shape *shape, const void *data,
                         gr_error *err)
{
    gr_tensor tensor;
    gr_status status = gr_tensor_create(&tensor, type, shape, err);
    if (status == GR_OK) {
        memcpy(tensor.data, data, (size_t)gr_shape_elements(shape) * gr_type_size(type));
        status = gr_weights_take(weights, name, &tensor, err);
    }
    gr_tensor_destroy(&tensor);
    return status;
}

int gr_weights_count(const gr_weights *weights)
{
    return weights->count;
}

const char *gr_weights_name(const gr_weights *weights, int index)
{
    return weights->entries[index].name;
}

gr_tensor *gr_weights_at(const gr_weights *weights, int index)
{
    return &weights->entries[index].tensor;
}

gr_tensor *gr_weights_find(const gr_weights *weights, const char *name)
{
    if (!weights->slot_count)
        return NULL;
    int position = *slot_of(weights, name);
    return position ? &weights->entries[position - 1].tensor : NULL;
}

gr_status gr_weights_set_note(gr_weights *weights, const char *key, const char *text, gr_error *err)
{
    if (!gr_utf8_valid(key, strlen(key)) || !gr_utf8_valid(text, strlen(text)))
        return gr_fail(err, GR_INVALID, "the note \"%s\" is not UTF-8", key);
    if (weights->note_count == MOST_NOTES && !gr_weights_note(weights, key))
        return gr_fail(err, GR_INVALID, "the note \"%s\" is one too many, at most %d are kept", key, MOST_NOTES);
    char *copy = copy_text(text);
    for (int i = 0; copy && i < weights->note_count; i++)
        if (strcmp(weights->notes[i].key, key) == 0) {
            gr_free(weights->notes[i].text);
            weights->notes[i].text = copy;
            return GR_OK;
        }
    gr_note *notes = copy ? gr_realloc(weights->notes, (size_t)weights->note_count + 1, sizeof *notes) : NULL;
    if (notes)
        weights->notes = notes;
    char *key_copy = notes ? copy_text(key) : NULL;
    if (!key_copy) {
        gr_free(copy);
        return gr_fail(err, GR_NOMEM, "no memory for the note \"%s\"", key);
    }
    notes[weights->note_count++] = (gr_note){key_copy, copy};
    return GR_OK;
}

const char *gr_weights_note(const gr_weights *weights, const char *key)
{
    for (int i = 0; i < weights->note_count; i++)
        if (strcmp(weights->notes[i].key, key) == 0)
            return weights->notes[i].text;
    return NULL;
}

const gr_note *gr_weights_notes(const gr_weights *weights, int *count)
{
    *count = weights->note_count;
    return weights->notes;
}
