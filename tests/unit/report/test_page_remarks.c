/* What a reader should bear in mind. */
#include <string.h>

#include "base/base.h"
#include "support/folder.h"
#include "support/page.h"
#include "support/shown.h"
#include "support/support.h"

static void says(const char *run, const char *words, bool there)
{
    gr_text part = test_page_part(run, gr_put_remarks);
    if ((strstr(part.data, words) != NULL) != there)
        fail_msg("%s: \"%s\" %s \"%s\"", run, part.data, there ? "lacks" : "has", words);
    gr_text_free(&part);
}

static void doubts_are_told(void **state)
{
    (void)state;
    says("classes", "There are 6 animals: intervals by animal are rough with so few", true);
    says("classes", "The manifest is not where the run read it", true);
    says("timed", "The manifest is not where the run read it", false);
    says("classes", "came to its end", false);
    test_folder_text("classes/about.json", "{\"end\": null}");
    says("classes", "about.json does not say that the run came to its end.", true);
    test_folder_text("timed/about.json", "{\"end\": \"done\", \"manifests\": [{\"file\": \"m\", \"sha256\": \"00\"}]}");
    says("timed", "The manifest has changed since the run", true);
    says("timed", "came to its end", false);
}

static void the_manifest_is_heard(void **state)
{
    (void)state;
    test_folder_text("timed/manifest.csv", "image;animal;pain\na.png;rat1;pain\nb.png;Rat1;no_pain\nc.png;rat2;\n");
    says("timed", "<li>1 row of the manifest without a label: left out.</li>", true);
    says("timed", "<li>manifest.csv: its columns are separated by semicolons</li>", true);
    says("timed", "Rat1", true); /* may be rat1 */
}

static void warnings_come_first(void **state)
{
    (void)state;
    says("many", "a number of the file", false);
    test_folder_text("many/warnings.txt", "a number of the <file> tells the label\nfold 2: all alike\n");
    says("many",
         "<ul class=\"remarks\">\n<li>a number of the &lt;file&gt; tells the label</li>\n<li>fold 2: all alike</li>\n",
         true);
    says("many", "<li>There are 6 animals", true);
}

static void rows_that_were_not_judged_are_counted(void **state)
{
    (void)state;
    gr_error err = {0};
    assert_int_equal(gr_make_folders(test_in_folder("judged"), &err), GR_OK);
    test_folder_text("judged/predictions.csv",
                     "image,animal,fold,label,predicted,p_0,p_1,spread,models,error,lm1_x\na,r1,new,0,0,0.9,0.1,0.1,2,,1\n"
                     "b,r1,new,1,1,0.1,0.9,0.1,2,,1\nc,r2,new,1,1,0.2,0.8,0.1,2,,1\nd,r2,new,,1,0.2,0.8,0.1,2,,1\n"
                     "e,r2,new,1,,,,,0,,1\nf,r2,new,1,,,,,,is not there,1\n");
    test_folder_text("judged/results.json",
                     "{\"name\": \"faces\", \"evaluated\": {\"rows\": 6, \"judged\": 3, \"unlabelled\": 1, \"known\": 1, "
                     "\"errors\": 1, \"models\": 2}}");
    says("judged", "<li>3 of 6 rows of the table are in the numbers: 1 without a label, 1 that every model knows, 1 wrong",
         true);
    gr_text lead = test_page_part("judged", gr_put_lead);
    test_text_says(&lead, "The 2 models of a finished run, <bdi>faces</bdi>, were evaluated on 3 images of 2 animals");
    gr_text_free(&lead);
}

static void one_sided_folds_are_told(void **state)
{
    (void)state;
    test_folder_text("sided.csv", "image,animal,fold,label,predicted,p_0,p_1\na,r1,1,0,0,0.9,0.1\nb,r1,1,1,0,0.9,0.1\n"
                                  "c,r2,2,0,0,0.9,0.1\nd,r2,2,0,1,0.4,0.6\n");
    says("sided.csv", "In 1 of 2 folds the model gave every image the same class.", true);
    says("sided.csv", "1 of 2 folds tested one class only", true);
    says("sided.csv", "The accuracy of 50.0 % is not above 75.0 %", true);
    test_folder_text("alone.csv", "image,label,predicted,p_0,p_1\na,0,0,0.9,0.1\nb,1,1,0.2,0.8\nc,1,0,0.9,0.1\n");
    says("alone.csv", "No column says which animal an image shows", true);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(doubts_are_told), cmocka_unit_test(the_manifest_is_heard), cmocka_unit_test(warnings_come_first),
        cmocka_unit_test(rows_that_were_not_judged_are_counted), cmocka_unit_test(one_sided_folds_are_told)};
    return cmocka_run_group_tests(tests, test_shown_make, test_folder_remove);
}
