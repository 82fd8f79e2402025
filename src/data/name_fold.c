#include "data/name_fold.h"

#include <ctype.h>
#include <string.h>

/* A letter in lower case: ASCII, and of two bytes those of Latin-1, Greek and Cyrillic. Gives how many bytes it has. */
static size_t put_lower(const unsigned char *c, char *to)
{
    size_t length = c[0] < 0x80 ? 1 : c[0] < 0xe0 ? 2 : c[0] < 0xf0 ? 3 : 4;
    if (length != 2) {
        memcpy(to, c, length);
        to[0] = length == 1 ? (char)tolower(c[0]) : to[0];
        return length;
    }
    unsigned code = (unsigned)(c[0] & 0x1f) << 6 | (c[1] & 0x3f);
    if ((code >= 0xc0 && code <= 0xde && code != 0xd7) || (code >= 0x391 && code <= 0x3a9) ||
        (code >= 0x410 && code <= 0x42f))
        code += 0x20;
    else if (code >= 0x400 && code <= 0x40f)
        code += 0x50;
    to[0] = (char)(0xc0 | code >> 6);
    to[1] = (char)(0x80 | (code & 0x3f));
    return 2;
}

enum { LOWER = 1, NO_BLANKS = 2, NO_ZEROS = 4, NO_DECIMALS = 8 };

/* The name without what two ways of writing it may differ in; `how` are bits of the above. NULL: no memory. */
static char *folded(gr_arena *arena, const char *name, int how)
{
    char *out = gr_arena_alloc(arena, strlen(name) + 1, 1), *to = out;
    bool in_number = false;
    for (const unsigned char *c = (const unsigned char *)name; out != NULL && *c != '\0';) {
        size_t blank = gr_blank((const char *)c);
        if (blank > 0 && (how & NO_BLANKS) != 0) {
            c += blank;
            continue;
        }
        bool digit = isdigit(*c) != 0;
        if (*c == '.' && in_number && (how & NO_DECIMALS) != 0 && c[1] != '\0' && c[1 + strspn((const char *)c + 1, "0")] == '\0')
            break; /* 1.0 is what pandas makes of 1 */
        if (*c == '0' && !in_number && isdigit(c[1]) && (how & NO_ZEROS) != 0) {
            c++;
            continue;
        }
        in_number = digit;
        size_t length = put_lower(c, to);
        if ((how & LOWER) == 0)
            memcpy(to, c, length);
        c += length;
        to += length;
    }
    return out;
}

const char *gr_name_folded(gr_arena *arena, const char *name)
{
    return folded(arena, name, LOWER | NO_BLANKS | NO_ZEROS | NO_DECIMALS);
}

const char *gr_name_difference(gr_arena *arena, const char *a, const char *b)
{
    static const struct {
        int how;
        const char *said;
    } ways[] = {{LOWER, "case"},
                {NO_BLANKS, "blanks"},
                {NO_ZEROS, "leading zeros"},
                {NO_DECIMALS, "decimals"},
                {LOWER | NO_BLANKS, "case and blanks"},
                {LOWER | NO_ZEROS, "case and leading zeros"},
                {NO_BLANKS | NO_ZEROS, "blanks and leading zeros"}};
    for (size_t i = 0; i < sizeof ways / sizeof *ways; i++) {
        const char *x = folded(arena, a, ways[i].how), *y = folded(arena, b, ways[i].how);
        if (x != NULL && y != NULL && strcmp(x, y) == 0)
            return ways[i].said;
    }
    return "case, blanks, zeros and decimals";
}
