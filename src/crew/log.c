#include "crew/log.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "formats/csv.h"

static const char heading[] = "host,pid,setting,fold,from,to,seconds,ended\n";

enum { PATHS = 4300, MOST_BYTES = 1 << 30 };

static void put_time(gr_text *out, double seconds)
{
    struct tm tm;
    char text[40];
    time_t whole = (time_t)seconds;
    gmtime_r(&whole, &tm);
    strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%S", &tm);
    gr_text_printf(out, "%s.%03dZ,", text, (int)(1000.0 * (seconds - (double)whole)));
}

void gr_log_add(const gr_worker *w, const gr_identity *who, const gr_log_row *row)
{
    char path[PATHS];
    gr_text line = {0};
    snprintf(path, sizeof path, "%s/crew/log/%s-%s.csv", w->top, w->kind, w->token);
    gr_text_printf(&line, "%s,%ld,", who->host, who->pid);
    gr_csv_put(&line, row->setting, ',');
    gr_csv_put(&line, row->fold, ',');
    put_time(&line, row->from);
    put_time(&line, row->to);
    gr_text_printf(&line, "%.3f,", row->to - row->from);
    gr_csv_put(&line, row->how, '\n');
    int fd = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0666);
    if (fd < 0) {
        gr_error unused = {0};
        char *folder = gr_path_folder(path);
        if (folder != NULL && gr_worker_there(w) && gr_make_folders(folder, &unused) == GR_OK)
            fd = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0666);
        gr_free(folder);
    }
    if (fd >= 0 && !line.failed)
        (void)!write(fd, line.data, line.size);
    if (fd >= 0)
        close(fd);
    gr_text_free(&line);
}

/* ---- all together ---------------------------------------------------------------------------------------------------------- */

typedef struct line {
    const char *text;
    char from[40];
} line;

/* The fifth field: settings and folds may be quoted. */
static void find_time(line *l)
{
    bool quoted = false;
    int field = 0;
    const char *c = l->text;
    for (; *c != '\0' && field < 4; c++) {
        quoted = quoted != (*c == '"');
        field += *c == ',' && !quoted;
    }
    snprintf(l->from, sizeof l->from, "%.*s", (int)strcspn(c, ",\n"), c);
}

static int compare(const void *a, const void *b)
{
    const line *x = a, *y = b;
    int order = strcmp(x->from, y->from);
    return order != 0 ? order : strcmp(x->text, y->text);
}

/* Appends the rows of a file, without what a killed worker has not written to the end. */
static void add_rows(const char *path, bool headed, gr_text *all)
{
    gr_error unused = {0};
    char *data = NULL;
    size_t size = 0;
    if (gr_file_read(path, MOST_BYTES, &data, &size, &unused) != GR_OK)
        return;
    const char *from = data;
    if (headed)
        from = strncmp(data, heading, strlen(heading)) == 0 ? data + strlen(heading) : data + size;
    const char *end = strrchr(from, '\n');
    if (end != NULL)
        gr_text_add(all, from, (size_t)(end + 1 - from));
    gr_free(data);
}

static gr_status write_sorted(const char *path, gr_text *all, gr_error *err)
{
    size_t count = 0;
    gr_text out = {0};
    for (const char *c = all->data; c != NULL && *c != '\0'; c++)
        count += *c == '\n';
    line *lines = gr_alloc(count, sizeof *lines);
    if (lines == NULL)
        return gr_fail(err, GR_NOMEM, "%s: no memory for its rows", path);
    char *at = all->data;
    for (size_t i = 0; i < count; i++) {
        char *end = strchr(at, '\n');
        *end = '\0';
        lines[i].text = at;
        find_time(&lines[i]);
        at = end + 1;
    }
    qsort(lines, count, sizeof *lines, compare);
    gr_text_printf(&out, "%s", heading);
    for (size_t i = 0; i < count; i++)
        if (i == 0 || strcmp(lines[i].text, lines[i - 1].text) != 0) /* merged before by one that died then */
            gr_text_printf(&out, "%s\n", lines[i].text);
    gr_free(lines);
    gr_status status = out.failed ? gr_fail(err, GR_NOMEM, "%s: no memory for its rows", path)
                                  : gr_file_write(path, out.data, out.size, err);
    gr_text_free(&out);
    return status;
}

gr_status gr_log_merge(const char *run, gr_error *err)
{
    char folder[PATHS], path[PATHS + 300];
    gr_text all = {0};
    bool others = false;
    snprintf(folder, sizeof folder, "%s/crew/log", run);
    DIR *logs = opendir(folder);
    for (const struct dirent *e; logs != NULL && (e = readdir(logs)) != NULL;) {
        if (e->d_name[0] == '.')
            continue;
        snprintf(path, sizeof path, "%s/%s", folder, e->d_name);
        others = others || gr_starts_with(e->d_name, "work-");
        add_rows(path, false, &all);
    }
    if (logs != NULL)
        closedir(logs);
    snprintf(path, sizeof path, "%s/work.csv", run);
    if (others)
        add_rows(path, true, &all);
    gr_status status = all.failed ? gr_fail(err, GR_NOMEM, "%s: no memory for its rows", path) : GR_OK;
    if (status == GR_OK && others)
        status = write_sorted(path, &all, err);
    gr_text_free(&all);
    return status;
}
