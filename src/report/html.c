#include "report/html.h"

#include <math.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

static const char replacement[] = "\xef\xbf\xbd";

static void add(gr_text *out, const char *text)
{
    gr_text_add(out, text, strlen(text));
}

/* ---- what people wrote ------------------------------------------------------------------------------------------- */

/* How many bytes the character at `text` has; 0: it is none of UTF-8. Its number goes to *code. */
static size_t character(const char *text, uint32_t *code)
{
    const unsigned char *c = (const unsigned char *)text;
    size_t length = c[0] < 0x80 ? 1 : c[0] < 0xe0 ? 2 : c[0] < 0xf0 ? 3 : 4;
    size_t there = 1;
    while (there < length && (c[there] & 0xc0) == 0x80)
        there++;
    if (there < length || !gr_utf8_valid(text, length))
        return 0;
    *code = length == 1 ? c[0] : c[0] & (0x7fu >> length);
    for (size_t i = 1; i < length; i++)
        *code = *code << 6 | (c[i] & 0x3fu);
    return length;
}

/* Controls but tab and line ends; the two that XML lacks; embeddings, overrides and isolates, which an author of markup may
 * use and a name in a table may not: what follows it would be turned round. */
static bool is_banned(uint32_t code)
{
    return (code < 0x20 && code != '\t' && code != '\n') || (code >= 0x7f && code < 0xa0) || code == 0xfffe ||
           code == 0xffff || (code >= 0x202a && code <= 0x202e) || (code >= 0x2066 && code <= 0x2069);
}

static const char *instead_of(char c)
{
    return c == '<' ? "&lt;" : c == '>' ? "&gt;" : c == '&' ? "&amp;" : c == '"' ? "&quot;" : c == '\'' ? "&#39;" : NULL;
}

void gr_html_escape(gr_text *out, const char *text)
{
    while (*text != '\0') {
        uint32_t code = 0;
        size_t length = character(text, &code);
        const char *instead = length == 0 || is_banned(code) ? replacement : instead_of(*text);
        if (instead != NULL)
            add(out, instead);
        else
            gr_text_add(out, text, length);
        text += length > 0 ? length : 1;
    }
}

void gr_html_name(gr_text *out, const char *name)
{
    add(out, "<bdi>");
    gr_html_escape(out, name);
    add(out, "</bdi>");
}

/* ---- numbers ----------------------------------------------------------------------------------------------------- */

/* A hyphen stands for a minus sign in C. */
static void put_signed(gr_text *out, const char *number)
{
    for (; *number != '\0'; number++)
        gr_text_add(out, *number == '-' ? "\xe2\x88\x92" : number, *number == '-' ? 3 : 1);
}

void gr_html_real(gr_text *out, double value, int decimals)
{
    char number[64];
    if (!isfinite(value)) {
        add(out, "\xe2\x80\x93");
        return;
    }
    snprintf(number, sizeof number, "%.*f", decimals, value);
    put_signed(out, strtod(number, NULL) == 0.0 && number[0] == '-' ? number + 1 : number);
}

/* "1 × 10⁻⁸" for 1e-08: with letters, as it may stand in an attribute. */
static void put_power(gr_text *out, const char *exponent)
{
    static const char *const raised[] = {"\xe2\x81\xb0", "\xc2\xb9",     "\xc2\xb2",     "\xc2\xb3",     "\xe2\x81\xb4",
                                         "\xe2\x81\xb5", "\xe2\x81\xb6", "\xe2\x81\xb7", "\xe2\x81\xb8", "\xe2\x81\xb9"};
    add(out, " \xc3\x97 10");
    if (*exponent == '-')
        add(out, "\xe2\x81\xbb");
    for (exponent += strspn(exponent, "+-0"); *exponent != '\0'; exponent++)
        add(out, raised[*exponent - '0']);
}

static void put_general(gr_text *out, double value)
{
    char number[64];
    if (!isfinite(value)) {
        add(out, "\xe2\x80\x93");
        return;
    }
    snprintf(number, sizeof number, "%.3g", value);
    char *exponent = strchr(number, 'e');
    if (exponent != NULL)
        *exponent = '\0';
    put_signed(out, number);
    if (exponent != NULL)
        put_power(out, exponent + 1);
}

static void put_p(gr_text *out, double p)
{
    if (p < 0.001)
        add(out, "p &lt; 0.001");
    else {
        add(out, "p = ");
        gr_html_real(out, p, 3);
    }
}

/* ---- markup ------------------------------------------------------------------------------------------------------ */

static void put_one(gr_html *html, char what, va_list *args)
{
    gr_text *out = &html->text;
    switch (what) {
    case 's': gr_html_name(out, va_arg(*args, const char *)); break;
    case 't': gr_html_escape(out, va_arg(*args, const char *)); break;
    case 'm': add(out, va_arg(*args, const char *)); break;
    case 'd': gr_text_printf(out, "%lld", va_arg(*args, long long)); break;
    case 'f': gr_html_real(out, va_arg(*args, double), 3); break;
    case 'g': put_general(out, va_arg(*args, double)); break;
    case 'p': gr_html_real(out, 100.0 * va_arg(*args, double), 1); break;
    case 'q': put_p(out, va_arg(*args, double)); break;
    case 'i': add(out, html->prefix); break;
    case 'h': gr_text_printf(out, "h%d", html->level); break;
    case 'H': gr_text_printf(out, "h%d", html->level + 1); break;
    default: gr_text_add(out, &what, 1); break;
    }
}

void gr_html_put(gr_html *html, const char *markup, ...)
{
    va_list args;
    va_start(args, markup);
    while (*markup != '\0') {
        size_t plain = strcspn(markup, "%");
        gr_text_add(&html->text, markup, plain);
        markup += plain;
        if (*markup == '%' && markup[1] != '\0') {
            put_one(html, markup[1], &args);
            markup += 2;
        }
    }
    va_end(args);
}

void gr_html_data(gr_text *out, const char *type, const void *data, size_t size)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    const unsigned char *bytes = data;
    char piece[4];
    gr_text_printf(out, "data:%s;base64,", type);
    for (size_t i = 0; i < size; i += 3) {
        uint32_t bits = 0;
        for (size_t k = 0; k < 3; k++)
            bits = bits << 8 | (i + k < size ? bytes[i + k] : 0u);
        for (size_t k = 0; k < 4; k++)
            piece[k] = (char)(i + k <= size ? digits[bits >> (18 - 6 * k) & 63] : '=');
        gr_text_add(out, piece, 4);
    }
}
