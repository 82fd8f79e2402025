#!/bin/bash
# edges.sh [OBJECTS]: who knows whom, for rooms.awk and circles.awk. A unit is X.c with X.h; a public header goes with the file of its
# name in its room. One line for each thing that a file knows of another unit:
#     FILE:LINE  ROOM  UNIT  ROOM  UNIT  WHAT
# by #include (WHAT is the header), and, where OBJECTS is a folder of gcc's objects, by symbol (WHAT is the function; LINE is that of
# the include that declares it, 0 where it comes through another header).
set -u
cd "$(dirname "$0")/../.." || exit 1
objects=${1:-}
mapfile -t code < <(find include src kernels -name '*.[ch]' | LC_ALL=C sort)
{
    sed 's/^/ROOM /' scripts/lint/rooms.txt
    printf 'FILE %s\n' "${code[@]}"
    grep -nE '^ *# *include *"' "${code[@]}" /dev/null | sed 's/^/INCLUDE /'
    if [ -n "$objects" ]; then
        grep -noE '\bgr_[a-z0-9_]+' $(printf '%s\n' "${code[@]}" | grep '\.h$') /dev/null | sed 's/^/NAME /'
        # kernels are compiled once an instruction set: the first object stands for all
        find "$objects/src" "$objects/kernels" -name '*.o' | LC_ALL=C sort | xargs nm -A --defined-only 2>/dev/null |
            awk '$2 ~ /^[TDBRVW]$/ || $3 ~ /^[TDBR]$/ { print "DEFINES", $0 }'
        find "$objects/src" "$objects/kernels" -name '*.o' | LC_ALL=C sort | xargs nm -A --undefined-only 2>/dev/null |
            sed 's/^/USES /'
    fi
} | awk -v objects="$objects" -f scripts/lint/edges.awk
