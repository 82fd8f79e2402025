/* What the fuzzers of archives share: a zip with right checksums around any bytes, so that what reads its entries is met and
 * not only the checksum. */
#ifndef GR_FUZZ_ARCHIVE_H
#define GR_FUZZ_ARCHIVE_H

#include <stdint.h>
#include <string.h>

#include <zlib.h>

enum { FUZZ_ARCHIVE = 1 << 16, FUZZ_ENTRIES = 8 };

typedef struct fuzz_archive {
    uint8_t bytes[FUZZ_ARCHIVE];
    size_t size;
    struct {
        const char *name;
        size_t at, size;
        uint32_t crc;
    } entries[FUZZ_ENTRIES];
    int count;
} fuzz_archive;

static inline void fuzz_archive_put(fuzz_archive *a, uint32_t value, int bytes)
{
    for (int i = 0; i < bytes; i++)
        a->bytes[a->size++] = (uint8_t)(value >> 8 * i);
}

/* The fields that a header and its copy in the directory have in common. */
static inline void fuzz_archive_describe(fuzz_archive *a, int entry)
{
    fuzz_archive_put(a, 20, 2); /* version */
    fuzz_archive_put(a, 0, 4);  /* flags, stored */
    fuzz_archive_put(a, 0, 4);  /* time */
    fuzz_archive_put(a, a->entries[entry].crc, 4);
    fuzz_archive_put(a, (uint32_t)a->entries[entry].size, 4);
    fuzz_archive_put(a, (uint32_t)a->entries[entry].size, 4);
    fuzz_archive_put(a, (uint32_t)strlen(a->entries[entry].name), 2);
    fuzz_archive_put(a, 0, 2);
}

static inline void fuzz_archive_text(fuzz_archive *a, const void *text, size_t size)
{
    if (size > 0)
        memcpy(a->bytes + a->size, text, size);
    a->size += size;
}

/* Adds a stored entry; false when it is too large. */
static inline int fuzz_archive_add(fuzz_archive *a, const char *name, const void *data, size_t size)
{
    if (a->count == FUZZ_ENTRIES || size > FUZZ_ARCHIVE - 4096 - a->size)
        return 0;
    a->entries[a->count].name = name;
    a->entries[a->count].at = a->size;
    a->entries[a->count].size = size;
    a->entries[a->count].crc = (uint32_t)crc32_z(0, data, size);
    fuzz_archive_put(a, 0x04034b50, 4);
    fuzz_archive_describe(a, a->count++);
    fuzz_archive_text(a, name, strlen(name));
    fuzz_archive_text(a, data, size);
    return 1;
}

/* Adds the directory. */
static inline void fuzz_archive_end(fuzz_archive *a)
{
    size_t begin = a->size;
    for (int i = 0; i < a->count; i++) {
        fuzz_archive_put(a, 0x02014b50, 4);
        fuzz_archive_put(a, 20, 2);
        fuzz_archive_describe(a, i);
        fuzz_archive_put(a, 0, 2); /* comment */
        fuzz_archive_put(a, 0, 2); /* disk */
        fuzz_archive_put(a, 0, 2);
        fuzz_archive_put(a, 0, 4);
        fuzz_archive_put(a, (uint32_t)a->entries[i].at, 4);
        fuzz_archive_text(a, a->entries[i].name, strlen(a->entries[i].name));
    }
    size_t directory = a->size - begin;
    fuzz_archive_put(a, 0x06054b50, 4);
    fuzz_archive_put(a, 0, 4);
    fuzz_archive_put(a, (uint32_t)a->count, 2);
    fuzz_archive_put(a, (uint32_t)a->count, 2);
    fuzz_archive_put(a, (uint32_t)directory, 4);
    fuzz_archive_put(a, (uint32_t)begin, 4);
    fuzz_archive_put(a, 0, 2);
}

#endif
