/* A run with trained models, as far as commands that read models look at it: two folds of small networks of the classes no
 * and yes at 32 pixels, whose numbers are random. */
#ifndef GR_TEST_MODEL_RUN_H
#define GR_TEST_MODEL_RUN_H

/* Writes it as RUN "run" of the test's folder (folder.h) with the images images/a.png, tested by fold one, and images/b.png,
 * tested by fold two; images/new.png is of neither. The test fails when it cannot. */
void test_make_model_run(void);
/* Writes a model of the classes no and `second`, of pictures `side` pixels wide, to that file of the test's folder. Likewise. */
void test_make_model(const char *name, const char *head, const char *second, int side, unsigned seed);
/* Writes "mapped", a run with predictions, pictures with a bright spot each and models with PainSeeker's head. Likewise. */
void test_make_mapped_run(void);

#endif
