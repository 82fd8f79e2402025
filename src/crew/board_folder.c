/* A board from outside: what one look at its folder tells, and taking it away. */
#include <dirent.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "crew/board.h"

enum { PATHS = 4200 };

bool gr_board_full(const char *run, const char *place)
{
    char path[PATHS];
    snprintf(path, sizeof path, "%s/crew/%s%sclaims/full", run, place != NULL ? place : "", place != NULL ? "/" : "");
    return gr_path_exists(path);
}

static void remove_below(const char *path)
{
    DIR *folder = opendir(path);
    if (folder == NULL)
        return;
    for (const struct dirent *e; (e = readdir(folder)) != NULL;) {
        char name[PATHS + 300];
        struct stat st;
        if (strcmp(e->d_name, ".") == 0 || strcmp(e->d_name, "..") == 0)
            continue;
        snprintf(name, sizeof name, "%s/%s", path, e->d_name);
        if (unlinkat(dirfd(folder), e->d_name, 0) != 0 && lstat(name, &st) == 0 && S_ISDIR(st.st_mode)) /* not through links */
            remove_below(name);
    }
    closedir(folder);
    rmdir(path);
}

void gr_board_remove(const char *run, const char *place)
{
    char path[PATHS], away[PATHS + 64];
    snprintf(path, sizeof path, "%s/crew%s%s", run, place != NULL ? "/" : "", place != NULL ? place : "");
    snprintf(away, sizeof away, "%s.gone", path);
    remove_below(away); /* of one that was killed here */
    if (rename(path, away) == 0)
        remove_below(away);
}
