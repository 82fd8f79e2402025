#!/bin/bash
# A public header includes standard C and other public headers only, and compiles alone.
cd "$(dirname "$0")/../.." || exit 1
standard='assert|complex|ctype|errno|fenv|float|inttypes|limits|locale|math|signal|stdbool|stddef|stdint|stdio|stdlib|string|time'
grep -nE '^ *# *include' include/grimace/*.h | grep -vE "<($standard)\.h>|\"grimace/[a-z_0-9]+\.h\"" |
    sed 's/$/: a public header includes standard C and other public headers only/'
for header in include/grimace/*.h; do
    ${CC:-cc} -std=c11 -pedantic -Wall -Wextra -Werror -Iinclude -fsyntax-only -x c "$header" 2>&1 | head -n 3
    [ "$header" = include/grimace/grimace.h ] || grep -q "\"${header#include/}\"" include/grimace/grimace.h ||
        echo "$header: grimace/grimace.h does not include it"
done
