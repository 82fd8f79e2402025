#include "base/table.h"

#include <string.h>

/* Where the text is, or the free slot where it would be. */
static size_t find_slot(const gr_table *table, uint64_t hash, const char *text, size_t length)
{
    size_t mask = table->slot_count - 1, at = (size_t)(hash ^ hash >> 32) & mask;
    for (; table->slots[at] != 0; at = (at + 1) & mask) {
        int64_t i = table->slots[at] - 1;
        if (table->hashes[i] == hash && strncmp(table->items[i], text, length) == 0 && table->items[i][length] == '\0')
            break;
    }
    return at;
}

/* Twice the room, with at most half of the slots taken. */
static bool grow(gr_table *table)
{
    int64_t room = table->room > 0 ? 2 * table->room : 64;
    const char **items = gr_realloc(table->items, (size_t)room, sizeof *items);
    if (items == NULL)
        return false;
    table->items = items;
    uint64_t *hashes = gr_realloc(table->hashes, (size_t)room, sizeof *hashes);
    if (hashes == NULL)
        return false;
    table->hashes = hashes;
    int64_t *slots = gr_alloc(2 * (size_t)room, sizeof *slots);
    if (slots == NULL)
        return false;
    gr_free(table->slots);
    table->slots = slots;
    table->slot_count = 2 * (size_t)room;
    table->room = room;
    size_t mask = table->slot_count - 1;
    for (int64_t i = 0; i < table->count; i++) { /* all are different */
        size_t at = (size_t)(table->hashes[i] ^ table->hashes[i] >> 32) & mask;
        while (slots[at] != 0)
            at = (at + 1) & mask;
        slots[at] = i + 1;
    }
    return true;
}

int64_t gr_table_add(gr_table *table, gr_arena *arena, const char *text, size_t length)
{
    if (table->count == table->room && !grow(table))
        return -1;
    uint64_t hash = gr_hash(0, text, length);
    size_t at = find_slot(table, hash, text, length);
    if (table->slots[at] != 0)
        return table->slots[at] - 1;
    char *copy = gr_arena_strndup(arena, text, length);
    if (copy == NULL)
        return -1;
    table->items[table->count] = copy;
    table->hashes[table->count] = hash;
    table->slots[at] = ++table->count;
    return table->count - 1;
}

int64_t gr_table_find(const gr_table *table, const char *text)
{
    if (table->count == 0)
        return -1;
    size_t length = strlen(text);
    return table->slots[find_slot(table, gr_hash(0, text, length), text, length)] - 1;
}

void gr_table_free(gr_table *table)
{
    gr_free(table->items);
    gr_free(table->slots);
    gr_free(table->hashes);
    *table = (gr_table){0};
}
