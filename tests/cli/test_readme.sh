#!/bin/bash
# README.md as a reader follows it: blocks behind <!-- file: NAME --> are written, blocks behind <!-- run --> are run, in
# order, in one folder. Epochs are cut to one and images to six a rat, since only the way is tested here.
readme=$(realpath "$(dirname "$0")/../../README.md")
root=$(dirname "$readme")
. "$(dirname "$0")/common.sh"

# The installed library, and grimace in the path.
build=$(dirname "$GRIMACE")
packages="openblas libpng zlib libjpeg yaml-0.1 jansson gsl"
install() { (cd "$root" && bash scripts/install.sh "$build" "" "$work/installed" "$packages") >out.txt; }
check "make install's script" install
export PATH="$work/installed/bin:$PATH" PKG_CONFIG_PATH="$work/installed/lib/pkgconfig:${PKG_CONFIG_PATH:-}"
check "the pkg-config file" pkg-config --exists grimace
# A library built under sanitizers can only be linked with them.
mkdir bin
compiler=$(command -v "${CC:-cc}")
if nm "$build/libgrimace.a" 2>/dev/null | grep -q __asan_init; then
    printf '#!/bin/sh\nexec %s -fsanitize=address,undefined "$@"\n' "$compiler" >bin/cc
else
    printf '#!/bin/sh\nexec %s "$@"\n' "$compiler" >bin/cc
fi
chmod +x bin/cc
export PATH="$work/bin:$PATH"

# Writes part-N.run and part-N.file (first line: the name), in the order of the page.
awk '
    /^<!-- (run|file: .*) -->$/ { kind = $2; name = $3; next }
    /^```/ && !inside && kind != "" {
        inside = 1
        part = sprintf("part-%02d.%s", ++count, kind == "run" ? "run" : "file")
        if (kind != "run")
            print name >part
        next
    }
    /^```/ && inside { inside = 0; kind = ""; close(part); next }
    inside { print >part }
' "$readme"
check "the page has parts" [ "$(ls part-*.run | wc -l)" -ge 5 ]
for part in part-*; do
    if [ "${part##*.}" = file ]; then
        name=$(head -n 1 "$part")
        tail -n +2 "$part" | sed -E 's/(epochs: )[0-9]+/\11/' >"$name"
        continue
    fi
    sed -E -i 's/(epochs=)[0-9]+/\11/; s/--images [0-9]+/--images 6/' "$part"
    if bash -eu "$part" >out.txt 2>err.txt && [ ! -s err.txt ]; then
        ok "README.md: $(head -n 1 "$part")"
    else
        no "README.md: $(head -n 1 "$part"): $(head -c 400 err.txt)"
    fi
done
check "the C program learns" awk '/loss/ { first = first == "" ? $4 : first; last = $4 } END { exit !(last < first / 10) }' out.txt
check "the C program prints what the page says" [ "$(grep -cFf out.txt "$readme")" -ge 1 ]
check "predictions of the whole manifest" [ "$(wc -l <predictions.csv)" -eq "$(wc -l <faces/manifest.csv)" ]

# Links to files of this repository.
missing=
cd "$root" || exit 1
for page in README.md docs/*.md datasets/*/README.md; do
    for link in $(grep -oE '\]\([^)#]+' "$page" | sed 's/^](//' | grep -v '://'); do
        [ -e "$(dirname "$page")/$link" ] || missing="$missing $page:$link"
    done
done
check "links lead somewhere:$missing" [ -z "$missing" ]
exit $bad
