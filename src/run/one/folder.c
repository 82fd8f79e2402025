/* The order of things on disk: config.yaml comes first and names the run, checkpoints come last and make it worth keeping. */
#include "run/one/folder.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <time.h>
#include <unistd.h>

#include "learners/checkpoint.h"
#include "config/config.h"
#include "data/split_csv.h"
#include "formats/csv.h"
#include "run/one/ended.h"

/* ---- configs compared ------------------------------------------------------------------------------------------------------ */

static gr_status compare_values(const gr_config *config, const gr_config *held, bool sweep, const char *path, gr_error *err)
{
    gr_text now = {0}, then = {0};
    const char *key = gr_config_differs(config, held, sweep, &now, &then);
    gr_status status = GR_OK;
    if (now.failed || then.failed)
        status = gr_fail(err, GR_NOMEM, "no memory to compare configs");
    else if (key != NULL)
        status = gr_config_fail(config, key, err,
                                "is %.200s, but the run in %s was begun with %.200s; the same value, or another --out, would "
                                "be right",
                                now.data, path, then.data);
    gr_text_free(&now);
    gr_text_free(&then);
    return status;
}

/* Is the run in `folder` one of `config`? */
static gr_status compare_configs(const char *folder, const gr_config *config, bool sweep, gr_error *err)
{
    char *path = gr_path_join(folder, "config.yaml");
    if (path == NULL)
        return gr_fail(err, GR_NOMEM, "no memory for a path");
    gr_config *held = NULL;
    gr_status status = GR_OK;
    if (!gr_path_exists(path))
        status = gr_fail(err, GR_INVALID, "%s: holds parts of a run but no config.yaml, so it cannot be resumed; name another "
                         "--out", folder);
    else
        status = gr_config_load(path, NULL, 0, &held, err);
    if (status == GR_OK)
        status = compare_values(config, held, sweep, folder, err);
    gr_config_destroy(held);
    gr_free(path);
    return status;
}

/* ---- what a folder holds --------------------------------------------------------------------------------------------------- */

/* "NAME.tmp-123": what gr_atomic_begin writes to, and a kill leaves. */
static bool is_temporary(const char *name)
{
    const char *mark = strstr(name, ".tmp-");
    return mark != NULL && mark[5] != '\0' && mark[5 + strspn(mark + 5, "0123456789")] == '\0';
}

static bool is_of(const char *temporary, const char *name)
{
    return gr_starts_with(temporary, name) && gr_starts_with(temporary + strlen(name), ".tmp-");
}

/* What a file tells of the folder that it lies in. */
typedef enum holding { NOTHING = 0, ANY = 1, RUN = 2, SWEEP = 4 } holding;

static holding holding_of(const char *name)
{
    static const char *const names[] = {"splits.csv",  "predictions.csv", "results.json",
                                        "results.csv", "statistics.json", "roc.csv", "pr.csv",
                                        "totals.csv",  "labels.csv",      "matrix.csv", "validation.csv",
                                        "predictions_uncalibrated.csv",
                                        "predictions_averaged.csv", "results_averaged.csv", "summary.csv"};
    if (is_temporary(name))
        return NOTHING;
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        if (strcmp(names[i], name) == 0)
            return RUN;
    if (strcmp(name, "config.yaml") == 0 || strcmp(name, "about.json") == 0)
        return ANY;
    if (strcmp(name, "sweep.csv") == 0 || strcmp(name, "sweep.json") == 0 || gr_starts_with(name, "setting-"))
        return SWEEP;
    bool run = gr_starts_with(name, "fold-") || gr_starts_with(name, "label-") || gr_starts_with(name, "train-");
    return run ? RUN : NOTHING;
}

/* The union of what the folder's files tell. */
static gr_status find_holding(const char *path, unsigned *out, gr_error *err)
{
    *out = NOTHING;
    DIR *folder = opendir(path);
    if (folder == NULL)
        return gr_fail(err, GR_INVALID, "%s: the folder cannot be read: %s", path, strerror(errno));
    for (struct dirent *entry; (entry = readdir(folder)) != NULL;)
        *out |= (unsigned)holding_of(entry->d_name);
    closedir(folder);
    return GR_OK;
}

/* Does a process of this machine live? One that only its parent has not asked for yet does not. */
static bool lives(long pid)
{
    char path[64], line[512];
    snprintf(path, sizeof path, "/proc/%ld/stat", pid);
    FILE *file = pid > 0 && kill((pid_t)pid, 0) == 0 ? fopen(path, "re") : NULL;
    if (file == NULL)
        return false;
    const char *name_end = fgets(line, sizeof line, file) != NULL ? strrchr(line, ')') : NULL;
    fclose(file);
    return name_end == NULL || name_end[1] != ' ' || (name_end[2] != 'Z' && name_end[2] != 'X');
}

/* Who writes it stands behind ".tmp-", before the digits of the moment (gr_atomic_begin). */
static bool is_in_use(const char *temporary)
{
    enum { MOMENT = 10 };
    char number[24];
    const char *digits = strrchr(temporary, '-') + 1;
    int length = (int)strlen(digits) - MOMENT;
    snprintf(number, sizeof number, "%.*s", length > 0 ? length : 0, digits);
    return lives(atol(number));
}

void gr_remove_temporaries(const char *path, const char *of, bool living)
{
    DIR *folder = opendir(path);
    if (folder == NULL)
        return;
    for (struct dirent *entry; (entry = readdir(folder)) != NULL;)
        if (is_temporary(entry->d_name) && (of == NULL || is_of(entry->d_name, of)) &&
            (living || !is_in_use(entry->d_name)))
            unlinkat(dirfd(folder), entry->d_name, 0);
    closedir(folder);
}

/* The nearest folder above `path` that is there: it must let us make something in it. */
static gr_status check_writable(const char *path, gr_error *err)
{
    char *at = gr_strdup(path);
    while (at != NULL && !gr_path_exists(at)) {
        char *above = gr_path_folder(at);
        gr_free(at);
        at = above;
    }
    gr_status status = GR_OK;
    if (at == NULL)
        status = gr_fail(err, GR_NOMEM, "no memory for a path");
    else if (!gr_is_folder(at))
        status = gr_fail(err, GR_INVALID, "%s: is no folder, so the run cannot be written to %s", at, path);
    else if (access(at, W_OK | X_OK) != 0)
        status = gr_fail(err, GR_INVALID, "%s: the folder cannot be written: %s", at, strerror(errno));
    gr_free(at);
    return status;
}

/* May the folder, which holds something, be gone on with? */
static gr_status check_held(const gr_run_folder *folder, unsigned holds, const gr_config *config, gr_error *err)
{
    const char *what = (holds & SWEEP) != 0 ? "sweep" : "run";
    if (!folder->resume)
        return gr_fail(err, GR_INVALID, "%s: holds a %s already; add --resume to go on with it, or name another --out",
                       folder->path, what);
    if ((holds & (folder->sweep ? RUN : SWEEP)) != 0)
        return gr_fail(err, GR_INVALID, "%s: holds a %s, this is a %s; name another --out", folder->path, what,
                       folder->sweep ? "sweep" : "run");
    return compare_configs(folder->path, config, folder->sweep, err);
}

gr_status gr_run_folder_check(const char *path, const gr_config *config, bool sweep, bool resume, gr_run_folder *out,
                              gr_error *err)
{
    *out = (gr_run_folder){.path = path, .sweep = sweep, .resume = resume, .lock = -1};
    unsigned holds = NOTHING;
    gr_status status = check_writable(path, err);
    if (status != GR_OK || !gr_path_exists(path))
        return status;
    status = find_holding(path, &holds, err);
    out->begun = holds != NOTHING;
    return status == GR_OK && out->begun ? check_held(out, holds, config, err) : status;
}

/* ---- beginning --------------------------------------------------------------------------------------------------------------- */

/* Notes in folder->made the outermost part of the path that is not there, then makes it all. */
static gr_status make_folder(gr_run_folder *folder, gr_error *err)
{
    char *at = gr_strdup(folder->path);
    while (at != NULL && !gr_path_exists(at)) {
        gr_free(folder->made);
        folder->made = at;
        at = gr_path_folder(at);
    }
    bool short_of_memory = at == NULL;
    gr_free(at);
    return short_of_memory ? gr_fail(err, GR_NOMEM, "no memory for a path") : gr_make_folders(folder->path, err);
}

/* Takes the lock. The processes of a killed run may need a moment to die, so a short wait comes before the refusal. Some file
 * systems know no locks: then there is none. */
static bool lock_comes_free(int lock)
{
    const struct timespec pause = {.tv_nsec = 20 * 1000 * 1000};
    for (double start = gr_seconds(); flock(lock, LOCK_EX | LOCK_NB) != 0 && errno == EWOULDBLOCK; nanosleep(&pause, NULL))
        if (gr_seconds() - start > 5.0)
            return false;
    return true;
}

static gr_status take_lock(gr_run_folder *folder, const gr_config *config, gr_error *err)
{
    folder->lock = open(folder->path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (folder->lock < 0)
        return gr_fail(err, GR_INVALID, "%s: the folder cannot be opened: %s", folder->path, strerror(errno));
    if (!lock_comes_free(folder->lock))
        return gr_fail(err, GR_INVALID, "%s: another process works on this run; wait for its end, or name another --out",
                       folder->path);
    unsigned holds = NOTHING;
    gr_status status = find_holding(folder->path, &holds, err);
    if (status == GR_OK && holds != NOTHING && !folder->begun) {
        folder->begun = true; /* by another, since it was looked at: not ours to remove */
        status = check_held(folder, holds, config, err);
    }
    return status;
}

/* Does splits.csv say what `e` says, byte for byte in either form, or, of an older version, row for row? A row of it is
 * image, group (if any), label, fold, part. */
static gr_status compare_splits(const char *path, const gr_cohort *e, gr_error *err)
{
    gr_csv *csv = NULL;
    bool as_written = false;
    gr_status status = gr_split_same_csv(&e->split, &e->manifest, path, &as_written, err);
    if (status == GR_OK && !as_written)
        status = gr_csv_read(path, &csv, err);
    if (status != GR_OK || as_written)
        return status;
    int columns[] = {gr_csv_column(csv, "image"), gr_csv_column(csv, "label"), gr_csv_column(csv, "fold"),
                     gr_csv_column(csv, "part")};
    const gr_manifest *m = &e->manifest;
    int number = m->labels == NULL && m->value_count == 1 ? gr_manifest_column(m, m->value_columns[0]) : -1; /* of scores */
    bool same = true;
    int64_t next = 0; /* row of the file */
    for (int c = 0; c < 4; c++)
        same = same && (columns[c] >= 0) == (c != 1 || m->labels != NULL || number >= 0);
    for (int64_t i = 0; same && i < m->rows * e->split.fold_count; i++) {
        const gr_fold *fold = &e->split.folds[i / m->rows];
        int64_t r = i % m->rows;
        if (gr_fold_part(fold, r) == GR_PART_NONE)
            continue;
        same = next < csv->rows;
        const char *label = m->labels != NULL ? m->classes[m->labels[r]] : number >= 0 ? gr_manifest_cell(m, r, number) : NULL;
        const char *wanted[] = {m->images[r], label, fold->name, gr_part_name(gr_fold_part(fold, r))};
        for (int c = 0; same && c < 4; c++)
            same = wanted[c] == NULL || strcmp(gr_csv_field(csv, next, columns[c]), wanted[c]) == 0;
        next++;
    }
    if (!same || next != csv->rows)
        status = gr_fail(err, GR_INVALID,
                         "%s: is not the split that config and manifest give now: the manifest has changed since the run was "
                         "begun, or another command began it; name another --out",
                         path);
    gr_csv_destroy(csv);
    return status;
}

/* More or fewer repetitions than before may be asked for: config.yaml says how many there are, to workers, too. Nobody reads
 * what all said together where there is one. */
static gr_status keep_repeats(const gr_run_folder *folder, const gr_config *run, const char *config, gr_error *err)
{
    gr_config *held = NULL;
    gr_status status = gr_config_load(config, NULL, 0, &held, err);
    if (status == GR_OK && held->train.repeats != run->train.repeats) {
        char *told = gr_path_join(folder->path, "repeats.csv");
        if (told != NULL && run->train.repeats == 1)
            unlink(told);
        gr_free(told);
        status = gr_config_save(run, config, err);
    }
    gr_config_destroy(held);
    return status;
}

static gr_status write_contents(gr_run_folder *folder, const gr_config *run, const gr_cohort *e, gr_error *err)
{
    char *config = gr_path_join(folder->path, "config.yaml"), *splits = gr_path_join(folder->path, "splits.csv");
    gr_status status = config != NULL && splits != NULL ? GR_OK : gr_fail(err, GR_NOMEM, "no memory for a path");
    if (status == GR_OK && !gr_path_exists(config))
        status = gr_config_save(run, config, err);
    else if (status == GR_OK && !folder->joins && !folder->finished)
        status = keep_repeats(folder, run, config, err);
    if (status == GR_OK && e != NULL) {
        bool compact = gr_split_compact(&e->split, run->split.write);
        gr_error why = {0};
        status = gr_path_exists(splits) ? compare_splits(splits, e, &why)
                                        : gr_split_write_csv(&e->split, &e->manifest, compact, splits, &why);
        if (status == GR_INVALID && folder->joins && gr_run_is_of_train(folder->path))
            status = gr_fail(err, GR_INVALID,
                             "%s: was begun by train, whose one fold is no work for several; train with --resume goes on with it, "
                             "the folder of a cv or sweep would be right here",
                             folder->path);
        else if (status != GR_OK)
            status = gr_fail(err, status, "%s", why.text);
    }
    gr_free(config);
    gr_free(splits);
    return status;
}

static char *fold_folder(const gr_run_folder *folder, const gr_cohort *e, int fold, const char *name)
{
    gr_text path = {0};
    gr_text_printf(&path, "%s/fold-%s%s", folder->path, e->split.folds[fold].name, name);
    if (path.failed)
        gr_text_free(&path);
    return path.data;
}

static bool has_others(const gr_run_folder *folder)
{
    return folder->share != NULL && folder->share->others(folder->share->ctx);
}

gr_status gr_run_folder_begin(gr_run_folder *folder, const gr_config *config, const gr_cohort *e, gr_error *err)
{
    gr_status status = make_folder(folder, err);
    bool ours = !folder->joins && !folder->finished;
    if (status == GR_OK && ours)
        status = take_lock(folder, config, err);
    if (status != GR_OK)
        return status;
    /* Asked only now, as all that was checked took its time. Where there are any, who takes a fold removes what was left there. */
    bool others = folder->joins || has_others(folder);
    if (!others)
        gr_remove_temporaries(folder->path, NULL, false);
    status = write_contents(folder, config, e, err);
    for (int f = 0; status == GR_OK && e != NULL && f < e->split.fold_count; f++) {
        char *path = fold_folder(folder, e, f, "");
        status = path != NULL ? gr_make_folders(path, err) : gr_fail(err, GR_NOMEM, "no memory for a path");
        if (status == GR_OK && !others)
            gr_remove_temporaries(path, NULL, false);
        gr_free(path);
    }
    /* Who only begins a run for workers may have waited for the lock until they had ended it: what they said of its end stays. */
    bool ended = folder->share != NULL && folder->share->begins && gr_run_is_done(folder->path);
    if (status == GR_OK && ours && !ended)
        status = gr_about_begin(&folder->about, config, folder->path, folder->command, folder->threads, err);
    return status;
}

/* ---- ending ------------------------------------------------------------------------------------------------------------------ */

/* Is there anything that is worth keeping, be it only what an epoch has measured? */
static bool has_results(const gr_run_folder *folder, const gr_cohort *e)
{
    gr_error unused = {0};
    unsigned holds = NOTHING;
    if (e == NULL)
        return find_holding(folder->path, &holds, &unused) != GR_OK || (holds & (SWEEP | RUN)) != 0;
    bool found = false;
    for (int f = 0; !found && f < e->split.fold_count; f++) {
        char *checkpoint = fold_folder(folder, e, f, "/checkpoint"), *metrics = fold_folder(folder, e, f, "/metrics.jsonl");
        found = checkpoint == NULL || metrics == NULL || gr_path_exists(checkpoint) || gr_path_exists(metrics);
        gr_free(checkpoint);
        gr_free(metrics);
    }
    return found;
}

static void remove_in(const char *path, const char *name)
{
    char *full = gr_path_join(path, name);
    if (full != NULL)
        unlink(full);
    gr_free(full);
}

void gr_run_folder_abandon(gr_run_folder *folder, const gr_cohort *e)
{
    gr_error unused = {0};
    if (folder->lock < 0)
        return;
    if (folder->begun || has_results(folder, e) || has_others(folder)) { /* a worker may have come already */
        (void)!gr_about_write(&folder->about, "stopped", &unused);
        return;
    }
    for (int f = 0; e != NULL && f < e->split.fold_count; f++) {
        char *path = fold_folder(folder, e, f, "");
        if (path == NULL)
            return;
        remove_in(path, "model.safetensors");
        rmdir(path);
        gr_free(path);
    }
    remove_in(folder->path, "splits.csv");
    remove_in(folder->path, "config.yaml");
    remove_in(folder->path, "about.json");
    if (folder->made == NULL)
        return;
    char *at = gr_strdup(folder->path);
    while (at != NULL && rmdir(at) == 0 && strcmp(at, folder->made) != 0) {
        char *above = gr_path_folder(at);
        gr_free(at);
        at = above;
    }
    gr_free(at);
}

void gr_run_folder_note(gr_run_folder *folder)
{
    gr_error unused = {0};
    (void)!gr_about_write(&folder->about, NULL, &unused);
}

gr_status gr_run_folder_done(gr_run_folder *folder, const gr_config *config, gr_error *err)
{
    if (folder->finished) /* a worker that comes now must find it at its end */
        return GR_OK;
    if (folder->joins && gr_about_begin(&folder->about, config, folder->path, folder->command, folder->threads, err) != GR_OK)
        return err->status;
    return gr_about_write(&folder->about, "done", err);
}

void gr_run_folder_close(gr_run_folder *folder)
{
    gr_about_free(&folder->about);
    if (folder->lock >= 0)
        close(folder->lock);
    gr_free(folder->made);
    *folder = (gr_run_folder){.lock = -1};
}
