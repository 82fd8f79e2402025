#!/bin/bash
# A chain finds at least 10 points more of the faces in rendered cages than its first detector, as BlackMice's did (80 % and 92 %). Its
# cascades (tests/parity/make_cage.sh) were learnt from other cages.
. "$(dirname "$0")/common.sh"
cp "$parity_runs"/../cage/*.xml .
"$GRIMACE" data synth --scene cage --animals 12 --images 9 --size 480 --seed 11 --out cage >/dev/null || no "data synth"
cat >first.yaml <<'YAML'
detectors:
  face: {file: face.xml, neighbors: 9}
steps:
  - whole: face
YAML
cat >chain.yaml <<'YAML'
detectors:
  face: {file: face.xml, neighbors: 9}
  eye: {file: eye.xml, neighbors: 4, max_size: 40}
  ear: {file: ear.xml, neighbors: 4, max_size: 50}
steps:
  - whole: face
  - agree: {left: eye, right: eye}
    rules:
      - left_of: [left, right]
      - level: [left, right, 35]
      - size: [left, right, 0.6, 1.7]
      - distance: [left, right, 1.8, 4.5]
    face: 1.45
  - agree: {ear: ear, eye: eye}
    rules:
      - above: [ear, eye]
      - size: [ear, eye, 0.9, 2.8]
      - distance: [ear, eye, 1, 2.9]
    face: 1.6
    shift: [ear, eye, 0.6]
YAML
says "the chain and its first detector" 0 '^chain ' detect --compare first.yaml,chain.yaml --manifest cage/manifest.csv --out compared.csv
column() { awk -F, -v name="$1" -v column="$2" 'NR == 1 { for (i = 1; i <= NF; i++) at[$i] = i } $1 == name { print $at[column] }' compared.csv; }
check "at least 10 points more faces" awk -v a="$(column first recall)" -v b="$(column chain recall)" 'BEGIN { exit !(a > 0.2 && b - a >= 0.1) }'
check "in more pictures" awk -v a="$(column first empty_percent)" -v b="$(column chain empty_percent)" 'BEGIN { exit !(b < a - 10) }'
exit $bad
