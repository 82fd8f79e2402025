#!/bin/bash
# Builds program and tests with gcc and clang.
cd "$(dirname "$0")/../.." || exit 1
for compiler in gcc clang; do
    if ! command -v $compiler >/dev/null; then
        echo "$compiler is not here: not compiled with it" >&2
        continue
    fi
    log=$(mktemp)
    if ! env -u MAKEFLAGS -u MFLAGS make -j"$(nproc)" CC=$compiler WERROR=1 all tests >"$log" 2>&1; then
        echo "make CC=$compiler all tests fails:"
        grep -E 'error|warning|\*\*\*' "$log" | head -n 20
    fi
    rm -f "$log"
done
