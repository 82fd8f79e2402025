/* The whole public interface of grimace. */
#ifndef GRIMACE_GRIMACE_H
#define GRIMACE_GRIMACE_H

#include "grimace/balance.h"
#include "grimace/base.h"
#include "grimace/config.h"
#include "grimace/eval.h"
#include "grimace/export.h"
#include "grimace/graph.h"
#include "grimace/image.h"
#include "grimace/import.h"
#include "grimace/inspect.h"
#include "grimace/loader.h"
#include "grimace/manifest.h"
#include "grimace/models.h"
#include "grimace/optim.h"
#include "grimace/plan.h"
#include "grimace/split.h"
#include "grimace/sweep.h"
#include "grimace/synth.h"
#include "grimace/tensor.h"
#include "grimace/train.h"
#include "grimace/weights.h"

#endif
