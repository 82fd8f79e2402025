#include "formats/csv_scanner.h"

#include <string.h>

gr_status gr_csv_refuse(gr_csv_scanner *s, int64_t line, const char *sentence)
{
    return gr_fail(s->err, GR_INVALID, "%s:%lld: %s", s->path, (long long)line, sentence);
}

bool gr_csv_unknown(const char *text)
{
    static const char *const words[] = {"",    "NA",   "N/A",  "n/a", "NaN", "nan", "NAN",
                                        "null", "NULL", "Null", "<NA>", "#N/A", "#NA", "."};
    if (text[0] != '\0' && strchr("Nn<#.", text[0]) == NULL)
        return false;
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (strcmp(text, words[i]) == 0)
            return true;
    return false;
}
