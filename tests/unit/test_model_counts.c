/* Parameters and multiply-adds of whole networks with 1000 classes at 224 pixels, against torchvision's documented counts. */
#include "support/support.h"
#include "grimace/inspect.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct {
    const char *name;
    double parameters, macs; /* millions; thousands of millions */
} networks[] = {
    {"resnet18", 11.69, 1.81},          {"resnet50", 25.56, 4.09},           {"mobilenet_v2", 3.50, 0.30},
    {"mobilenet_v3_large", 5.48, 0.22}, {"mobilenet_v3_small", 2.54, 0.06}, {"shufflenet_v2", 2.28, 0.14},
    {"efficientnet_b0", 5.29, 0.39},    {"resnet34", 21.80, 3.66},           {"resnet101", 44.55, 7.80},
    {"vgg16", 138.36, 15.47},
};

/* torchvision counts convolutions and dense layers; the table's second number is that. */
static void networks_have_the_documented_counts(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof networks / sizeof networks[0]; i++) {
        char *text = NULL;
        gr_error err = {0};
        double parameters, macs;
        if (gr_inspect_model(networks[i].name, "linear", 224, 3, 1000, 1.0, &text, &err) != GR_OK)
            fail_msg("%s", err.text);
        const char *sums = strstr(text, " M parameters"), *plain = strstr(text, " without batch norms");
        assert_true(sums != NULL && plain != NULL);
        while (sums > text && sums[-1] != '\n')
            sums--;
        while (plain > text && plain[-1] != '(')
            plain--;
        parameters = strtod(sums, NULL);
        macs = strtod(plain, NULL);
        if (!(parameters - networks[i].parameters < 0.0051 && networks[i].parameters - parameters < 0.0051) ||
            !(macs - networks[i].macs < 0.0101 && networks[i].macs - macs < 0.0101))
            fail_msg("%s has %g M parameters and %g GMAC, documented are %g and %g", networks[i].name, parameters, macs,
                     networks[i].parameters, networks[i].macs);
        free(text);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(networks_have_the_documented_counts)};
    return cmocka_run_group_tests_name("counts of models", tests, NULL, NULL);
}
