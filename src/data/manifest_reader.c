#include "data/manifest_reader.h"

#include "base/base.h"

gr_status gr_manifest_no_memory(const gr_manifest_reader *rd)
{
    return gr_fail(rd->err, GR_NOMEM, "%s: no memory for its %lld rows", rd->csv->path, (long long)rd->csv->rows);
}

gr_status gr_manifest_problem(const gr_manifest_reader *rd, int64_t line, const char *column, bool *usable, const char *text)
{
    *usable = false;
    const char *name = column != NULL ? column : "", *colon = column != NULL ? ": " : "";
    if (rd->options->report == NULL)
        return gr_fail(rd->err, GR_INVALID, "%s:%lld: %s%s%s", rd->csv->path, (long long)line, name, colon, text);
    (void)gr_fail(rd->first, GR_INVALID, "line %lld: %s%s%s", (long long)line, name, colon, text);
    rd->options->report(rd->options->report_ctx, line, column, text);
    return GR_OK;
}
