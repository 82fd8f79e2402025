#!/bin/bash
# Every config of the repository is one that grimace understands, and so is what `grimace config` prints of it; those of the
# papers say what the paper reports.
root=$(realpath "$(dirname "$0")/../..")
. "$(dirname "$0")/common.sh"
for config in "$root"/configs/*.yaml "$root"/configs/*/*.yaml; do
    grep -q '^detectors:' "$config" && continue # a chain: test_detect.sh
    grep -q '^- {' "$config" && continue # a list of transforms, which others use
    name=${config#"$root/"}
    "$GRIMACE" config "$config" >resolved.yaml 2>err.txt
    check "$name $(cat err.txt)" [ $? -eq 0 ]
    case $name in
    configs/blackmice/cross_* | configs/felinegrimace/table4*) ;; # of a figure, whose numbers the text does not have
    configs/blackmice/detector.yaml | configs/blackmice/cage_cascade.yaml) ;; # of no paper
    configs/*/*) check "$name has the paper's numbers" grep -Eq '^(reported: |sweep: .*[ {]reported: )\{' resolved.yaml ;;
    esac
    check "$name, resolved" bash -c "'$GRIMACE' config resolved.yaml | cmp -s - resolved.yaml"
done
exit $bad
