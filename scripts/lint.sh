#!/usr/bin/env bash
# lint.sh: the rules of this house that a compiler does not know, then gcc and clang on everything. Each rule is a script of
# scripts/lint that prints what breaks it, a line each; nothing is what it prints when all is well.
#   compilers   gcc and clang build program and tests without a warning
#   rooms       which room may know which (rooms.txt), by #include and by symbol
#   circles     no two files of a room need each other, likewise
#   headers     a public header includes standard C and other public headers only, and compiles alone
#   doors       memory comes from src/base/memory.c alone; only src/cli ends the program or writes to the terminal
#   size        no source file above 500 lines but those of long.txt; no line above 132 columns
#   words       nothing is left for later, no path of one machine
#   tests       tests/unit mirrors src
#   findings    each script of findings/ pins what it installs, compares something, and has its row
# LINT_COMPILERS=no leaves the first out; rooms and circles then look at the objects that are there. Exit status 1 when anything
# is wrong.
set -u
cd "$(dirname "$0")/.." || exit 1
bad=$(mktemp)
trap 'rm -f "$bad"' EXIT

[ "${LINT_COMPILERS:-yes}" = no ] || bash scripts/lint/compilers.sh >>"$bad"
for rule in rooms headers doors size words tests findings; do
    bash scripts/lint/$rule.sh >>"$bad"
done
if [ -s "$bad" ]; then
    cat "$bad"
    echo "lint: $(grep -cv '^ ' "$bad") complaints"
    exit 1
fi
echo "lint: $(find include src kernels modules tests bench -name '*.[ch]' | wc -l) source files, nothing to complain about"
