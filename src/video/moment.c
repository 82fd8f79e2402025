#include "grimace/moment.h"

#include <ctype.h>
#include <string.h>

#include "base/base.h"

enum { MOST_DIGITS = 9 };

/* Digits and at most one point; false when it is no such number or has more digits on a side than fit. */
static bool read_decimal(const char *text, size_t length, gr_moment *out)
{
    *out = (gr_moment){0, 1};
    int before = 0, behind = -1;
    for (size_t i = 0; i < length; i++) {
        if (text[i] == '.' && behind < 0) {
            behind = 0;
            continue;
        }
        if (!isdigit((unsigned char)text[i]) || before + (behind > 0 ? behind : 0) >= MOST_DIGITS)
            return false;
        out->num = out->num * 10 + (text[i] - '0');
        if (behind >= 0) {
            behind++;
            out->den *= 10;
        } else if (out->num > 0) {
            before++;
        }
    }
    return length > (behind >= 0 ? 1u : 0u);
}

static int64_t common(int64_t a, int64_t b)
{
    while (b != 0) {
        int64_t rest = a % b;
        a = b;
        b = rest;
    }
    return a;
}

static void reduce(gr_moment *m)
{
    int64_t by = common(m->num, m->den);
    if (by > 1) {
        m->num /= by;
        m->den /= by;
    }
}

bool gr_moment_read(const char *text, gr_moment *out)
{
    bool good = read_decimal(text, strlen(text), out);
    if (good)
        reduce(out);
    return good;
}

gr_status gr_rate_read(const char *where, const char *text, gr_moment *rate, gr_error *err)
{
    const char *bar = strchr(text, '/');
    gr_moment over = {1, 1};
    bool good = read_decimal(text, bar != NULL ? (size_t)(bar - text) : strlen(text), rate) &&
                (bar == NULL || read_decimal(bar + 1, strlen(bar + 1), &over));
    if (good && over.num > 0) {
        reduce(rate);
        reduce(&over);
        rate->num *= over.den;
        rate->den *= over.num;
        reduce(rate);
    }
    if (!good || over.num == 0 || rate->num == 0 || rate->num > 1000000000 || rate->den > 1000000000)
        return gr_fail(err, GR_INVALID, "%s: \"%.40s\" is no rate; pictures a second, such as 2, 0.5 or 1/3, would be right",
                       where, text);
    return GR_OK;
}

gr_moment gr_rate_time(gr_moment rate, gr_moment start, int64_t k)
{
    __int128 num = (__int128)start.num * rate.num + (__int128)k * rate.den * start.den, den = (__int128)start.den * rate.num;
    __int128 a = num, b = den;
    while (b != 0) {
        __int128 rest = a % b;
        a = b;
        b = rest;
    }
    num /= a;
    den /= a;
    const __int128 most = (__int128)1 << 62;
    return (gr_moment){num < most ? (int64_t)num : (int64_t)most, den < most ? (int64_t)den : (int64_t)most};
}

int gr_moment_compare(gr_moment a, gr_moment b)
{
    __int128 x = (__int128)a.num * b.den, y = (__int128)b.num * a.den;
    return (x > y) - (x < y);
}
