/* The folder of a run: whose temporary files are removed. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/base.h"
#include "config/config.h"
#include "run/one/ended.h"
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

/* Two look at a folder in which nothing is; by the time that the second one begins, the first has begun and ended there. */
static void who_comes_second_goes_on_or_is_told(void **state)
{
    (void)state;
    static const char text[] = "data: {manifest: manifest.csv, label: pain}\n";
    char path[300], run[300];
    gr_error err = {0};
    gr_config *config = NULL, *another = NULL;
    snprintf(path, sizeof path, "%s", test_in_folder("two.yaml"));
    snprintf(run, sizeof run, "%s", test_in_folder("two"));
    assert_int_equal(gr_file_put(path, text, sizeof text - 1, &err), GR_OK);
    assert_int_equal(gr_config_load(path, NULL, 0, &config, &err), GR_OK);
    const char *const override[] = {"train.epochs=3"};
    assert_int_equal(gr_config_load(path, override, 1, &another, &err), GR_OK);
    gr_run_folder first, resumed, fresh, differs;
    assert_int_equal(gr_run_folder_check(run, config, true, true, &first, &err), GR_OK);
    assert_int_equal(gr_run_folder_check(run, config, true, true, &resumed, &err), GR_OK);
    assert_int_equal(gr_run_folder_check(run, config, true, false, &fresh, &err), GR_OK);
    assert_int_equal(gr_run_folder_check(run, another, true, true, &differs, &err), GR_OK);
    assert_int_equal(gr_run_folder_begin(&first, config, NULL, &err), GR_OK);
    gr_run_folder_close(&first);
    assert_int_equal(gr_run_folder_begin(&resumed, config, NULL, &err), GR_OK);
    gr_run_folder_close(&resumed);
    assert_int_equal(gr_run_folder_begin(&fresh, config, NULL, &err), GR_INVALID);
    assert_non_null(strstr(err.text, "add --resume"));
    gr_run_folder_close(&fresh);
    err = (gr_error){0};
    assert_int_equal(gr_run_folder_begin(&differs, another, NULL, &err), GR_INVALID);
    assert_non_null(strstr(err.text, "train.epochs"));
    gr_run_folder_close(&differs);
    gr_config_destroy(config);
    gr_config_destroy(another);
}

static bool nobody(void *ctx)
{
    (void)ctx;
    return false;
}

/* One who begins a run for workers comes when they have ended it: the end that about.json tells stays. */
static void what_workers_ended_stays_so(void **state)
{
    (void)state;
    static const char text[] = "data: {manifest: manifest.csv, label: pain}\n";
    char path[300], run[300];
    gr_error err = {0};
    gr_config *config = NULL;
    snprintf(path, sizeof path, "%s", test_in_folder("ended.yaml"));
    snprintf(run, sizeof run, "%s", test_in_folder("ended"));
    assert_int_equal(gr_file_put(path, text, sizeof text - 1, &err), GR_OK);
    assert_int_equal(gr_config_load(path, NULL, 0, &config, &err), GR_OK);
    const gr_share begins = {.begins = true, .others = nobody};
    for (int i = 0; i < 3; i++) { /* begun, ended by a worker, come too late */
        gr_run_folder folder;
        assert_int_equal(gr_run_folder_check(run, config, true, true, &folder, &err), GR_OK);
        folder.share = i != 1 ? &begins : NULL;
        assert_int_equal(gr_run_folder_begin(&folder, config, NULL, &err), GR_OK);
        if (i == 1)
            assert_int_equal(gr_run_folder_done(&folder, config, &err), GR_OK);
        gr_run_folder_close(&folder);
        assert_int_equal(gr_run_is_done(run), i > 0);
    }
    gr_config_destroy(config);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_being_written_stays),
        cmocka_unit_test(who_comes_second_goes_on_or_is_told),
        cmocka_unit_test(what_workers_ended_stays_so),
    };
    return cmocka_run_group_tests(tests, test_folder_make, test_folder_remove);
}
