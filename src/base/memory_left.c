#include "base/memory_left.h"

#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

/* The first bytes of a small file of the kernel; empty where it cannot be read. */
static const char *slurp(const char *path, char *text, size_t size)
{
    FILE *file = fopen(path, "r");
    size_t got = file != NULL ? fread(text, 1, size - 1, file) : 0;
    text[got] = '\0';
    if (file != NULL)
        fclose(file);
    return text;
}

static size_t number(const char *text)
{
    char *end;
    errno = 0;
    unsigned long long value = strtoull(text, &end, 10);
    return end == text || errno != 0 || value > SIZE_MAX ? SIZE_MAX : (size_t)value;
}

size_t gr_memory_entry(const char *text, const char *name)
{
    size_t length = strlen(name);
    for (const char *line = text; line != NULL; line = strchr(line, '\n')) {
        line += *line == '\n';
        if (strncmp(line, name, length) != 0)
            continue;
        size_t value = number(line + length);
        size_t end = strcspn(line, "\n");
        return value != SIZE_MAX && end >= 3 && strncmp(line + end - 3, " kB", 3) == 0 ? value * 1024 : value;
    }
    return SIZE_MAX;
}

static size_t lesser(size_t a, size_t b)
{
    return a < b ? a : b;
}

static size_t machine_left(void)
{
    char text[4096];
    slurp("/proc/meminfo", text, sizeof text);
    size_t available = gr_memory_entry(text, "MemAvailable:"), swap = gr_memory_entry(text, "SwapFree:");
    return available == SIZE_MAX || swap == SIZE_MAX ? available : available + swap;
}

/* What a group's limit leaves: pages of files that it could let go count as free. */
static size_t group_left(const char *folder)
{
    char path[600], text[8192];
    snprintf(path, sizeof path, "%s/memory.max", folder);
    size_t most = number(slurp(path, text, sizeof text)); /* "max" is no number */
    snprintf(path, sizeof path, "%s/memory.current", folder);
    size_t used = number(slurp(path, text, sizeof text));
    if (most == SIZE_MAX || used == SIZE_MAX)
        return SIZE_MAX;
    snprintf(path, sizeof path, "%s/memory.stat", folder);
    size_t files = gr_memory_entry(slurp(path, text, sizeof text), "inactive_file ");
    used -= files != SIZE_MAX ? lesser(files, used) : 0;
    return most > used ? most - used : 0;
}

/* Each group from this process's own up to the root may have a limit. */
static size_t groups_left(void)
{
    static const char root[] = "/sys/fs/cgroup";
    char text[512], folder[sizeof root + sizeof text];
    const char *own = strstr(slurp("/proc/self/cgroup", text, sizeof text), "0::/");
    size_t left = SIZE_MAX;
    if (own == NULL)
        return left;
    snprintf(folder, sizeof folder, "%s%.*s", root, (int)strcspn(own + 3, "\n"), own + 3);
    for (char *end; strlen(folder) >= sizeof root - 1; *end = '\0') {
        left = lesser(left, group_left(folder));
        end = strrchr(folder, '/');
    }
    return left;
}

static size_t address_space_left(void)
{
    struct rlimit limit;
    char text[128];
    if (getrlimit(RLIMIT_AS, &limit) != 0 || limit.rlim_cur == RLIM_INFINITY)
        return SIZE_MAX;
    size_t pages = number(slurp("/proc/self/statm", text, sizeof text));
    size_t used = pages != SIZE_MAX ? pages * (size_t)sysconf(_SC_PAGESIZE) : 0;
    return limit.rlim_cur > used ? limit.rlim_cur - used : 0;
}

size_t gr_memory_left(void)
{
    return lesser(machine_left(), lesser(groups_left(), address_space_left()));
}
