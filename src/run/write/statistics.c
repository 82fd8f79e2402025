/* statistics.json and its tables: each task writes its own. */
#include "run/write/statistics.h"

gr_status gr_statistics_write(const gr_statistics *s, const char *folder, gr_error *err)
{
    if (s->columns != NULL)
        return gr_label_statistics_write(s, folder, err);
    if (s->results.scores != NULL)
        return gr_score_statistics_write(s, folder, err);
    return gr_class_statistics_write(s, folder, err);
}

void gr_statistics_table(const gr_statistics *s, gr_text *out)
{
    if (s->columns != NULL)
        gr_label_statistics_table(s, out);
    else if (s->results.scores != NULL)
        gr_score_statistics_table(s, out);
    else
        gr_class_statistics_table(s, out);
}
