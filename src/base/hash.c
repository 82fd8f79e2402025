#include "base/hash.h"

#include <string.h>

uint64_t gr_hash(uint64_t hash, const void *bytes, size_t size)
{
    const unsigned char *b = bytes;
    if (hash == 0)
        hash = 0xcbf29ce484222325u;
    for (size_t i = 0; i < size; i++)
        hash = (hash ^ b[i]) * 0x100000001b3u;
    return hash;
}

uint64_t gr_hash_text(uint64_t hash, const char *text)
{
    return gr_hash(hash, text, strlen(text));
}
