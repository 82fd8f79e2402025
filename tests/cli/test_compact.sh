#!/bin/bash
# split.write: compact. Every reader of splits.csv says the same of a run whose table leaves out the rows of train.
. "$(dirname "$0")/common.sh"
make_data || { no "data synth"; exit 1; }

"$GRIMACE" cv config.yaml split.write=full --out full >/dev/null || no "cv, full"
"$GRIMACE" cv config.yaml split.write=compact --out compact >/dev/null || no "cv, compact"
check "full has a row per image and fold" [ "$(wc -l <full/splits.csv)" = 73 ]
check "compact has none of train" [ "$(tail -n +2 compact/splits.csv | cut -d, -f5 | sort -u)" = test ]
check "compact is full without train" cmp -s compact/splits.csv <(grep -v ',train$' full/splits.csv)
for file in predictions.csv results.json fold-rat1/model.safetensors; do
    check "$file is the same" cmp -s {full,compact}/"$file"
done
for run in full compact; do
    "$GRIMACE" evaluate "$run" --manifest data/manifest.csv --out "$run-judged" >"$run.txt" || no "evaluate, $run"
    "$GRIMACE" explain "$run" data/images/rat2_s1_1.png --method gradcam --out "$run-maps" >/dev/null || no "explain, $run"
    "$GRIMACE" stats "$run" >"$run-stats.txt" || no "stats, $run"
    "$GRIMACE" report "$run" --out "$run.html" >/dev/null || no "report, $run"
done
for file in predictions.csv results.json; do
    check "evaluate: $file is the same" cmp -s {full,compact}-judged/"$file"
done
check "evaluate leaves out who trained" cmp -s <(sed s/full/run/g full.txt) <(sed s/compact/run/g compact.txt)
check "explain knows who tested" cmp -s {full,compact}-maps/index.csv
says "compare" 0 "24 predictions, paired by image" compare full compact
says "resume takes either form" 0 "was finished" cv config.yaml split.write=full --out compact --resume
check "and leaves it as it is" [ "$(wc -l <compact/splits.csv)" = 25 ]
sed -i '2s/test/val/' compact/splits.csv
says "another split is refused" 2 "compact/splits.csv: is not the split" cv config.yaml --out compact --resume

says "the proof of a compact table" 0 "^0 groups in two parts \(animal\)" data split config.yaml split.write=compact --out s.csv
check "says what it counts" grep -q "s.csv: 24 rows written, without those of train" out.txt
says "a thinned table names who rests" 0 "0 images in two parts" \
    data split config.yaml split.write=compact split.train_share=0.5 --out thin.csv
check "as none" grep -q ',none$' thin.csv
says "neither" 2 "split.write: .*expected full or compact" data split config.yaml split.write=some
mkdir many && (cd many && seq -f i%g.png 0 2099 | xargs touch)
awk 'BEGIN { print "image,animal,pain"; for (i = 0; i < 2100; i++) print "i" i ".png,a" int(i / 4) "," i % 2 }' >many/many.csv
says "above a million rows" 0 "2100 rows written, without those of train" \
    data split config.yaml data.manifest=many/many.csv --out many-splits.csv
check "has a row per image" [ "$(wc -l <many-splits.csv)" = 2101 ]
exit $bad
