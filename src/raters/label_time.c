/* Labels from the procedure and the point in time: BlackMice's Table 1. */
#include "raters/label.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

#include "formats/csv.h"
#include "raters/ratings_columns.h"

enum { HOUR = 60, DAY = 24 * HOUR, MOST_TIMES = 8, NO_TIME = -1 };

/* When pictures of a procedure were taken, in minutes behind it, and up to when they show its effect. */
typedef struct procedure {
    const char *name, *other_name;
    int64_t times[MOST_TIMES]; /* 0: the end */
    int64_t last_effect;
} procedure;

static const procedure procedures[] = {
    {"in", "isoflurane", {30, 150}, 30},
    {"kxn", "ketamine_xylazine", {30, 150, 2 * DAY, 9 * DAY}, 150},
    {"c", "castration", {30, 150, 300, 2 * DAY, 3 * DAY, 7 * DAY}, 300},
    /* Untreated mice, pictured when the others were: none of them shows an effect. */
    {"none", "untreated", {30, 150, 300, 2 * DAY, 3 * DAY, 7 * DAY, 9 * DAY}, 0},
};
enum { PROCEDURES = sizeof procedures / sizeof *procedures };

static const procedure *find_procedure(const char *name)
{
    for (int i = 0; i < PROCEDURES; i++)
        if (strcasecmp(name, procedures[i].name) == 0 || strcasecmp(name, procedures[i].other_name) == 0)
            return &procedures[i];
    return NULL;
}

/* "baseline": 0; "30 min", "30min", "5 h", "2 d", "2 days", "day 2": minutes; NO_TIME for anything else. */
static int64_t minutes_of(const char *text)
{
    if (strcasecmp(text, "baseline") == 0)
        return 0;
    bool day_first = strncasecmp(text, "day", 3) == 0;
    const char *at = day_first ? text + 3 : text;
    int64_t number = 0;
    at += strspn(at, " ");
    size_t digits = strspn(at, "0123456789");
    if (digits < 1 || digits > 6)
        return NO_TIME;
    for (size_t i = 0; i < digits; i++)
        number = 10 * number + (at[i] - '0');
    at += digits;
    at += strspn(at, " ");
    if (number == 0)
        return NO_TIME;
    if (day_first)
        return *at == '\0' ? number * DAY : NO_TIME;
    static const struct {
        const char *name;
        int64_t minutes;
    } units[] = {{"min", 1}, {"h", HOUR}, {"d", DAY}, {"day", DAY}, {"days", DAY}};
    for (size_t i = 0; i < sizeof units / sizeof *units; i++)
        if (strcasecmp(at, units[i].name) == 0)
            return number * units[i].minutes;
    return NO_TIME;
}

static void put_time(gr_text *out, int64_t minutes)
{
    if (minutes == 0)
        gr_text_printf(out, "baseline");
    else if (minutes % DAY == 0)
        gr_text_printf(out, "%lldd", (long long)(minutes / DAY));
    else
        gr_text_printf(out, "%lldmin", (long long)minutes);
}

static bool has_time(const procedure *p, int64_t minutes)
{
    bool found = minutes == 0;
    for (int i = 0; i < MOST_TIMES && p->times[i] != 0; i++)
        found = found || p->times[i] == minutes;
    return found;
}

static gr_status refuse_time(const gr_csv *csv, int64_t row, int column, const procedure *p, gr_error *err)
{
    gr_text known = {0};
    for (int i = 0; i < MOST_TIMES && p->times[i] != 0; i++) {
        gr_text_printf(&known, ", ");
        put_time(&known, p->times[i]);
    }
    gr_status status = gr_fail(
        err, GR_INVALID, "%s:%lld: time: \"%.80s\" is no point in time of %s; one of baseline%s would be right", csv->path,
        (long long)csv->line[row], gr_csv_field(csv, row, column), p->name, known.failed ? "" : known.data);
    gr_text_free(&known);
    return status;
}

static gr_status label_row(const gr_csv *csv, int64_t row, int procedure_column, int time_column, gr_label_counts *counts,
                           gr_text *out, gr_error *err)
{
    const procedure *p = find_procedure(gr_csv_field(csv, row, procedure_column));
    if (p == NULL)
        return gr_fail(
            err, GR_INVALID,
            "%s:%lld: procedure: there is no \"%.80s\"; in (isoflurane), kxn (ketamine_xylazine), c (castration) or "
            "none would be right",
            csv->path, (long long)csv->line[row], gr_csv_field(csv, row, procedure_column));
    int64_t minutes = minutes_of(gr_csv_field(csv, row, time_column));
    if (!has_time(p, minutes))
        return refuse_time(csv, row, time_column, p, err);
    bool effect = minutes > 0 && minutes <= p->last_effect;
    for (int c = 0; c < csv->columns; c++)
        gr_csv_put(out, gr_csv_field(csv, row, c), ',');
    gr_text_printf(out, "%s,%s-", p->name, p->name);
    put_time(out, minutes);
    gr_text_printf(out, ",%d\n", effect);
    counts->images++;
    counts->labelled++;
    counts->of_label[effect]++;
    return GR_OK;
}

static gr_status label_table(const gr_csv *csv, gr_label_counts *counts, gr_text *out, gr_error *err)
{
    static const char *const needed[] = {"image", "procedure", "time"}, *const made[] = {"treatment", "session", "effect"};
    int at[3];
    for (int i = 0; i < 3; i++) {
        gr_status status = gr_ratings_column(csv, needed[i], &at[i], err);
        if (status != GR_OK)
            return status;
        if (gr_csv_column(csv, made[i]) >= 0)
            return gr_fail(err, GR_INVALID, "%s:%lld: has a column \"%s\" already, which the labels are to make", csv->path,
                           (long long)csv->header_line, made[i]);
    }
    for (int c = 0; c < csv->columns; c++)
        gr_csv_put(out, csv->header[c], ',');
    gr_text_printf(out, "treatment,session,effect\n");
    gr_status status = GR_OK;
    for (int64_t i = 0; status == GR_OK && i < csv->rows; i++)
        status = label_row(csv, i, at[1], at[2], counts, out, err);
    return status;
}

gr_status gr_label_by_time(const char *table, gr_text *notices, const char *out, gr_label_counts *counts, gr_error *err)
{
    gr_csv *csv = NULL;
    gr_text text = {0};
    gr_status status = gr_csv_read(table, &csv, err);
    if (status == GR_OK && notices != NULL)
        gr_csv_say(csv, notices);
    if (status == GR_OK)
        status = label_table(csv, counts, &text, err);
    if (status == GR_OK)
        status = text.failed ? gr_fail(err, GR_NOMEM, "%s: no memory to write it", out)
                             : gr_file_write(out, text.data, text.size, err);
    if (status == GR_OK)
        gr_label_say_place(csv, gr_csv_column(csv, "image"), out, notices);
    gr_csv_destroy(csv);
    gr_text_free(&text);
    return status;
}
