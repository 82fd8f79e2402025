#include "formats/csv_scanner.h"

#include <string.h>

gr_status gr_csv_refuse(gr_csv_scanner *s, int64_t line, const char *sentence)
{
    return gr_fail(s->err, GR_INVALID, "%s:%lld: %s", s->path, (long long)line, sentence);
}

gr_status gr_csv_wrong(gr_csv_scanner *s, int64_t line, const char *sentence)
{
    if (!s->tolerant || s->columns == 0)
        return gr_csv_refuse(s, line, sentence);
    if (s->fault_count > 0 && s->faults[s->fault_count - 1].row == s->rows)
        return GR_OK;
    if (s->fault_count == s->fault_capacity) {
        int64_t capacity = s->fault_capacity ? s->fault_capacity * 2 : 16;
        gr_csv_fault *faults = gr_realloc(s->faults, (size_t)capacity, sizeof *faults);
        if (faults == NULL)
            return gr_fail(s->err, GR_NOMEM, "%s: no memory for its wrong rows", s->path);
        s->faults = faults;
        s->fault_capacity = capacity;
    }
    if (s->fault_texts == NULL)
        s->fault_texts = gr_arena_create();
    const char *text = s->fault_texts != NULL ? gr_arena_strdup(s->fault_texts, sentence) : NULL;
    if (text == NULL)
        return gr_fail(s->err, GR_NOMEM, "%s: no memory for its wrong rows", s->path);
    s->faults[s->fault_count++] = (gr_csv_fault){s->rows, text};
    return GR_OK;
}

bool gr_csv_is_wrong(const gr_csv_scanner *s, int64_t row, int64_t *next)
{
    while (*next < s->fault_count && s->faults[*next].row < row)
        ++*next;
    return *next < s->fault_count && s->faults[*next].row == row;
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
