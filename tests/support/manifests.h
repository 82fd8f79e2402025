/* Manifests for tests of splits, from the text of a table in the test program's folder (folder.h). */
#ifndef GR_TEST_MANIFESTS_H
#define GR_TEST_MANIFESTS_H

#include <stdbool.h>

#include "grimace/manifest.h"
#include "grimace/split.h"

/* Loads the manifest of a table with a column label, and `group` or NULL; its images need not be there. Fails the test when it
 * cannot. GIVES *m. */
void test_manifest(const char *text, const char *group, gr_manifest *m);
/* A table of `animals` animals with `each` images; the label is row % classes. GIVES *m. */
void test_animals(int animals, int each, int classes, bool grouped, gr_manifest *m);
/* The scheme of that name. */
gr_split_scheme test_scheme(const char *name);

#endif
