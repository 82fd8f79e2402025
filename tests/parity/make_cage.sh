#!/bin/bash
# Makes tests/parity/cage: cascades of faces, eyes and ears learnt from rendered cages, which tests/cli/test_cage_chain.sh puts into a
# chain. That of faces is strict, those of parts are not.
#     GRIMACE=build/grimace tests/parity/make_cage.sh       (some two minutes of a core)
set -eu
grimace=$(realpath "$GRIMACE")
to=$(dirname "$(realpath "$0")")/cage
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
"$grimace" data synth --scene cage --animals 36 --images 10 --size 480 --seed 5 --out few
"$grimace" data synth --scene cage --animals 108 --images 10 --size 480 --seed 5 --out many
learn() { # NAME SCENES TEST BOXES CASCADE
    cat >"$1.yaml" <<YAML
task: boxes
data: {manifest: $2/manifest.csv, group: cage, boxes: [$4]}
split: {scheme: holdout, test: $3}
model: {classic: cascade, cascade: {features: lbp, overlap: 0.3, trees: 100, $5}}
YAML
    "$grimace" train "$1.yaml" --out "$1"
    cp "$1/fold-0/cascade.xml" "$to/$1.xml"
}
learn face few 0.1 face=box 'width: 20, height: 20, stages: 14, hit_rate: 0.985, false_alarm: 0.4, negatives: 600, copies: 3'
parts='stages: 9, hit_rate: 0.99, false_alarm: 0.4, negatives: 800, copies: 1'
learn eye many 0.05 'eye=eye_left, eye=eye_right' "width: 12, height: 14, $parts"
learn ear many 0.05 'ear=ear_left, ear=ear_right' "width: 14, height: 16, $parts"
