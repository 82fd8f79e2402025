#!/bin/bash
# isas.sh BUILD/grimace: one short run (BlackMice's network on three rats with 24 faces of 48 x 48 each, ten epochs) with each instruction
# set that this processor has, and what is the same and what differs: the table of docs/kernels.md. Seconds on two cores.
set -eu
grimace=$(realpath "${1:?the path of the grimace binary}")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
unset GRIMACE_ISA
"$grimace" data synth --preset mini --size 48 --animals 3 --images 24 --out data >/dev/null
cat >config.yaml <<YAML
seed: 7
data:
  manifest: data/manifest.csv
  label: pain
  group: animal
  image: {size: 48}
  train_transforms: [{hflip: 0.5}]
split: {scheme: leave_one_group_out}
model: {backbone: blackmice_cnn, head: linear}
optimizer: {name: adam, lr: 1.0e-3}
train: {epochs: 10, batch_size: 16}
YAML
sets=$("$grimace" info | sed -n 's/^instruction set .*this CPU runs \(.*\))$/\1/p' | tr -d ,)
echo "| instruction set (as \`info\` and about.json call it) | F1 | accuracy in % | AUROC | mean probability of class 1 | SHA-256 of predictions.csv |"
echo "| --- | --- | --- | --- | --- | --- |"
for isa in $sets; do
    GRIMACE_ISA=$isa "$grimace" cv config.yaml --out "$isa" >log.txt 2>&1 ||
        { cat log.txt >&2; exit 1; }
    said=$(sed -n '/"instruction_set"/{s/.*"instruction_set": *"\([^"]*\)".*/\1/p;q}' "$isa/about.json")
    awk -F, -v isa="$said" -v sum="$(sha256sum "$isa/predictions.csv" | cut -c1-12)" '
        FNR == 1 { for (i = 1; i <= NF; i++) column[FILENAME, $i] = i; next }
        FILENAME ~ /summary/ { last = $0 }
        FILENAME ~ /predictions/ { total += $(column[FILENAME, "p_1"]); n++ }
        END {
            split(last, cell, ",")
            file = ARGV[1]
            printf "| `%s` | %s | %s | %s | %.6f | %s... |\n", isa, cell[column[file, "f1"]], cell[column[file, "accuracy"]],
                cell[column[file, "auroc"]], total / n, sum
        }' "$isa/summary.csv" "$isa/predictions.csv"
done
