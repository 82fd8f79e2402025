/* The data that a config names: its manifest, its folds, and what is wrong with them. */
#ifndef GRIMACE_OPEN_H
#define GRIMACE_OPEN_H

#include "grimace/base.h"
#include "grimace/check.h"
#include "grimace/config.h"
#include "grimace/manifest.h"
#include "grimace/split.h"

/* The manifest that the data section of a config (BORROWED during the call) describes, data.extra_manifests appended; of a
 * network for landmarks without labels and with the landmarks.
 * Fails: GR_INVALID (no data.manifest or data.label, and as gr_manifest_load and gr_manifest_append), GR_NOMEM. */
gr_status gr_manifest_open(const gr_config *config, gr_manifest *out, gr_error *err) GR_MUST_CHECK;

/* The index in classes of a config's data.positive, the last class when it names none.
 * Fails: GR_INVALID (not one of the classes). */
gr_status gr_manifest_positive(const gr_manifest *manifest, const gr_config *config, int *positive,
                               gr_error *err) GR_MUST_CHECK;

/* Makes the folds of a manifest by the `split` section and the seed of a config (both BORROWED during the call); sentences begin
 * with its file and line. Extra rows of the manifest train in every fold; the others are split as if they were alone. *out GIVES
 * (gr_split_free). Fails: as gr_split_make. */
gr_status gr_split_open(const gr_config *config, const gr_manifest *manifest, gr_split *out,
                        gr_error *err) GR_MUST_CHECK;

/* gr_check_manifest for the manifest of a config; what is wrong with its extra manifests follows, which may lack classes and
 * groups; `near`: and gr_check_near with the config's folds; its features are those of `model` as of gr_check_near_by (NULL: none).
 * *out GIVES (gr_check_free). Fails: GR_INVALID, GR_NOMEM, GR_IO. */
gr_status gr_check_config(const gr_config *config, bool near, const char *model, gr_check *out, gr_error *err) GR_MUST_CHECK;
/* gr_check_near with the features of `model`, a network's file or a run, whose first fold is taken: what its head reads of each
 * picture (of its box, if it has one), means over the map; a picture that cannot be read has zeros. NULL: without features. Fails:
 * GR_INVALID (no such model, one that is no network, or whose head reads several maps), GR_NOMEM, GR_IO. */
gr_status gr_check_near_by(gr_check *check, const gr_split *split, const char *model, gr_error *err) GR_MUST_CHECK;

#endif
