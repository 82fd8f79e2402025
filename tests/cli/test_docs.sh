#!/bin/bash
# The pages of docs/ that a reader can follow, each in a folder of its own.
docs=$(realpath "$(dirname "$0")/../../docs")
. "$(dirname "$0")/common.sh"
mkdir bin
ln -s "$GRIMACE" bin/grimace
export PATH="$work/bin:$PATH"
for page in "$docs"/*.md; do
    grep -q '^<!-- run -->$' "$page" || continue
    # a build without FFmpeg reads no videos
    [[ $(basename "$page") =~ ^(boosted|photograph).md$ ]] && ! ldconfig -p 2>/dev/null | grep -q libxgboost && continue
    [ "$(basename "$page")" = video.md ] && grimace data frames x --out x 2>&1 | grep -q 'built without FFmpeg' && continue
    mkdir page && cd page || exit 1
    cut_page "$page"
    follow_page "docs/$(basename "$page")"
    cd .. && rm -rf page
done
exit $bad
