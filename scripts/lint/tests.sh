#!/bin/bash
# tests/unit mirrors src: tests/unit/ROOM/test_FILE.c is about src/ROOM/FILE.c (or kernels/K_FILE.c, or a public header of that
# name). What covers a whole room or several of its files stands in mirror.txt, with what it covers. What a test writes lies where
# TMPDIR says.
cd "$(dirname "$0")/../.." || exit 1
find tests/unit -name '*.c' | LC_ALL=C sort | while read -r test; do
    name=$(basename "$test" .c)
    room=$(dirname "${test#tests/unit/}")
    case $name in test_*) ;; *) echo "$test: is not called test_FILE.c" && continue ;; esac
    name=${name#test_}
    if [ -e "src/$room/$name.c" ] || { [ "$room" = kernels ] && [ -e "kernels/K_$name.c" ]; }; then
        grep -q "^$test " scripts/lint/mirror.txt && echo "$test: has its source file, and a row in scripts/lint/mirror.txt that can go"
        continue
    fi
    grep -q "^$test " scripts/lint/mirror.txt ||
        echo "$test: there is no src/$room/$name.c; the name of the file that it tests would be right, or a row in scripts/lint/mirror.txt"
done
grep -lrE 'mk[ds]?temps?\(|XXXXXX' tests --include='*.c' | grep -v '^tests/support/folder.c$' |
    sed 's/$/: writes where it says itself; test_temp_folder (support\/folder.h), which obeys TMPDIR, would be right/'
grep -vE '^(#|$)' scripts/lint/mirror.txt | while read -r test covers; do
    [ -e "$test" ] || echo "$test: is not there, but in scripts/lint/mirror.txt"
    for file in $covers; do
        [ -e "$file" ] || echo "scripts/lint/mirror.txt: $file, which $test covers, is not there"
    done
done
