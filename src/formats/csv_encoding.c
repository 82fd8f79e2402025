/* From the bytes of a table to UTF-8. */
#include <string.h>

#include "formats/csv_scanner.h"

/* What the bytes 0x80 to 0x9f are in Windows-1252; 0: nothing. From 0xa0 on they are Unicode's. */
static const uint16_t western[32] = {0x20ac, 0,      0x201a, 0x0192, 0x201e, 0x2026, 0x2020, 0x2021, 0x02c6, 0x2030, 0x0160,
                                     0x2039, 0x0152, 0,      0x017d, 0,      0,      0x2018, 0x2019, 0x201c, 0x201d, 0x2022,
                                     0x2013, 0x2014, 0x02dc, 0x2122, 0x0161, 0x203a, 0x0153, 0,      0x017e, 0x0178};

/* Writes a character as UTF-8; gives the byte behind it. */
static char *put(char *to, uint32_t c)
{
    if (c < 0x80) {
        *to++ = (char)c;
    } else if (c < 0x800) {
        *to++ = (char)(0xc0 | c >> 6);
        *to++ = (char)(0x80 | (c & 0x3f));
    } else if (c < 0x10000) {
        *to++ = (char)(0xe0 | c >> 12);
        *to++ = (char)(0x80 | (c >> 6 & 0x3f));
        *to++ = (char)(0x80 | (c & 0x3f));
    } else {
        *to++ = (char)(0xf0 | c >> 18);
        *to++ = (char)(0x80 | (c >> 12 & 0x3f));
        *to++ = (char)(0x80 | (c >> 6 & 0x3f));
        *to++ = (char)(0x80 | (c & 0x3f));
    }
    return to;
}

/* Goes on with text[size], which the scanner TAKES. */
static void go_on_with(gr_csv_scanner *s, char *text, const char *end, const char *encoding)
{
    gr_free(s->text);
    s->text = s->at = text;
    s->end = text + (end - text);
    *s->end = '\0';
    s->form.encoding = encoding;
}

static gr_status no_memory(const gr_csv_scanner *s)
{
    return gr_fail(s->err, GR_NOMEM, "%s: no memory to read it as UTF-8", s->path);
}

/* ---- UTF-16 ------------------------------------------------------------------------------------------------------------ */

static uint32_t unit(const unsigned char *at, bool big)
{
    return big ? (uint32_t)(at[0] << 8 | at[1]) : (uint32_t)(at[1] << 8 | at[0]);
}

static gr_status from_utf16(gr_csv_scanner *s, bool big)
{
    const unsigned char *at = (const unsigned char *)s->at + 2, *end = (const unsigned char *)s->end;
    size_t room;
    char *text = gr_mul_size((size_t)(end - at), 3, &room) ? gr_alloc(room / 2 + 4, 1) : NULL, *to = text;
    int64_t line = 1;
    const char *wrong = NULL;
    if (text == NULL)
        return no_memory(s);
    for (; end - at >= 2; at += 2) {
        uint32_t c = unit(at, big);
        bool high = c >= 0xd800 && c < 0xdc00, low = c >= 0xdc00 && c < 0xe000;
        uint32_t next = high && end - at >= 4 ? unit(at + 2, big) : 0;
        if (low || (high && (next < 0xdc00 || next >= 0xe000))) {
            wrong = "is not valid UTF-16, save the file as UTF-8";
            break;
        }
        if (high) {
            c = 0x10000 + ((c - 0xd800) << 10) + (next - 0xdc00);
            at += 2;
        }
        line += c == '\n';
        to = put(to, c);
    }
    if (wrong == NULL && at < end)
        wrong = "is cut off in a UTF-16 character, save the file as UTF-8";
    if (wrong != NULL) {
        gr_free(text);
        return gr_csv_refuse(s, line, wrong);
    }
    go_on_with(s, text, to, "UTF-16");
    return GR_OK;
}

/* ---- Windows-1252 ------------------------------------------------------------------------------------------------------ */

static bool is_ascii_letter(unsigned char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static bool is_western_letter(unsigned char c)
{
    return (c >= 0xc0 && c != 0xd7 && c != 0xf7) || (c != 0 && memchr("\x8a\x8c\x8e\x9a\x9c\x9e\x9f", c, 7) != NULL);
}

/* Does the text look like western words in Windows-1252? Every byte is a character in it; letters beyond ASCII stand beside other
 * letters and never three together, as Cyrillic and Chinese do in their old encodings; and no two bytes make a character of
 * UTF-8, which would be a damaged UTF-8 file. */
static bool is_western(const unsigned char *at, const unsigned char *end)
{
    for (const unsigned char *c = at; c < end; c++) {
        if (*c < 0x80)
            continue;
        if (*c == 0xff || (*c < 0xa0 && western[*c - 0x80] == 0))
            return false;
        if (*c >= 0xc2 && *c < 0xf5 && c + 1 < end && c[1] >= 0x80 && c[1] < 0xc0)
            return false;
        if (!is_western_letter(*c))
            continue;
        bool before = c > at && is_western_letter(c[-1]), behind = c + 1 < end && is_western_letter(c[1]);
        bool ascii = (c > at && is_ascii_letter(c[-1])) || (c + 1 < end && is_ascii_letter(c[1]));
        if ((before && behind) || !(ascii || before || behind))
            return false;
    }
    return true;
}

static gr_status from_western(gr_csv_scanner *s)
{
    const unsigned char *at = (const unsigned char *)s->at, *end = (const unsigned char *)s->end;
    size_t room;
    char *text = gr_mul_size((size_t)(end - at), 3, &room) ? gr_alloc(room + 1, 1) : NULL, *to = text;
    if (text == NULL)
        return no_memory(s);
    for (; at < end; at++)
        to = put(to, *at >= 0x80 && *at < 0xa0 ? western[*at - 0x80] : *at);
    go_on_with(s, text, to, "Windows-1252");
    return GR_OK;
}

/* ---- all --------------------------------------------------------------------------------------------------------------- */

/* Is every second of the first bytes zero? */
static bool is_wide(const gr_csv_scanner *s)
{
    size_t length = (size_t)(s->end - s->at) < 64 ? (size_t)(s->end - s->at) : 64, zeros[2] = {0};
    for (size_t i = 0; i < length; i++)
        zeros[i % 2] += s->at[i] == '\0';
    return length >= 4 && (zeros[0] + zeros[1]) * 2 == length && (zeros[0] == 0 || zeros[1] == 0);
}

/* The line at `at` is no text, which `sentence` says. Where wrong rows are kept, its bytes beyond ASCII become question marks, and
 * the sentence waits for the row that it is of. */
static gr_status refuse_line(gr_csv_scanner *s, int64_t line, char *at, size_t length, const char *sentence)
{
    if (!s->tolerant || is_wide(s))
        return gr_csv_refuse(s, line, sentence);
    if (s->odd_count == s->odd_capacity) {
        int64_t capacity = s->odd_capacity > 0 ? 2 * s->odd_capacity : 16;
        gr_csv_fault *odd = gr_realloc(s->odd, (size_t)capacity, sizeof *odd);
        if (odd == NULL)
            return gr_fail(s->err, GR_NOMEM, "%s: no memory for its faults", s->path);
        s->odd = odd;
        s->odd_capacity = capacity;
    }
    s->odd[s->odd_count++] = (gr_csv_fault){line, sentence};
    for (size_t i = 0; i < length; i++)
        if ((unsigned char)at[i] >= 0x80 || at[i] == '\0')
            at[i] = '?';
    return GR_OK;
}

static gr_status decode(gr_csv_scanner *s)
{
    size_t size = (size_t)(s->end - s->at);
    if (size >= 2 && (memcmp(s->at, "\xff\xfe", 2) == 0 || memcmp(s->at, "\xfe\xff", 2) == 0)) {
        gr_status status = from_utf16(s, s->at[0] == '\xfe');
        if (status != GR_OK)
            return status;
    } else if (size >= 3 && memcmp(s->at, "\xef\xbb\xbf", 3) == 0) {
        s->at += 3;
    }
    if (s->at == s->end)
        return gr_csv_refuse(s, 1, "the file is empty, the first line must name the columns");
    int64_t line = 1;
    for (char *at = s->at; at < s->end; line++) {
        char *stop = memchr(at, '\n', (size_t)(s->end - at));
        size_t length = (size_t)((stop != NULL ? stop : s->end) - at);
        gr_status status = GR_OK;
        if (memchr(at, '\0', length) != NULL)
            status = refuse_line(s, line, at, length,
                                 is_wide(s) ? "looks like UTF-16 without its byte-order mark, save the file as UTF-8"
                                            : "holds a NUL byte, a CSV file is text");
        else if (!gr_utf8_valid(at, length)) {
            bool other = s->odd_count > 0 || s->at != s->text || memchr(s->at, '\0', (size_t)(s->end - s->at)) != NULL;
            if (!other && is_western((unsigned char *)s->at, (unsigned char *)s->end))
                return from_western(s);
            status = refuse_line(s, line, at, length, "is not valid UTF-8, save the file as UTF-8");
        }
        if (status != GR_OK)
            return status;
        at += length + 1;
    }
    return GR_OK;
}

/* Excel's "CSV (Macintosh)" ends lines in carriage returns alone: a file without any line feed is read as if it had them. */
static void end_lines(gr_csv_scanner *s)
{
    if (memchr(s->at, '\n', (size_t)(s->end - s->at)) != NULL)
        return;
    for (char *at = s->at; (at = memchr(at, '\r', (size_t)(s->end - at))) != NULL;) {
        *at = '\n';
        s->form.returns = true;
    }
}

gr_status gr_csv_decode(gr_csv_scanner *s)
{
    gr_status status = decode(s);
    if (status == GR_OK)
        end_lines(s);
    return status;
}
