#!/bin/bash
# FelineGrimace's Tables 2, 3 and 4 on rendered cats: raters' scores become labels by rules, landmarks descriptors, these are judged
# by trees, and the paper's numbers stand beside the run's.
root=$(realpath "$(dirname "$0")/../..")
. "$(dirname "$0")/common.sh"
"$GRIMACE" data synth --animal cat --preset mini --animals 4 --images 10 --size 40 --out cats >/dev/null || { no "data synth"; exit 1; }
# Two raters, who see what was rendered and err now and then; the head is neither rendered nor seen.
awk -F, 'BEGIN { srand(5); n = split("au_ear au_orbital au_nose_cheek au_whisker", unit, " ") }
    NR == 1 { for (i = 1; i <= NF; i++) at[$i] = i; print "image,rater,ear,orbital,muzzle,whiskers,head"; next }
    { for (r = 1; r <= 2; r++) {
          printf "%s,r%d", $1, r
          for (k = 1; k <= n; k++) {
              score = $at[unit[k]] + (rand() < 0.15) - (rand() < 0.15)
              printf ",%d", (score < 0 ? 0 : score > 2 ? 2 : score)
          }
          printf ",%d\n", rand() < 0.5
      } }' cats/manifest.csv >cats/ratings.csv
says "all rules" 0 "Written: cats/agreement.json" \
    data label cats/ratings.csv --scheme felinegrimace --rule all --join cats/manifest.csv --out cats/rules.csv
check "beside the landmarks" bash -c "head -n 1 cats/rules.csv | grep -q ',and,or,mean,max,min,mode,.*,lm37_x,lm37_y'"
cp -r "$root/configs/felinegrimace" configs
sed -i '/- name: AND, without head/,$d' configs/table2.yaml
sed -i '/- name: mean, without head/,$d' configs/table3.yaml
sed -i '/- name: orbital, mode/,$d' configs/table4.yaml
table() {
    "$GRIMACE" sweep "configs/table$1.yaml" data.manifest=../cats/rules.csv 'tune.axes={trees: [5, 10], depth: [2]}' tune.folds=2 \
        split.test=0.3 --out "t$1" >out.txt 2>err.txt
}
if ! table 2 && grep -q "need XGBoost's library" err.txt; then
    echo "skipped: libxgboost is not installed"
    exit $bad
fi
check "painful or not $(head -c 300 err.txt)" grep -Eq "^AND, without whiskers  0\.9400  [01]\.[0-9]+$" out.txt
check "with fewer descriptors" bash -c "[ \$(head -n 1 t2/setting-001/features.csv | tr , '\n' | wc -l) = 36 ] && [ \$(head -n 1 t2/setting-002/features.csv | tr , '\n' | wc -l) = 31 ]"
check "what was chosen is told" grep -q '"chosen"' t2/setting-001/results.json
table 3
check "scores $(head -c 300 err.txt)" grep -Eq "^mean, without whiskers  0\.1100  0\.[0-9]+$" out.txt
table 4
check "a unit's classes $(head -c 300 err.txt)" grep -Eq "^ +1 +00[123]  ear, (mode|max|min) " out.txt
exit $bad
