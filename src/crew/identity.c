/* A process is named by its number and its start, a machine by its name, its last start and, as containers share both, the
 * namespace of its processes. */
#include "crew/identity.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/base.h"

enum { START = 22 }; /* of /proc/PID/stat */

/* The process's start; 0: it cannot be told. *ended (may be NULL): only its parent has not asked yet how it went, as in
 * containers whose first process asks for nobody. The name of the program, in parentheses, may hold anything. */
static uint64_t start_of(long pid, bool *ended)
{
    char path[64], line[2048];
    unsigned long long start = 0;
    snprintf(path, sizeof path, "/proc/%ld/stat", pid);
    FILE *file = fopen(path, "re");
    if (file == NULL)
        return 0;
    const char *at = fgets(line, sizeof line, file) != NULL ? strrchr(line, ')') : NULL;
    if (ended != NULL)
        *ended = at != NULL && at[1] == ' ' && (at[2] == 'Z' || at[2] == 'X');
    for (int field = 2; at != NULL && field < START; field++)
        at = strchr(at + 1, ' ');
    if (at != NULL && sscanf(at, " %llu", &start) != 1)
        start = 0;
    fclose(file);
    return start;
}

static uint64_t machine_of(const char *host)
{
    char boot[128] = "", space[128] = "";
    FILE *file = fopen("/proc/sys/kernel/random/boot_id", "re");
    bool known = file != NULL && fgets(boot, sizeof boot, file) != NULL;
    if (file != NULL)
        fclose(file);
    known = known && readlink("/proc/self/ns/pid", space, sizeof space - 1) > 0;
    return known ? gr_hash_text(gr_hash_text(gr_hash_text(0, host), boot), space) : 0;
}

void gr_identity_of_this(gr_identity *out)
{
    *out = (gr_identity){.pid = (long)getpid()};
    if (gethostname(out->host, sizeof out->host - 1) != 0 || out->host[0] == '\0')
        snprintf(out->host, sizeof out->host, "unknown");
    for (char *c = out->host; *c != '\0'; c++) /* it stands in tables */
        if (*c <= ' ' || *c == ',' || *c == '"')
            *c = '_';
    out->machine = machine_of(out->host);
    out->start = start_of(out->pid, NULL);
}

bool gr_identity_dead(const gr_identity *whose, const gr_identity *mine)
{
    if (whose->machine == 0 || whose->machine != mine->machine || whose->pid <= 0)
        return false;
    if (kill((pid_t)whose->pid, 0) != 0)
        return errno == ESRCH;
    bool ended = false;
    uint64_t start = start_of(whose->pid, &ended);
    return ended || (start != 0 && whose->start != 0 && start != whose->start);
}
