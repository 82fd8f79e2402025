/* Cells of the tables of statistics. */
#include <math.h>

#include "run/write/statistics.h"

void gr_statistics_put_number(gr_text *out, int width, double value)
{
    if (isnan(value))
        gr_text_printf(out, "%*s", width, "-");
    else
        gr_text_printf(out, "%*.4f", width, value);
}

void gr_statistics_put_interval(gr_text *out, gr_interval i)
{
    if (isnan(i.low) || isnan(i.high))
        gr_text_printf(out, "  %17s", "-");
    else
        gr_text_printf(out, "  %7.4f .. %5.4f", i.low, i.high);
}

/* A name in GR_STATISTICS_NAME characters; bytes of one character behind its first take no place. */
void gr_statistics_put_name(gr_text *out, const char *name)
{
    int width = 0, bytes = 0;
    for (; name[bytes] != '\0'; bytes++) {
        bool begins = ((unsigned char)name[bytes] & 0xC0) != 0x80;
        if (begins && width == GR_STATISTICS_NAME)
            break;
        width += begins;
    }
    gr_text_printf(out, "%.*s%*s", bytes, name, GR_STATISTICS_NAME - width, "");
}
