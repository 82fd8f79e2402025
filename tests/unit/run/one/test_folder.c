/* The folder of a run: whose temporary files are removed. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/base.h"
#include "run/one/folder.h"
#include "support/folder.h"

static void name_of(char *path, size_t size, const char *folder, const char *of, long pid)
{
    snprintf(path, size, "%s/%s.tmp-%ld1234567890", folder, of, pid);
}

static bool removed(const char *folder, const char *of, long pid, const char *only, bool living)
{
    char path[400];
    gr_error err = {0};
    name_of(path, sizeof path, folder, of, pid);
    assert_int_equal(gr_file_put(path, "x", 1, &err), GR_OK);
    gr_remove_temporaries(folder, only, living);
    bool gone = !gr_path_exists(path);
    unlink(path);
    return gone;
}

static void what_is_being_written_stays(void **state)
{
    (void)state;
    char folder[300];
    gr_error err = {0};
    gr_atomic_file file;
    snprintf(folder, sizeof folder, "%s", test_in_folder("run"));
    assert_int_equal(gr_make_folders(folder, &err), GR_OK);
    pid_t child = fork();
    if (child == 0)
        _exit(0);
    siginfo_t how;
    assert_int_equal(waitid(P_PID, (id_t)child, &how, WEXITED | WNOWAIT), 0);
    assert_true(removed(folder, "pr.csv", (long)child, NULL, false));
    assert_int_equal(waitpid(child, NULL, 0), child); /* its number is nobody's now */
    assert_true(removed(folder, "pr.csv", (long)child, NULL, false));
    assert_false(removed(folder, "pr.csv", (long)child, "work.csv", false));
    assert_true(removed(folder, "work.csv", (long)child, "work.csv", false));
    assert_false(removed(folder, "pr.csv", (long)getpid(), NULL, false));
    assert_true(removed(folder, "pr.csv", (long)getpid(), NULL, true));
    char path[400];
    snprintf(path, sizeof path, "%s/pr.csv", folder);
    assert_int_equal(gr_atomic_begin(&file, path, &err), GR_OK);
    gr_remove_temporaries(folder, NULL, false);
    assert_int_equal(gr_atomic_commit(&file, &err), GR_OK);
    assert_true(gr_path_exists(path));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_being_written_stays),
    };
    return cmocka_run_group_tests(tests, test_folder_make, test_folder_remove);
}
