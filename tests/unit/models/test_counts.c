/* Parameters and multiply-adds of whole networks with 1000 classes, against torchvision's and Keras's documented counts. */
#include "support/support.h"
#include "grimace/inspect.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct {
    const char *name;
    int64_t size;
    double parameters, macs; /* millions; thousands of millions, 0: not documented */
    bool aux;
} networks[] = {
    {"resnet18", 224, 11.69, 1.81, false},          {"resnet34", 224, 21.80, 3.66, false},
    {"resnet50", 224, 25.56, 4.09, false},          {"resnet101", 224, 44.55, 7.80, false},
    {"vgg16", 224, 138.36, 15.47, false},           {"inception_v3", 299, 23.83, 5.71, false},
    {"inception_v3", 299, 27.16, 0, true},          {"mobilenet_v2", 224, 3.50, 0.30, false},
    {"mobilenet_v3_large", 224, 5.48, 0.22, false}, {"mobilenet_v3_small", 224, 2.54, 0.06, false},
    {"shufflenet_v2", 224, 2.28, 0.14, false},      {"efficientnet_b0", 224, 5.29, 0.39, false},
    {"nasnet_mobile", 224, 5.29, 0.564, false},     {"densenet121", 224, 7.98, 2.83, false},
    {"xception", 299, 22.86, 0, false}, /* Keras's 22.91 with running statistics */
};

/* torchvision counts convolutions and dense layers, as Keras's table (NASNet) does; the table's second number is that. */
static void networks_have_the_documented_counts(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof networks / sizeof networks[0]; i++) {
        char *text = NULL;
        gr_error err = {0};
        gr_model_options options = {.backbone = networks[i].name,
                                    .head = "linear",
                                    .size = networks[i].size,
                                    .channels = 3,
                                    .classes = 1000,
                                    .aux = networks[i].aux};
        if (gr_inspect_model(&options, &text, &err) != GR_OK)
            fail_msg("%s", err.text);
        double parameters, macs;
        const char *sums = strstr(text, " M parameters"), *plain = strstr(text, " without batch norms");
        assert_true(sums != NULL && plain != NULL);
        while (sums > text && sums[-1] != '\n')
            sums--;
        while (plain > text && plain[-1] != '(')
            plain--;
        parameters = strtod(sums, NULL);
        macs = strtod(plain, NULL);
        if (!(fabs(parameters - networks[i].parameters) < 0.0051) ||
            !(networks[i].macs == 0 || fabs(macs - networks[i].macs) < 0.0101))
            fail_msg("%s has %g M parameters and %g GMAC, documented are %g and %g", networks[i].name, parameters, macs,
                     networks[i].parameters, networks[i].macs);
        free(text);
    }
}

static void only_inception_has_an_auxiliary_classifier(void **state)
{
    (void)state;
    static const struct {
        const char *backbone, *head;
        int64_t size;
        const char *sentence;
    } bad[] = {{"resnet18", "linear", 299, "no auxiliary classifier"},
               {"inception_v3", "landmarks", 299, "no auxiliary classifier"},
               {"inception_v3", "linear", 298, "at least 299 x 299"}};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        gr_error err = {0};
        gr_model *model = NULL;
        gr_model_options options = {.backbone = bad[i].backbone,
                                    .head = bad[i].head,
                                    .size = bad[i].size,
                                    .channels = 3,
                                    .classes = i == 1 ? 0 : 2,
                                    .landmarks = 4,
                                    .aux = true};
        assert_int_equal(gr_model_create(&options, &model, &err), GR_INVALID);
        if (strstr(err.text, bad[i].sentence) == NULL)
            fail_msg("\"%s\" lacks \"%s\"", err.text, bad[i].sentence);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(networks_have_the_documented_counts),
        cmocka_unit_test(only_inception_has_an_auxiliary_classifier),
    };
    return cmocka_run_group_tests_name("counts of models", tests, NULL, NULL);
}
