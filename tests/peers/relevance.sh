#!/bin/bash
# Deep Taylor's sums on every backbone, the largest included, which the unit test leaves out for their time.
set -u
: "${GRIMACE:?the path of the grimace binary}"
build=$(dirname "$GRIMACE")
cd "$(dirname "$(realpath "$0")")/../.." || exit 1
make "$build/tests/unit/explain/test_relevance" >/dev/null || exit 1
GRIMACE_TEST_ALL=1 "$build/tests/unit/explain/test_relevance"
