/* Lists of names as PyTables 3.11 pickles them, cut off and changed. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "formats/pickle_names.h"

static const char two[] = "(lp0\n(Vnet\np1\nVnose\np2\nVx\np3\ntp4\na(g1\nVM\xc3\xbc\xc3\x9f"
                          "e\np5\ng3\ntp6\na.";

static gr_status read(const char *text, gr_arena *arena, gr_pickle **root, gr_error *err)
{
    *err = (gr_error){0};
    return gr_pickle_names("FILE", text, arena, root, err);
}

static void reads_lists_of_tuples(void **state)
{
    (void)state;
    gr_arena *arena = gr_arena_create();
    gr_pickle *root;
    gr_error err;
    assert_int_equal(read(two, arena, &root, &err), GR_OK);
    assert_int_equal(root->kind, GR_PICKLE_LIST);
    assert_int_equal(root->count, 2);
    assert_int_equal(root->items[1]->kind, GR_PICKLE_TUPLE);
    assert_int_equal(root->items[1]->count, 3);
    assert_string_equal(root->items[0]->items[1]->text, "nose");
    assert_string_equal(root->items[1]->items[0]->text, "net");
    assert_string_equal(root->items[1]->items[1]->text, "M\xc3\xbc\xc3\x9f"
                                                        "e");
    assert_string_equal(root->items[1]->items[2]->text, "x");
    gr_arena_destroy(arena);
}

static void reads_texts_and_numbers(void **state)
{
    (void)state;
    gr_arena *arena = gr_arena_create();
    gr_pickle *root;
    gr_error err;
    assert_int_equal(read("(I-12\nV\\u9f3b\\U0001F400\\n\\ud800\nS'old'\nNt.", arena, &root, &err), GR_OK);
    assert_int_equal(root->items[0]->integer, -12);
    assert_string_equal(root->items[1]->text, "\xe9\xbc\xbb\xf0\x9f\x90\x80\\n\\ud800");
    assert_string_equal(root->items[2]->text, "old");
    assert_int_equal(root->items[3]->kind, GR_PICKLE_NONE);
    gr_arena_destroy(arena);
}

static void refuses(void **state)
{
    (void)state;
    static const struct {
        const char *text, *said;
    } wrong[] = {
        {"", "is cut off"},
        {"(lp0\n", "is cut off"},
        {"(Vnose", "is cut off"},
        {"(.", "makes no sense"},
        {"NN.", "makes no sense"},
        {"l.", "makes no sense"},
        {"NNa.", "makes no sense"},
        {"(la.", "makes no sense"},
        {"g0\n.", "makes no sense"},
        {"Np-1\n.", "makes no sense"},
        {"Np99999999999999999999\n.", "makes no sense"},
        {"Np1000\n.", "makes no sense"},
        {"(p0\n.", "makes no sense"},
        {"Ione\n.", "holds a number that is none"},
        {"S'a\\n'\n.", "holds a text that is not read"},
        {"Snose\n.", "holds a text that is not read"},
        {"cos\nsystem\n(S'id'\ntR.", "holds more than texts and numbers"},
    };
    gr_arena *arena = gr_arena_create();
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        gr_pickle *root;
        gr_error err;
        assert_int_equal(read(wrong[i].text, arena, &root, &err), GR_INVALID);
        assert_non_null(strstr(err.text, wrong[i].said));
        assert_ptr_equal(strstr(err.text, "FILE: its list of names "), err.text);
        assert_null(root);
    }
    gr_arena_destroy(arena);
}

/* Each length of it, and each byte changed: a result or a sentence. */
static void survives_damage(void **state)
{
    (void)state;
    char text[sizeof two];
    for (size_t i = 0; i < 8 * sizeof two; i++) {
        gr_arena *arena = gr_arena_create();
        gr_pickle *root;
        gr_error err;
        memcpy(text, two, sizeof two);
        if (i < sizeof two)
            text[i] = '\0';
        else
            text[i % (sizeof two - 1)] ^= (char)(1 << i / sizeof two);
        gr_status status = read(text, arena, &root, &err);
        assert_true(status == GR_OK ? root != NULL : err.text[0] != '\0');
        gr_arena_destroy(arena);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_lists_of_tuples),
        cmocka_unit_test(reads_texts_and_numbers),
        cmocka_unit_test(refuses),
        cmocka_unit_test(survives_damage),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
