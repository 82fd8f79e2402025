/* What was done, in one sentence. */
#include <string.h>

#include "support/folder.h"
#include "support/page.h"
#include "support/shown.h"
#include "support/support.h"

static void says(const char *run, const char *words)
{
    gr_text text = test_page_part(run, gr_put_lead);
    test_text_says(&text, words);
    gr_text_free(&text);
}

static void the_sentence_fits_the_run(void **state)
{
    (void)state;
    says("classes",
         "A ResNet-18 was trained to tell <bdi>pain</bdi>, leaving out one animal at a time (3 folds), and tested on 90 "
         "images of 6 animals that it had not seen: <strong>");
    says("scores", "its scores lie ");
    says("points", " with a head for landmarks was trained to find landmarks in faces");
    says("classes/predictions.csv", "A model was tested on 90 images of 6 animals: <strong>");
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(the_sentence_fits_the_run)};
    return cmocka_run_group_tests(tests, test_shown_make, test_folder_remove);
}
