#!/bin/bash
# Experiments beyond one classifier, from one config each.
. "$(dirname "$0")/common.sh"
make_data || { no "data synth"; exit 1; }
sed -i 's/epochs: 3/epochs: 2/' config.yaml

# ---- a second database that trains ----------------------------------------------------------------------------------------
"$GRIMACE" data synth --preset mini --size 32 --animals 2 --images 6 --seed 5 --out more >/dev/null
extra="data.extra_manifests=[more/manifest.csv]"
says "training on two databases" 0 "Pooled" cv config.yaml "$extra" --out two
check "tests the first one alone" [ "$(wc -l <two/predictions.csv)" -eq 25 ]
check "12 images more train in each fold" [ "$(grep -c '^manifest:images.*,manifest:rat[12],.*,train$' two/splits.csv)" -eq 36 ]
check "and do nothing else" [ "$(grep -c '^manifest:' two/splits.csv)" -eq 36 ]
"$GRIMACE" cv config.yaml --out one >/dev/null 2>err.txt
check "the weights are others than without" bash -c "! cmp -s one/fold-rat1/model.safetensors two/fold-rat1/model.safetensors"
check "the folds are the same" bash -c "cmp <(grep -v '^manifest:' two/splits.csv) one/splits.csv"
says "several processes" 0 "Pooled" cv config.yaml "$extra" --out two2 --jobs 2
check "are the same bytes" same_runs two two2
says "data split" 0 "rat3 +train +4 +28" data split config.yaml "$extra"
says "data check" 0 "" data check config.yaml "$extra"
says "the same table twice" 2 "manifest.csv:2: image: .* would train and be tested" cv config.yaml \
    "data.extra_manifests=[data/manifest.csv]" --out none
sed 's/,pain,/,effect,/' more/manifest.csv >more/other.csv
says "another label" 2 "data.label: there is no column pain in .*other.csv" cv config.yaml \
    "data.extra_manifests=[more/other.csv]" --out none
says "another class" 2 "manifest.csv:[0-9]+: pain: '1' is not one of the classes: 0, 2" cv config.yaml "$extra" \
    "data.classes=['0', '2']" --out none
check "nothing is left" [ ! -e none ]
exit $bad
