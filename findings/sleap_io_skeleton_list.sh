#!/usr/bin/env bash
# sleap-io 0.9.5: Skeleton(names) puts nodes into the list that it was given, so that the caller's names are no texts any more. Expected:
# the list stays as it is.
. "$(dirname "$0")/common.sh"
with sleap-io==0.9.5 numpy==2.4.6
seen "0.9.5 before: ['nose', 'ear'] after: [Node(name='nose'), Node(name='ear')]" "$(python/bin/python - <<'PY'
import sleap_io

names = ["nose", "ear"]
before = repr(names)
sleap_io.Skeleton(names)
print(sleap_io.__version__, "before:", before, "after:", names)
PY
)"
