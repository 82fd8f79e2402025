/* The error object. */
#include "grimace/base.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/strings.h"

/* U+202A to U+202E and U+2066 to U+2069 turn the order of letters behind them round: a line would not read as it is. */
static bool turns_letters(const unsigned char *c)
{
    return c[0] == 0xE2 &&
           ((c[1] == 0x80 && c[2] >= 0xAA && c[2] <= 0xAE) || (c[1] == 0x81 && c[2] >= 0xA6 && c[2] <= 0xA9));
}

/* Makes `text` one printable line: input may have put anything into it. */
static void sanitize_line(char *text)
{
    size_t length = strlen(text);
    bool utf8 = gr_utf8_valid(text, length);
    for (size_t i = 0; i < length; i++) {
        unsigned char c = (unsigned char)text[i];
        bool c1 = c == 0xC2 && (unsigned char)text[i + 1] < 0xA0; /* U+0080 to U+009F: a terminal obeys them too */
        if (c < 0x20 || c == 0x7f || (c >= 0x80 && !utf8))
            text[i] = '?';
        else if (c1)
            text[i] = text[i + 1] = '?';
        else if (turns_letters((const unsigned char *)text + i))
            text[i] = text[i + 1] = text[i + 2] = '?';
    }
}

/* vsnprintf may cut the last character in two: drop its beginning. */
static void drop_cut_character(char *text, size_t capacity)
{
    size_t length = strlen(text), start = length;
    if (length + 1 < capacity)
        return;
    while (start > 0 && length - start < 3 && ((unsigned char)text[start - 1] & 0xC0) == 0x80)
        start--;
    if (start == 0)
        return;
    unsigned char lead = (unsigned char)text[start - 1];
    size_t more = lead >= 0xF0 ? 3 : lead >= 0xE0 ? 2 : lead >= 0xC0 ? 1 : 0;
    if (more > length - start)
        text[start - 1] = '\0';
}

gr_status gr_fail(gr_error *err, gr_status status, const char *fmt, ...)
{
    if (err == NULL || err->status != GR_OK)
        return status;
    va_list args;
    va_start(args, fmt);
    vsnprintf(err->text, sizeof err->text, fmt, args);
    va_end(args);
    drop_cut_character(err->text, sizeof err->text);
    sanitize_line(err->text);
    err->status = status;
    return status;
}

void gr_error_prefix(gr_error *err, const char *fmt, ...)
{
    if (err == NULL || err->status == GR_OK)
        return;
    char old[sizeof err->text];
    memcpy(old, err->text, sizeof old);
    va_list args;
    va_start(args, fmt);
    int used = vsnprintf(err->text, sizeof err->text, fmt, args);
    va_end(args);
    if (used < 0 || (size_t)used >= sizeof err->text)
        used = (int)strlen(err->text);
    snprintf(err->text + used, sizeof err->text - (size_t)used, ": %s", old);
    drop_cut_character(err->text, sizeof err->text);
    sanitize_line(err->text);
}

const char *gr_status_name(gr_status status)
{
    switch (status) {
    case GR_OK: return "ok";
    case GR_INVALID: return "invalid input";
    case GR_NOMEM: return "out of memory";
    case GR_IO: return "input/output failure";
    case GR_INTERRUPTED: return "interrupted";
    case GR_FAILED: return "failed";
    case GR_INTERNAL: return "internal error";
    }
    return "unknown status";
}
