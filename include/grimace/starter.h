/* A config to begin with, made of what a survey found. */
#ifndef GRIMACE_STARTER_H
#define GRIMACE_STARTER_H

#include "grimace/survey.h"

/* Appends a config in YAML, with a comment behind what was guessed, that trains a small network from random weights on the
 * manifest of `survey` (BORROWED), which lies at `manifest`, from the config's folder on. Memory shortage sticks in
 * out->failed. Never fails. */
void gr_starter_config(const gr_survey *survey, const char *manifest, gr_text *out);

#endif
