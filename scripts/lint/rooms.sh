#!/bin/bash
# Rooms in their order (rooms.txt), and no circles between the files of one. Symbols are those of gcc's objects, where they are.
cd "$(dirname "$0")/../.." || exit 1
objects=build
[ -f build/libgrimace.a ] || { objects=; echo "build/libgrimace.a is not here: rooms and circles by #include only" >&2; }
edges=$(mktemp)
trap 'rm -f "$edges"' EXIT
bash scripts/lint/edges.sh $objects >"$edges"
awk -f scripts/lint/rooms.awk scripts/lint/rooms.txt "$edges"
awk -f scripts/lint/circles.awk "$edges"
