/* Layers by name, by the module they end, and names that are none. */
#include "explain/layers.h"

#include <string.h>

#include "support/tiny_net.h"

static void are_found_by_name_and_module(void **state)
{
    (void)state;
    test_tiny t;
    gr_error err = {0};
    const gr_value *found;
    test_tiny_open(&t, NULL);
    const gr_model *m = t.subject.network.model;
    assert_int_equal(gr_layer_find(m, m->logits, NULL, &found, &err), GR_OK);
    assert_ptr_equal(found, m->features);
    assert_int_equal(gr_layer_find(m, m->logits, "body.conv", &found, &err), GR_OK);
    assert_ptr_not_equal(found, m->features);
    assert_int_equal(gr_layer_find(m, m->logits, "body", &found, &err), GR_OK); /* its last map */
    assert_ptr_equal(found, m->features);
    assert_int_equal(gr_layer_find(m, m->logits, "body.cnv", &found, &err), GR_INVALID);
    assert_non_null(strstr(err.text, "did you mean body.conv?"));
    assert_int_equal(gr_layer_find(m, m->logits, "classifier", &found, &err), GR_INVALID); /* has no map */
    test_tiny_close(&t);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(are_found_by_name_and_module),
    };
    return cmocka_run_group_tests_name("layers by name", tests, NULL, NULL);
}
