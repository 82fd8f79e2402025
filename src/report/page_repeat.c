/* How to do it again, and with what it was done. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/base.h"
#include "formats/json.h"
#include "report/page_parts.h"

enum { CONFIG_LIMIT = 1 << 20 };

/* A path in the user's home begins with ~, as in about.json: a page is passed on. */
static void put_at_home(gr_text *out, const char *text)
{
    const char *home = getenv("HOME");
    size_t length = home != NULL && home[0] == '/' && home[1] != '\0' ? strlen(home) : 0;
    for (const char *at = text;;) {
        const char *found = length > 0 ? strstr(at, home) : NULL;
        gr_text_add(out, at, found != NULL ? (size_t)(found - at) : strlen(at));
        if (found == NULL)
            return;
        bool whole = found[length] == '/' || found[length] == '\0' || found[length] == '\n';
        gr_text_add(out, whole ? "~" : found, whole ? 1 : length);
        at = found + length;
    }
}

static void put_config(gr_html *html, const gr_page_run *run)
{
    char *path = gr_path_join(run->files.path, "config.yaml"), *text = NULL;
    size_t size = 0;
    gr_text shown = {0};
    if (path != NULL && gr_file_read(path, CONFIG_LIMIT, &text, &size, NULL) == GR_OK)
        put_at_home(&shown, text);
    html->text.failed |= path == NULL || shown.failed;
    if (shown.size > 0)
        gr_html_put(html, "<details><summary>The whole config, every default filled in</summary>\n<pre>%t</pre></details>\n",
                    shown.data);
    gr_text_free(&shown);
    gr_free(text);
    gr_free(path);
}

/* The command that began the run: about.json's own is that of the last session, which may have been a helper. */
static const char *first_command(const json_t *about)
{
    const char *first = gr_page_text(json_array_get(gr_page_at(about, "sessions"), 0), "command");
    return first != NULL ? first : gr_page_text(about, "command");
}

static void put_repeat(gr_html *html, const gr_page_run *run)
{
    const char *command = first_command(run->files.about), *last = gr_page_text(run->files.about, "command");
    gr_html_put(html, "<section id=\"%irepeat\">\n<%h>To repeat it</%h>\n");
    if (command != NULL)
        gr_html_put(html, "<p>It was made by</p>\n<pre>%t</pre>\n", command);
    if (command != NULL && last != NULL && strcmp(command, last) != 0)
        gr_html_put(html, "<p>and ended by</p>\n<pre>%t</pre>\n", last);
    gr_html_put(
        html,
        "<p>The run&#39;s own config holds every value, so this repeats it, to the same bits with the same version and "
        "instruction set:</p>\n<pre>grimace %m %t/config.yaml --out again</pre>\n",
        run->sweep != NULL                                            ? "sweep"
        : command != NULL && gr_starts_with(command, "grimace train") ? "train"
                                                                      : "cv",
        run->files.path);
    put_config(html, run);
    gr_html_put(html, "</section>\n");
}

static void put_row(gr_html *html, const char *name, const char *value)
{
    if (value != NULL)
        gr_html_put(html, "<dt>%t</dt><dd>%s</dd>\n", name, value);
}

/* about.json adds up sessions, and knows nothing of one that was killed or of workers beside it: then no sum is better. */
static bool seconds_are_known(const json_t *about)
{
    const json_t *sessions = gr_page_at(about, "sessions");
    for (size_t i = 0; i < json_array_size(sessions); i++) {
        const char *command = gr_page_text(json_array_get(sessions, i), "command");
        if (json_is_null(json_object_get(json_array_get(sessions, i), "ended")) ||
            (command != NULL && gr_starts_with(command, "grimace work ")))
            return false;
    }
    return true;
}

static void put_duration(gr_html *html, double seconds)
{
    if (!isfinite(seconds))
        return;
    long long whole = (long long)llround(seconds);
    gr_html_put(html, "<dt>Duration</dt><dd>");
    if (whole >= 3600)
        gr_html_put(html, "%d h %d min", whole / 3600, whole % 3600 / 60);
    else if (whole >= 60)
        gr_html_put(html, "%d min %d s", whole / 60, whole % 60);
    else
        gr_html_put(html, "%d s", whole);
    gr_html_put(html, "</dd>\n");
}

static void put_libraries(gr_html *html, const json_t *libraries)
{
    const char *name;
    json_t *version;
    bool first = true;
    if (json_object_size(libraries) == 0)
        return;
    gr_html_put(html, "<dt>Libraries</dt><dd>");
    json_object_foreach((json_t *)libraries, name, version)
    {
        /* OpenBLAS says its own name first. */
        const char *text = json_string_value(version);
        if (text == NULL)
            continue;
        gr_html_put(html, "%m%t", first ? "" : "; ", gr_starts_with(text, name) ? "" : name);
        gr_html_put(html, gr_starts_with(text, name) ? "%t" : " %t", text);
        first = false;
    }
    gr_html_put(html, "</dd>\n");
}

static void put_manifests(gr_html *html, const json_t *manifests)
{
    for (size_t i = 0; i < json_array_size(manifests); i++) {
        const char *file = gr_page_text(json_array_get(manifests, i), "file");
        const char *hash = gr_page_text(json_array_get(manifests, i), "sha256");
        if (file != NULL && hash != NULL)
            gr_html_put(html, "<dt>Manifest</dt><dd>%s, SHA-256 <code>%t</code></dd>\n", file, hash);
    }
}

static void put_sessions(gr_html *html, const json_t *sessions)
{
    if (json_array_size(sessions) > 1)
        gr_html_put(html, "<dt>Sessions</dt><dd>%d: it was stopped and went on</dd>\n",
                    (long long)json_array_size(sessions));
}

static void put_provenance(gr_html *html, const gr_page_run *run)
{
    const json_t *about = run->files.about;
    gr_html_put(html, "<section id=\"%iprovenance\">\n<%h>Provenance</%h>\n<dl>\n");
    put_row(html, "Run", run->files.path);
    put_row(html, "grimace", gr_page_text(about, "grimace"));
    put_row(html, "Compiler", gr_page_text(about, "compiler"));
    put_row(html, "Processor", gr_page_text(about, "processor"));
    put_row(html, "Instruction set", gr_page_text(about, "instruction_set"));
    if (isfinite(gr_page_number(about, "threads")))
        gr_html_put(html, "<dt>Threads</dt><dd>%d</dd>\n", gr_page_whole(about, "threads"));
    put_row(html, "Began (UTC)", gr_page_text(about, "began"));
    put_row(html, "Ended (UTC)", gr_page_text(about, "ended"));
    if (seconds_are_known(about))
        put_duration(html, gr_page_number(about, "seconds"));
    put_sessions(html, gr_page_at(about, "sessions"));
    put_manifests(html, gr_page_at(about, "manifests"));
    put_libraries(html, gr_page_at(about, "libraries"));
    gr_html_put(html, "</dl>\n");
    if (about == NULL)
        gr_html_put(html, "<p>There is no about.json: which version made this, where and when, is not known.</p>\n");
    gr_html_put(html, "</section>\n");
}

void gr_put_repeat(gr_html *html, const gr_page_run *run)
{
    if (run->config != NULL)
        put_repeat(html, run);
    put_provenance(html, run);
}
