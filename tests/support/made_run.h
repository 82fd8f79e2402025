/* Small runs for tests of figures, the same in every test: written into the test's folder (support/folder.h). */
#ifndef GR_TEST_MADE_RUN_H
#define GR_TEST_MADE_RUN_H

/* "classes": 90 images of 6 animals in 3 folds, the classes no_pain and pain, 5 epochs. "many": the same images of four
 * classes. "scores": of scores from 0 to 10. "young": the folder of a run that has a config and one fold's epochs, and no
 * predictions yet. Fails the test when it cannot. */
void test_make_runs(void);
/* "timed": "classes" with a manifest of two treatments, the time points baseline, 30min, 2h and day1, and a rating, and epochs with
 * seconds. "grid": a sweep of two keys, 3 x 2 settings; "single": of one key at a time. "cross": trained on a or b, tested on both.
 * "points": a run of three landmarks. Likewise. */
void test_make_studies(void);

#endif
