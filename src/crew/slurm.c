/* Slurm by its own commands: sbatch and squeue say and take all that is needed, in every version and without its library. */
#include "crew/slurm.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

enum { PATHS = 4300, MOST_OUTPUT = 1 << 20 };

/* ---- the script ------------------------------------------------------------------------------------------------------------ */

/* `word` as a shell reads it back. */
static void put_word(gr_text *out, const char *word)
{
    gr_text_printf(out, "'");
    for (; *word != '\0'; word++)
        gr_text_printf(out, *word == '\'' ? "'\\''" : "%c", *word);
    gr_text_printf(out, "'");
}

/* The batch shell hears of the end of its time or of pre-emption a minute before, hands it to the worker, and waits for its
 * checkpoint. A task that Slurm started anew counts on. */
static const char body[] =
    "task=${SLURM_ARRAY_TASK_ID:-0}\n"
    "log=$run/slurm/${SLURM_ARRAY_JOB_ID:-0}_$task.log\n"
    "worker=\n"
    "ended=\n"
    "trap 'ended=yes; [ -n \"$worker\" ] && kill -TERM \"$worker\"' TERM INT\n"
    "try=${SLURM_RESTART_COUNT:-0}\n"
    "while [ -z \"$ended\" ]; do\n"
    "    echo \"task $task on $(hostname), attempt $((try + 1)), $(date -u +%Y-%m-%dT%H:%M:%SZ)\"\n"
    "    $program work \"$run\" ${SLURM_CPUS_PER_TASK:+--threads \"$SLURM_CPUS_PER_TASK\"} &\n"
    "    worker=$!\n"
    "    wait \"$worker\"\n"
    "    status=$?\n"
    "    while kill -0 \"$worker\" 2>/dev/null; do wait \"$worker\"; status=$?; done # the trap ends a wait\n"
    "    [ $status -eq 0 ] && exit 0\n"
    "    [ -n \"$ended\" ] && exit $status\n"
    "    try=$((try + 1))\n"
    "    if [ $try -ge 3 ]; then\n"
    "        echo \"$log\" >\"$run/slurm/failed-${SLURM_ARRAY_JOB_ID:-0}_$task\"\n"
    "        exit $status\n"
    "    fi\n"
    "    sleep $((try * 5))\n"
    "done\n"
    "exit 143\n";

gr_status gr_slurm_write(const char *run, const char *name, const char *program, gr_error *err)
{
    char path[PATHS];
    gr_text out = {0}, plain = {0};
    char *whole = realpath(run, NULL);
    if (whole == NULL)
        return gr_fail(err, GR_IO, "%s: the folder cannot be found: %s", run, strerror(errno));
    if (strpbrk(whole, "\n%\"\\") != NULL) {
        gr_status status = gr_fail(err, GR_INVALID, "%s: Slurm takes no path with %%, quotes or line ends for its logs", whole);
        free(whole);
        return status;
    }
    for (const char *c = name; *c != '\0'; c++)
        gr_text_printf(&plain, "%c", isalnum((unsigned char)*c) || strchr("-_.", *c) != NULL ? *c : '_');
    gr_text_printf(&out,
                   "#!/bin/bash\n# Written by grimace: each task of this array is one worker more on the run.\n"
                   "#SBATCH --job-name=%s\n#SBATCH --output=\"%s/slurm/%%A_%%a.log\"\n#SBATCH --open-mode=append\n"
                   "#SBATCH --requeue\n#SBATCH --signal=B:TERM@60\nrun=",
                   plain.data != NULL ? plain.data : "grimace", whole);
    put_word(&out, whole);
    gr_text_printf(&out, "\nprogram=");
    put_word(&out, program);
    gr_text_printf(&out, "\n%s", body);
    snprintf(path, sizeof path, "%s/slurm", run);
    gr_status status = gr_make_folders(path, err);
    strncat(path, ".sh", sizeof path - strlen(path) - 1);
    if (status == GR_OK)
        status = out.failed || plain.failed ? gr_fail(err, GR_NOMEM, "%s: no memory to write it", path)
                                            : gr_file_write(path, out.data, out.size, err);
    gr_text_free(&out);
    gr_text_free(&plain);
    free(whole);
    return status;
}

/* ---- Slurm's commands ------------------------------------------------------------------------------------------------------ */

/* What a command of the shell says on stdout; its exit status in *status. */
static gr_status ask(const char *command, gr_text *said, int *how, gr_error *err)
{
    char piece[4096];
    size_t size;
    FILE *pipe = popen(command, "r");
    if (pipe == NULL)
        return gr_fail(err, GR_IO, "no process could be started: %s", strerror(errno));
    while ((size = fread(piece, 1, sizeof piece, pipe)) > 0 && said->size < MOST_OUTPUT)
        gr_text_add(said, piece, size);
    int end = pclose(pipe);
    *how = WIFEXITED(end) ? WEXITSTATUS(end) : 128;
    return said->failed ? gr_fail(err, GR_NOMEM, "no memory for what a command says") : GR_OK;
}

/* What is said, as a part of one line. */
static void flatten(gr_text *said)
{
    while (said->size > 0 && isspace((unsigned char)said->data[said->size - 1]))
        said->data[--said->size] = '\0';
    for (size_t i = 0; i < said->size; i++)
        if (said->data[i] == '\n')
            said->data[i] = ' ';
}

/* Added to the file, not written anew: another may submit at the same time. */
static gr_status note_job(const char *run, const char *job, gr_error *err)
{
    char path[PATHS], line[80];
    snprintf(path, sizeof path, "%s/slurm/jobs", run);
    int length = snprintf(line, sizeof line, "%s\n", job), fd = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0666);
    bool good = fd >= 0 && write(fd, line, (size_t)length) == length;
    good = fd >= 0 && close(fd) == 0 && good;
    return good ? GR_OK : gr_fail(err, GR_IO, "%s: cannot be written: %s", path, strerror(errno));
}

/* Marks of tasks that failed before are of no meaning for new ones. */
static void forget_failures(const char *run)
{
    char path[PATHS];
    snprintf(path, sizeof path, "%s/slurm", run);
    DIR *folder = opendir(path);
    for (const struct dirent *e; folder != NULL && (e = readdir(folder)) != NULL;)
        if (gr_starts_with(e->d_name, "failed-"))
            unlinkat(dirfd(folder), e->d_name, 0);
    if (folder != NULL)
        closedir(folder);
}

gr_status gr_slurm_submit(const char *run, int workers, const char *words, char job[64], gr_error *err)
{
    gr_text command = {0}, said = {0};
    int how = 0;
    forget_failures(run);
    gr_text_printf(&command, "sbatch --parsable --array=1-%d %s ", workers, words != NULL ? words : "");
    put_word(&command, run);
    command.size -= command.size > 0 ? 1 : 0; /* the closing quote */
    gr_text_printf(&command, "/slurm.sh' 2>&1");
    gr_status status = command.failed ? gr_fail(err, GR_NOMEM, "no memory for a command") : ask(command.data, &said, &how, err);
    flatten(&said);
    if (status == GR_OK && how == 127)
        status = gr_fail(err, GR_INVALID, "--on slurm: there is no sbatch here; a machine of the cluster that has Slurm's commands "
                         "would be right");
    const char *last = said.data != NULL ? strrchr(said.data, ' ') : NULL; /* warnings stand in front */
    last = last != NULL ? last + 1 : said.data;
    if (status == GR_OK && (how != 0 || last == NULL || !isdigit((unsigned char)*last)))
        status = gr_fail(err, GR_INVALID, "--on slurm: sbatch refused the job: %s",
                         said.data != NULL ? said.data : "it said nothing");
    if (status == GR_OK) {
        snprintf(job, 64, "%.*s", (int)strspn(last, "0123456789"), last);
        status = note_job(run, job, err);
    }
    gr_text_free(&command);
    gr_text_free(&said);
    return status;
}

/* ---- looking on ------------------------------------------------------------------------------------------------------------ */

/* The rows "done" of the workers' logs, but for the writing of results. */
static int64_t count_done(const char *run)
{
    char path[PATHS + 300];
    int64_t done = 0;
    snprintf(path, sizeof path, "%s/crew/log", run);
    DIR *folder = opendir(path);
    for (const struct dirent *e; folder != NULL && (e = readdir(folder)) != NULL;) {
        char line[2048];
        if (e->d_name[0] == '.')
            continue;
        snprintf(path, sizeof path, "%s/crew/log/%s", run, e->d_name);
        FILE *file = fopen(path, "re");
        while (file != NULL && fgets(line, sizeof line, file) != NULL)
            done += gr_ends_with(line, ",done\n") && strstr(line, ",results,") == NULL;
        if (file != NULL)
            fclose(file);
    }
    if (folder != NULL)
        closedir(folder);
    return done;
}

/* Adds the tasks of a job, as squeue lists them one a line. */
static gr_status count_tasks(const char *job, gr_slurm_state *out, gr_error *err)
{
    char command[200];
    gr_text said = {0};
    int how = 0;
    snprintf(command, sizeof command, "squeue -h -r -j %s -o %%T 2>&1", job);
    gr_status status = ask(command, &said, &how, err);
    if (status == GR_OK && how == 127)
        status = gr_fail(err, GR_INVALID, "--on slurm: there is no squeue here");
    /* a job that is long over is unknown to squeue, which is no failure */
    if (status == GR_OK && how != 0 && strstr(said.data != NULL ? said.data : "", "Invalid job id") == NULL) {
        flatten(&said);
        status = gr_fail(err, GR_INVALID, "--on slurm: squeue says: %s", said.data != NULL ? said.data : "nothing");
    }
    char *rest = NULL;
    for (char *line = status == GR_OK && how == 0 && said.data != NULL ? strtok_r(said.data, "\n", &rest) : NULL; line != NULL;
         line = strtok_r(NULL, "\n", &rest)) {
        out->running += strcmp(line, "RUNNING") == 0 || strcmp(line, "COMPLETING") == 0;
        out->waiting += strcmp(line, "PENDING") == 0 || strcmp(line, "CONFIGURING") == 0 || strcmp(line, "REQUEUED") == 0 ||
                        strcmp(line, "SUSPENDED") == 0 || strcmp(line, "REQUEUE_HOLD") == 0;
    }
    gr_text_free(&said);
    return status;
}

gr_status gr_slurm_look(const char *run, gr_slurm_state *out, gr_error *err)
{
    char path[PATHS];
    char *jobs = NULL, *rest = NULL;
    size_t size = 0;
    gr_text failures = {0};
    *out = (gr_slurm_state){.done = count_done(run)};
    snprintf(path, sizeof path, "%s/slurm/jobs", run);
    gr_status status = gr_path_exists(path) ? gr_file_read(path, MOST_OUTPUT, &jobs, &size, err) : GR_OK;
    for (char *job = jobs != NULL ? strtok_r(jobs, "\n", &rest) : NULL; status == GR_OK && job != NULL;
         job = strtok_r(NULL, "\n", &rest))
        if (job[0] != '\0' && job[strspn(job, "0123456789")] == '\0')
            status = count_tasks(job, out, err);
    gr_slurm_failures(run, &failures);
    for (const char *c = failures.data; c != NULL && *c != '\0'; c++)
        out->failed += *c == '\n';
    gr_text_free(&failures);
    gr_free(jobs);
    return status;
}

void gr_slurm_failures(const char *run, gr_text *out)
{
    char path[PATHS + 300];
    snprintf(path, sizeof path, "%s/slurm", run);
    DIR *folder = opendir(path);
    for (const struct dirent *e; folder != NULL && (e = readdir(folder)) != NULL;)
        if (gr_starts_with(e->d_name, "failed-")) {
            const char *task = strchr(e->d_name, '_');
            gr_text_printf(out, "task %s, log %s/slurm/%s.log\n", task != NULL ? task + 1 : "?", run,
                           e->d_name + strlen("failed-"));
        }
    if (folder != NULL)
        closedir(folder);
}
