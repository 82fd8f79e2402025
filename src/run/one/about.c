#include "run/one/about.h"

#include <math.h>
#include <stdio.h>
#include <string.h>
#include <sys/utsname.h>
#include <time.h>

#include "formats/json.h"
#include "grimace/inspect.h"
#include "kernels/kernels.h"

enum { MANIFEST_LIMIT = 1 << 30, CPU_LIMIT = 1 << 20 };

/* ---- where and when --------------------------------------------------------------------------------------------------- */

/* "2026-01-31T09:30:00Z" */
static json_t *now(void)
{
    char text[40];
    time_t t = time(NULL);
    struct tm parts;
    if (gmtime_r(&t, &parts) == NULL || strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", &parts) == 0)
        return json_null();
    return json_string(text);
}

/* What Linux calls the processor: "model name" on x86; elsewhere the machine's kind. */
static json_t *processor(void)
{
    struct utsname machine;
    char line[400];
    FILE *file = fopen("/proc/cpuinfo", "r"); /* of no size that gr_file_read could ask for */
    json_t *name = NULL;
    while (file != NULL && name == NULL && fgets(line, sizeof line, file) != NULL) {
        char *value = gr_starts_with(line, "model name") ? strchr(line, ':') : NULL;
        if (value != NULL) {
            value += 1 + strspn(value + 1, " \t");
            value[strcspn(value, "\n")] = '\0';
            name = json_string(value);
        }
    }
    if (file != NULL)
        fclose(file);
    if (name == NULL)
        name = uname(&machine) == 0 ? json_string(machine.machine) : json_null();
    return name;
}

/* ---- what ------------------------------------------------------------------------------------------------------------- */

/* Adds {"file", "sha256"} of the table at `path`; its folder is no news to anybody else. */
static int add_manifest(json_t *list, const char *path)
{
    char hash[GR_SHA256_ROOM], *bytes;
    size_t size;
    gr_error unread = {0};
    const char *slash = strrchr(path, '/');
    json_t *one = json_object();
    bool read = gr_file_read(path, MANIFEST_LIMIT, &bytes, &size, &unread) == GR_OK;
    if (read) {
        gr_sha256(bytes, size, hash);
        gr_free(bytes);
    }
    int bad = json_object_set_new(one, "file", json_string(slash != NULL ? slash + 1 : path));
    bad |= json_object_set_new(one, "sha256", read ? json_string(hash) : json_null());
    return bad | json_array_append_new(list, one);
}

static json_t *libraries(void)
{
    json_t *all = json_object();
    char version[GR_LIBRARY_ROOM];
    const char *name;
    for (int i = 0; (name = gr_library(i, version)) != NULL; i++)
        json_object_set_new(all, name, json_string(version));
    return all;
}

/* The sessions of the file; an empty list where there is none that can be read. */
static json_t *sessions_of(const char *path)
{
    json_t *root = NULL;
    gr_error unread = {0};
    if (!gr_path_exists(path) || gr_json_read(path, &root, &unread) != GR_OK)
        return json_array();
    json_t *list = json_incref(json_object_get(root, "sessions"));
    json_decref(root);
    if (json_is_array(list))
        return list;
    json_decref(list);
    return json_array();
}

static json_t *begin_session(const char *command, int threads)
{
    json_t *one = json_object();
    int bad = json_object_set_new(one, "command", command != NULL ? json_string(command) : json_null());
    bad |= json_object_set_new(one, "grimace", json_string(GRIMACE_VERSION));
    bad |= json_object_set_new(one, "compiler", json_string(__VERSION__));
    bad |= json_object_set_new(one, "libraries", libraries());
    bad |= json_object_set_new(one, "instruction_set", json_string(gr_kernels_get()->isa));
    bad |= json_object_set_new(one, "processor", processor());
    bad |= json_object_set_new(one, "threads", json_integer(threads));
    bad |= json_object_set_new(one, "began", now());
    if (bad == 0)
        return one;
    json_decref(one);
    return NULL;
}

gr_status gr_about_begin(gr_about *about, const gr_config *config, const char *folder, const char *command, int threads,
                         gr_error *err)
{
    *about = (gr_about){.path = gr_path_join(folder, "about.json"), .start = gr_seconds()};
    if (about->path == NULL)
        return gr_fail(err, GR_NOMEM, "%s: no memory for about.json", folder);
    about->before = sessions_of(about->path);
    about->session = begin_session(command, threads);
    about->manifests = json_array();
    int bad = about->manifests == NULL || about->session == NULL || about->before == NULL;
    if (bad == 0 && config->data.manifest != NULL)
        bad |= add_manifest(about->manifests, config->data.manifest);
    for (int i = 0; bad == 0 && i < config->data.extra_manifests.count; i++)
        bad |= add_manifest(about->manifests, config->data.extra_manifests.items[i]);
    return bad == 0 ? gr_about_write(about, NULL, err) : gr_fail(err, GR_NOMEM, "%s: no memory for it", about->path);
}

/* ---- the file --------------------------------------------------------------------------------------------------------- */

static double seconds_of(const json_t *session)
{
    return json_number_value(json_object_get(session, "seconds"));
}

/* The whole file: what the last session is, when the first began, the seconds of all. GIVES; NULL when memory is short. */
static json_t *whole(const gr_about *about)
{
    json_t *root = json_copy(about->session), *all = json_copy(about->before), *brief = json_copy(about->session);
    size_t i;
    const json_t *one;
    double seconds = seconds_of(about->session);
    int bad = root == NULL || all == NULL || brief == NULL;
    json_array_foreach(about->before, i, one) seconds += seconds_of(one);
    if (bad == 0 && json_array_size(about->before) > 0)
        bad |= json_object_set(root, "began", json_object_get(json_array_get(about->before, 0), "began"));
    bad |= json_object_set_new(root, "seconds", json_real(seconds));
    bad |= json_object_set(root, "manifests", about->manifests);
    bad |= json_object_del(brief, "libraries") | json_object_del(brief, "compiler");
    bad |= json_array_append_new(all, brief);
    bad |= json_object_set_new(root, "sessions", all);
    if (bad == 0)
        return root;
    json_decref(root);
    return NULL;
}

gr_status gr_about_write(gr_about *about, const char *end, gr_error *err)
{
    if (about->session == NULL)
        return GR_OK;
    double seconds = floor((gr_seconds() - about->start) * 1000.0 + 0.5) / 1000.0;
    int bad = json_object_set_new(about->session, "ended", end != NULL ? now() : json_null());
    bad |= json_object_set_new(about->session, "end", end != NULL ? json_string(end) : json_null());
    bad |= json_object_set_new(about->session, "seconds", json_real(seconds));
    json_t *root = bad == 0 ? whole(about) : NULL;
    gr_status status = root != NULL ? gr_json_write_rounded(about->path, root, err)
                                    : gr_fail(err, GR_NOMEM, "%s: no memory to write it", about->path);
    json_decref(root);
    return status;
}

void gr_about_free(gr_about *about)
{
    gr_free(about->path);
    json_decref(about->before);
    json_decref(about->session);
    json_decref(about->manifests);
    *about = (gr_about){0};
}
