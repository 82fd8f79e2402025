/* Hashing. */
#ifndef GR_BASE_HASH_H
#define GR_BASE_HASH_H

#include <stddef.h>
#include <stdint.h>

/* FNV-1a over bytes (Fowler, Noll and Vo), to be chained: start with hash 0. Never fails. */
uint64_t gr_hash(uint64_t hash, const void *bytes, size_t size);
/* The same over the bytes of `text` without its NUL. */
uint64_t gr_hash_text(uint64_t hash, const char *text);

enum { GR_SHA256_ROOM = 65 };
/* SHA-256 of bytes[size] in small hexadecimal digits. Never fails. */
void gr_sha256(const void *bytes, size_t size, char text[GR_SHA256_ROOM]);

#endif
