/* Text: nearest words, UTF-8, strict numbers, growing buffers. */
#include "base/strings.h"

#include <errno.h>
#include <math.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

enum { WORD = 64 };

/* Edit distance with swaps of neighbours (optimal string alignment); long words are cut, which only blurs the hint. */
static int distance(const char *a, const char *b)
{
    int la = (int)strnlen(a, WORD), lb = (int)strnlen(b, WORD);
    int row[3][WORD + 1];
    for (int j = 0; j <= lb; j++)
        row[0][j] = j;
    for (int i = 1; i <= la; i++) {
        int *now = row[i % 3], *last = row[(i + 2) % 3], *before = row[(i + 1) % 3];
        now[0] = i;
        for (int j = 1; j <= lb; j++) {
            int best = last[j - 1] + (a[i - 1] != b[j - 1]);
            if (last[j] + 1 < best)
                best = last[j] + 1;
            if (now[j - 1] + 1 < best)
                best = now[j - 1] + 1;
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] && before[j - 2] + 1 < best)
                best = before[j - 2] + 1;
            now[j] = best;
        }
    }
    return row[la % 3][lb];
}

const char *gr_nearest(const char *word, const char *const *words, size_t count)
{
    const char *found = NULL;
    int least = (int)strnlen(word, WORD) / 2 + 1; /* further away than half the word: not what was meant */
    for (size_t i = 0; i < count; i++) {
        int d = distance(word, words[i]);
        if (d < least) {
            least = d;
            found = words[i];
        }
    }
    return found;
}

bool gr_utf8_valid(const char *text, size_t length)
{
    const unsigned char *s = (const unsigned char *)text;
    for (size_t i = 0; i < length;) {
        uint64_t eight;
        if (length - i >= sizeof eight) { /* most text is ASCII: every byte from 1 to 127 */
            memcpy(&eight, s + i, sizeof eight);
            if (((eight | (eight - 0x0101010101010101u)) & 0x8080808080808080u) == 0) {
                i += sizeof eight;
                continue;
            }
        }
        unsigned char c = s[i];
        int more = c < 0x80 ? 0 : c >= 0xC2 && c <= 0xDF ? 1 : (c & 0xF0) == 0xE0 ? 2 : c >= 0xF0 && c <= 0xF4 ? 3 : -1;
        if (c == 0 || more < 0 || i + (size_t)more >= length)
            return false;
        for (int k = 1; k <= more; k++)
            if ((s[i + (size_t)k] & 0xC0) != 0x80)
                return false;
        unsigned char next = more > 0 ? s[i + 1] : 0;
        if ((c == 0xE0 && next < 0xA0) || (c == 0xED && next > 0x9F) || (c == 0xF0 && next < 0x90) ||
            (c == 0xF4 && next > 0x8F))
            return false;
        i += (size_t)more + 1;
    }
    return true;
}

size_t gr_blank(const char *text)
{
    const unsigned char *s = (const unsigned char *)text;
    if (s[0] == ' ' || (s[0] >= '\t' && s[0] <= '\r'))
        return 1;
    if (s[0] < 0xC2)
        return 0;
    if (s[0] == 0xC2)
        return s[1] == 0xA0 || s[1] == 0x85 ? 2 : 0; /* no-break space, next line */
    if (s[0] == 0xE2 && s[1] == 0x80)                /* en quad to zero width space, line ends, narrow no-break space */
        return (s[2] >= 0x80 && s[2] <= 0x8B) || s[2] == 0xA8 || s[2] == 0xA9 || s[2] == 0xAF ? 3 : 0;
    bool wide = (s[0] == 0xE3 && s[1] == 0x80 && s[2] == 0x80) || (s[0] == 0xE2 && s[1] == 0x81 && (s[2] == 0x9F || s[2] == 0xA0));
    return wide || (s[0] == 0xE1 && s[1] == 0x9A && s[2] == 0x80) || (s[0] == 0xEF && s[1] == 0xBB && s[2] == 0xBF) ? 3 : 0;
}

size_t gr_blank_before(const char *text, const char *end)
{
    for (size_t length = 1; length <= 3 && length <= (size_t)(end - text); length++)
        if (((unsigned char)end[-(ptrdiff_t)length] & 0xC0) != 0x80)
            return gr_blank(end - length) == length ? length : 0;
    return 0;
}

bool gr_starts_with(const char *text, const char *prefix)
{
    return strncmp(text, prefix, strlen(prefix)) == 0;
}

bool gr_ends_with(const char *text, const char *suffix)
{
    size_t lt = strlen(text), ls = strlen(suffix);
    return lt >= ls && strcmp(text + lt - ls, suffix) == 0;
}

/* grimace never calls setlocale, so strtod reads the C locale's numbers. */
bool gr_parse_double(const char *text, double *out)
{
    if (text[0] == '\0' || strpbrk(text, " \t\n\r\v\fxXnN") != NULL)
        return false;
    char *end;
    double value = strtod(text, &end);
    if (*end != '\0' || !isfinite(value))
        return false;
    *out = value;
    return true;
}

bool gr_parse_int64(const char *text, int64_t *out)
{
    if (text[0] == '\0' || strpbrk(text, " \t\n\r\v\f") != NULL)
        return false;
    char *end;
    errno = 0;
    long long value = strtoll(text, &end, 10);
    if (*end != '\0' || errno != 0)
        return false;
    *out = value;
    return true;
}
