/* The ground floor, all of it: errors, memory, random numbers, threads, strings and files. Knows nothing of tensors, images or
 * config keys. Only this folder calls the system's allocator. */
#ifndef GR_BASE_PRIVATE_H
#define GR_BASE_PRIVATE_H

#include "base/files.h"
#include "base/hash.h"
#include "base/memory.h"
#include "base/names.h"
#include "base/random.h"
#include "base/strings.h"
#include "base/threads.h"
#include "grimace/base.h"
#include "grimace/text.h"

#endif
