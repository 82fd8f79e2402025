#!/bin/bash
# README.md as a reader follows it: blocks behind <!-- file: NAME --> are written, blocks behind <!-- run --> are run, in
# order, in one folder. Epochs are cut to one and images to six a rat, since only the way is tested here.
readme=$(realpath "$(dirname "$0")/../../README.md")
root=$(dirname "$readme")
. "$(dirname "$0")/common.sh"

# The installed library, and grimace in the path.
build=$(dirname "$GRIMACE")
packages="openblas libpng zlib libjpeg libwebp libtiff-4 yaml-0.1 jansson gsl"
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

cut_page "$readme"
check "the page has parts" [ "$(ls part-*.run | wc -l)" -ge 5 ]
follow_page README.md
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
