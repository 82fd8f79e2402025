/* Text: nearest words, UTF-8, strict numbers, growing buffers. */
#include "base.h"

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

static bool buffer_room(gr_buffer *buffer, size_t more)
{
    size_t need;
    if (buffer->failed || !gr_add_size(buffer->size, more, &need) || !gr_add_size(need, 1, &need)) {
        buffer->failed = true;
        return false;
    }
    if (need <= buffer->capacity)
        return true;
    size_t capacity = buffer->capacity > 0 ? buffer->capacity : 256;
    while (capacity < need)
        if (!gr_mul_size(capacity, 2, &capacity)) {
            buffer->failed = true;
            return false;
        }
    char *grown = gr_realloc(buffer->data, capacity, 1);
    if (grown == NULL) {
        buffer->failed = true;
        return false;
    }
    buffer->data = grown;
    buffer->capacity = capacity;
    return true;
}

void gr_buffer_add(gr_buffer *buffer, const void *bytes, size_t size)
{
    if (!buffer_room(buffer, size))
        return;
    if (size > 0)
        memcpy(buffer->data + buffer->size, bytes, size);
    buffer->size += size;
    buffer->data[buffer->size] = '\0';
}

void gr_buffer_printf(gr_buffer *buffer, const char *fmt, ...)
{
    va_list args;
    va_start(args, fmt);
    int length = vsnprintf(NULL, 0, fmt, args);
    va_end(args);
    if (length < 0 || !buffer_room(buffer, (size_t)length)) {
        buffer->failed = true;
        return;
    }
    va_start(args, fmt);
    vsnprintf(buffer->data + buffer->size, (size_t)length + 1, fmt, args);
    va_end(args);
    buffer->size += (size_t)length;
}

void gr_buffer_free(gr_buffer *buffer)
{
    gr_free(buffer->data);
    *buffer = (gr_buffer){0};
}
