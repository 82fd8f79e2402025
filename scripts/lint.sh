#!/usr/bin/env bash
# lint.sh: the rules of this house that a compiler does not know, then gcc and clang on everything.
#   rooms       which folder may include which (the table below)
#   headers     a public header includes standard C and other public headers only, and compiles alone
#   doors       memory comes from src/base/memory.c alone; only src/cli ends the program or writes to the terminal
#   size        no source file above 700 lines; no line above 132 columns
#   words       nothing is left for later, no path of one machine
#   compilers   gcc and clang build program and tests without a warning (what was built before is not built again)
# LINT_COMPILERS=no leaves the last one out. Exit status 1 when anything is wrong.
set -u
cd "$(dirname "$0")/.." || exit 1
bad=$(mktemp)
trap 'rm -f "$bad"' EXIT

mapfile -t sources < <(find include src kernels tests bench -name '*.[ch]' | LC_ALL=C sort)
mapfile -t code < <(printf '%s\n' "${sources[@]}" | grep -E '^(include|src|kernels)/')

# ---- rooms -------------------------------------------------------------------------------------------------------------------

# room: what it may include besides itself. The rows stand in the order of the house: none includes a later one.
rooms='
base:
kernels:  base
tensor:   base kernels
formats:  base tensor
eval:     base formats
graph:    base tensor kernels
ops:      base tensor kernels formats graph
models:   base tensor kernels formats graph ops
optim:    base tensor kernels
image:    base tensor kernels
data:     base tensor image formats eval
classic:  base tensor image data
train:    base kernels tensor formats eval graph ops models optim image data classic
explain:  base kernels tensor formats eval graph ops models optim image
report:   base eval formats
cli:      base kernels tensor formats eval graph ops models optim image data train explain classic report
'
# One thing only crosses against the order: the config's list of transforms is made of the image room's records, so that
# their names, ranges and sizes are judged by one set of rules.
except='include/grimace/config.h=grimace/image.h'
# The room whose promises a public header makes, where its name is not the room's.
public='
weights=formats config=formats reported=formats plan=graph
manifest=data split=data balance=data check=data stats=data import=data label=data loader=data synth=data
lbp=classic svm=classic
inspect=train compare=train export=train sweep=train grimace=cli
agreement=eval averaging=eval correlation=eval comparison=eval curves=eval statistics=eval landmarks=eval
'

grep -n '^ *# *include *"' "${code[@]}" /dev/null | awk -v rooms="$rooms" -v public="$public" -v except="$except" '
    function room_of(path,    part, name) {
        split(path, part, "/")
        if (part[1] == "grimace" || part[1] == "include") {
            name = part[length(part)]
            sub(/\.h$/, "", name)
            return name in owner ? owner[name] : name
        }
        return part[1] == "src" ? part[2] : part[1]
    }
    BEGIN {
        n = split(rooms, line, "\n")
        for (i = 1; i <= n; i++)
            if (split(line[i], word, /[: ]+/) > 0 && word[1] != "") {
                known[word[1]] = 1
                for (j = 2; j in word; j++)
                    may[word[1], word[j]] = 1
                delete word
            }
        n = split(public, pair, /[ \n]+/)
        for (i = 1; i <= n; i++)
            if (split(pair[i], word, "=") == 2)
                owner[word[1]] = word[2]
    }
    {
        file = $0; sub(/:.*/, "", file)
        header = $0; sub(/^[^"]*"/, "", header); sub(/".*/, "", header)
        here = room_of(file)
        there = header ~ /\// ? room_of(header) : here
        where = $0; sub(/: *# *include.*/, "", where)
        if (!(here in known))
            print where ": the folder " here " is not in the table of rooms in scripts/lint.sh"
        else if (!(there in known))
            print where ": \"" header "\" belongs to no room in the table of scripts/lint.sh"
        else if (here != there && !((here, there) in may) && file "=" header != except)
            print where ": " here " may not include " header " of " there
    }' >>"$bad"

# ---- headers -----------------------------------------------------------------------------------------------------------------

standard='assert|complex|ctype|errno|fenv|float|inttypes|limits|locale|math|signal|stdbool|stddef|stdint|stdio|stdlib|string|time'
grep -nE '^ *# *include' include/grimace/*.h | grep -vE "<($standard)\.h>|\"grimace/[a-z_0-9]+\.h\"" |
    sed 's/$/: a public header includes standard C and other public headers only/' >>"$bad"
for header in include/grimace/*.h; do
    ${CC:-cc} -std=c11 -pedantic -Wall -Wextra -Werror -Iinclude -fsyntax-only -x c "$header" 2>&1 | head -n 3 >>"$bad"
done

# ---- doors -------------------------------------------------------------------------------------------------------------------

door() { # pattern, files that may, sentence
    grep -nE "$1" "${code[@]}" | grep -vE "^($2)" | grep -vE '^[^:]+:[0-9]+: *(/\*|\*|//)' | sed "s|\$|: $3|" >>"$bad"
}
door '(^|[^a-z_0-9.>])(malloc|calloc|realloc|aligned_alloc|posix_memalign)\(' 'src/base/memory\.c:' \
    'memory comes from gr_alloc and its kin'
door '(^|[^a-z_0-9.>])(exit|_exit|abort)\(' 'src/cli/|src/train/jobs\.c:|src/formats/hdf5\.c:' 'only src/cli ends the program'
door '(^|[^a-z_0-9.>])(printf|puts|putchar|perror)\(|\bstderr\b|\bstdout\b' 'src/cli/' \
    'only src/cli writes to the terminal'

# ---- size and words ----------------------------------------------------------------------------------------------------------

wc -l "${sources[@]}" | awk '$2 != "total" && $1 > 700 { print $2 ": " $1 " lines, at most 700" }' >>"$bad"
awk 'length($0) > 132 { print FILENAME ":" FNR ": " length($0) " columns, at most 132" }' "${sources[@]}" >>"$bad"

mapfile -t texts < <(find . -path './.git' -prune -o -path './build*' -prune -o -path './runs' -prune -o -type f \
    \( -name '*.[ch]' -o -name '*.sh' -o -name '*.py' -o -name '*.md' -o -name '*.yaml' -o -name Makefile -o -path './.ci/*' \) \
    -print | LC_ALL=C sort)
later='TO''DO|FIX''ME|HA''CK|XX''X'
grep -nE "\b($later)\b" "${texts[@]}" | sed 's/$/: nothing is left for later/' >>"$bad"
grep -nE '(^|[^A-Za-z0-9_.])/(work|home|root|mnt|opt|Users)/' "${texts[@]}" | sed 's/$/: a path of one machine/' >>"$bad"

# ---- compilers ---------------------------------------------------------------------------------------------------------------

if [ "${LINT_COMPILERS:-yes}" = yes ]; then
    for compiler in gcc clang; do
        if ! command -v $compiler >/dev/null; then
            echo "$compiler is not here: not compiled with it"
            continue
        fi
        log=$(mktemp)
        if ! env -u MAKEFLAGS -u MFLAGS make -j"$(nproc)" WERROR=1 CC=$compiler all tests >"$log" 2>&1; then
            echo "make CC=$compiler all tests fails:" >>"$bad"
            grep -E 'error|warning|\*\*\*' "$log" | head -n 20 >>"$bad"
        fi
        rm -f "$log"
    done
fi

if [ -s "$bad" ]; then
    cat "$bad"
    echo "lint: $(wc -l <"$bad") lines of complaint"
    exit 1
fi
echo "lint: ${#sources[@]} source files, nothing to complain about"
