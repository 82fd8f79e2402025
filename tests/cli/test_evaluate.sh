#!/bin/bash
# New images: grimace evaluate for every task and learner, who may answer for which image, what rows can have wrong; predict's spread,
# decisions and abstentions; evaluate.calibrate; studies and settings of a sweep.
. "$(dirname "$0")/common.sh"
make_data || exit 1
quick="train.epochs=1"
"$GRIMACE" data synth --preset mini --size 32 --animals 3 --images 8 --seed 9 --out fresh >/dev/null || exit 1
# New names, new animals, and the columns of the first table.
mkdir new && for f in fresh/images/*.png; do cp "$f" "new/n_$(basename "$f")"; done
sed -e '2,$s#^images/#n_#' -e '2,$s/,rat/,new/' fresh/manifest.csv >new/manifest.csv
cells() { python3 -c '
import csv, sys
for row in csv.DictReader(open(sys.argv[1])): print(",".join(row[c] for c in sys.argv[2:]))' "$@"; }
cv() { "$GRIMACE" cv "$@" >/dev/null; }

# ---- a run on its own table: only the fold that tested an image may answer, so that all is as in the run ------------------------------
cv config.yaml --out run
says "its own table" 0 "24 of 24 rows judged" evaluate run --manifest data/manifest.csv --out own
check "one model each" [ "$(cells own/predictions.csv models | sort -u)" = 1 ]
check "the run's probabilities" near <(cells own/predictions.csv image p_0 p_1 predicted | sort) <(cells run/predictions.csv image p_0 p_1 predicted | sort)
check "the run's numbers" python3 - <<'PY'
import json
own, run = (json.load(open(f"{name}/results.json")) for name in ("own", "run"))
def near(a, b): # but for last digits, as near of common.sh
    if isinstance(a, dict): return a.keys() == b.keys() and all(near(a[k], b[k]) for k in b)
    if isinstance(a, list): return len(a) == len(b) and all(map(near, a, b))
    return a == b or (isinstance(b, float) and abs(a - b) < 1e-5 * max(1, abs(b)))
assert own["folds"][0]["fold"] == "new" and near(own["pooled"], run["pooled"])
assert own["evaluated"] == {"rows": 24, "judged": 24, "unlabelled": 0, "known": 0, "errors": 0, "models": 3}
PY
for file in results.csv statistics.json summary.csv roc.csv pr.csv; do check "$file is there" [ -s "own/$file" ]; done

# ---- new animals ------------------------------------------------------------------------------------------------------------------
says "new animals" 0 "24 of 24 rows judged" evaluate run --manifest new/manifest.csv --out fresh-out
check "all folds answer" [ "$(cells fresh-out/predictions.csv models | sort -u)" = 3 ]
says "its own table is not lost" 2 "--out: new/../new/manifest.csv is what is read" \
    predict run --manifest new/manifest.csv --out new/../new/manifest.csv --force
"$GRIMACE" predict run --manifest new/manifest.csv --out p.csv >/dev/null
check "as they predict" cmp <(cells fresh-out/predictions.csv image p_1 spread) <(cells p.csv image p_1 spread)
check "the spread is the folds'" bash -c '
    for f in rat1 rat2 rat3; do "$1" predict run/fold-$f/model.safetensors --manifest new/manifest.csv --out $f.csv >/dev/null; done
    python3 -c "
import csv, statistics
t = [list(csv.DictReader(open(f))) for f in (\"rat1.csv\", \"rat2.csv\", \"rat3.csv\", \"p.csv\")]
for a, b, c, all in zip(*t):
    p = [float(r[\"p_1\"]) for r in (a, b, c)]
    assert abs(statistics.stdev(p) - float(all[\"spread\"])) < 1e-7 and abs(sum(p) / 3 - float(all[\"p_1\"])) < 1e-7
    assert a[\"spread\"] == \"\" and a[\"models\"] == \"1\" and \"decision\" not in a"' _ "$GRIMACE"
check "other columns are carried" bash -c "head -n 1 fresh-out/predictions.csv | grep -q ',spread,models,session,score,manifest_label,'"
check "and in predict" bash -c "head -n 1 p.csv | grep -q ',spread,models,decision,animal,session,pain,'"

# ---- planted leaks: a name, bytes, an animal, all animals ---------------------------------------------------------------------------
{ head -n 1 new/manifest.csv; sed -n 2,4p new/manifest.csv; } >new/leaks.csv
cp data/images/rat1_s1_1.png new/bytes.png && cp new/n_rat1_s1_1.png new/animal.png
mkdir new/images && cp new/n_rat1_s1_1.png new/images/rat3_s1_2.png
row=$(sed -n 2p new/manifest.csv | cut -d, -f4-)
{ echo "bytes.png,newA,s1,$row"; echo "animal.png,rat2,s1,$row"; echo "images/rat3_s1_2.png,newB,s1,$row"; } | sed 's/,s1,s1/,s1/' >>new/leaks.csv
says "leaks" 0 "3 rows are judged by some of the 3 models" evaluate run --manifest new/leaks.csv --out leaks
check "are left to the one fold" [ "$(cells leaks/predictions.csv models | tr '\n' ' ')" = "3 3 3 1 1 1 " ]
says "a model's own training animals" 0 "8 of 24 rows judged" evaluate run/fold-rat1/model.safetensors --manifest data/manifest.csv --out one
check "stay in the table, empty" [ "$(cells one/predictions.csv p_1 models | grep -c '^,0$')" -eq 16 ]
check "with their labels" bash -c "! cut -d, -f4 one/predictions.csv | grep -qx ''"
grep -v ',rat1,' data/manifest.csv >data/known.csv
says "nothing left" 2 "none of its 16 rows can be judged: all models .* trained on 16" evaluate run/fold-rat1/model.safetensors --manifest data/known.csv --out none
check "and nothing written" [ ! -e none ]
cp run/fold-rat1/model.safetensors alone.safetensors
says "a model alone" 0 "is not known, for no splits.csv lies beside it" evaluate alone.safetensors --manifest new/manifest.csv data.label=pain data.group=animal --out alone

# ---- leaks that are told: names in another case, no groups, pictures that are gone; weights that knew the images before -------------
sed 's/,new/,Rat/' new/manifest.csv >new/cased.csv
says "groups in another case" 0 "3 groups are written otherwise than those that models trained on, such as \"Rat1\" and \"rat1\", which differ in case only" \
    evaluate run --manifest new/cased.csv --out cased
check "are no longer said where they are the same" bash -c '! grep -q "written otherwise" <("$1" evaluate run --manifest new/leaks.csv --out again)' _ "$GRIMACE"
says "no groups" 0 "groups are not compared \(data.group=null\)" evaluate run --manifest new/manifest.csv data.group=null --out no-groups
cp -r data gone && cp -r run gone/run && sed -i 's#manifest: .*manifest.csv"*#manifest: ../manifest.csv#' gone/run/config.yaml && rm gone/images/rat1_*
says "pictures that are gone" 0 "8 of the 24 pictures that gone/run trained on are not where its manifest says" \
    evaluate gone/run --manifest new/manifest.csv --out gone-out
cv config.yaml $quick data.manifest=new/manifest.csv model.pretrained=run/fold-rat1/model.safetensors --out tuned || no "a run that goes on"
says "what its weights began with" 0 "8 of 24 rows judged" evaluate tuned --manifest data/manifest.csv --out before
check "none but the first run's test animal" [ "$(cells before/predictions.csv animal models | grep -v ',0$' | sort -u)" = rat1,3 ]

# ---- a model of another run among them ----------------------------------------------------------------------------------------------
cp -r run mixed
"$GRIMACE" cv config.yaml 'data.labels=[au_ear, au_orbital]' 'data.classes=["0", "1", "2"]' --out several >/dev/null || no "several columns"
cp several/fold-rat1/model.safetensors mixed/fold-rat1/
says "averages nothing" 2 "mixed/fold-rat2/model.safetensors: is another kind of model than mixed/fold-rat1/model.safetensors" predict mixed new/bytes.png
says "nor judges" 2 "mixed: the models and the config are not of one training" evaluate mixed --manifest new/manifest.csv --out none

# ---- rows that are wrong ---------------------------------------------------------------------------------------------------------------
{ cat new/manifest.csv; echo "gone.png,newX,s1,$row"; head -c 300 new/bytes.png >new/cut.png; echo "cut.png,newX,s1,$row"
  echo "animal.png,newX,s1,7,$(echo "$row" | cut -d, -f2-)"; echo "n_rat1_s1_1.png,newX,s1,$row"; } | sed 's/,s1,s1/,s1/' >new/wrong.csv
says "four wrong rows" 1 "wrong.csv:26: image: .*; 4 of 28 rows are wrong" evaluate run --manifest new/wrong.csv --out wrong
check "lose no other" near <(cells wrong/predictions.csv image p_1 | head -n 24) <(cells fresh-out/predictions.csv image p_1)
check "and are in the table" [ "$(wc -l <wrong/predictions.csv)" -eq 29 ]
check "with a reason" [ "$(cells wrong/predictions.csv error | grep -c .)" -eq 4 ]
check "the numbers are of the others" near <(grep -v '"errors"\|"rows"' wrong/results.json) <(grep -v '"errors"\|"rows"' fresh-out/results.json)
{ cat new/manifest.csv; printf 'gr\xf6\xdf\xff.png,newX,s1,%s\nv\xc3\xa4r.png,newY,s1,%s\nb\0.png,newZ,s1,%s\n' "$row" "$row" "$row"; } >new/bytes.csv
says "rows that are no text" 1 "bytes.csv:26: is not valid UTF-8.*; 3 of 27 rows are wrong" evaluate run --manifest new/bytes.csv --out bytes
check "lose no other" near <(cells bytes/predictions.csv image p_1 | head -n 24) <(cells fresh-out/predictions.csv image p_1)
check "nor do they in predict" [ "$("$GRIMACE" predict run --manifest new/bytes.csv 2>/dev/null | grep -c "not valid UTF-8\|NUL byte\|cannot be")" -eq 3 ]
{ printf '\xff'; cat new/manifest.csv; } >new/header.csv
says "a header that is none" 2 "header.csv:1: is not valid UTF-8" evaluate run --manifest new/header.csv --out none
says "their statistics leave them out" 0 "24 predictions, 1 fold" stats wrong/predictions.csv
awk -F, -v OFS=, 'NR == 2 { image = $1; label = $4 } NR == 5 { $1 = image; $4 = 1 - label } 1' run/predictions.csv >two-labels.csv
says "an image with two labels" 2 "two-labels.csv:5: label: image \"images/.*.png\" has another label on line 2; one label per image would be right" \
    stats two-labels.csv
awk -F, -v OFS=, 'NR == 2 { image = $1; label = $4 } NR == 5 { $1 = image; $4 = label } 1' run/predictions.csv >one-label.csv
says "repeated with one label it is read" 0 "24 predictions" stats one-label.csv
printf 'image,fold,label,predicted\na,1,2.5,2\nb,1,1,1\na,2,2.50,3\n' >scores.csv
says "a score that is written in two ways is one" 0 "3 predictions" stats scores.csv
printf 'image,fold,label,predicted\na,1,2.5,2\nb,1,1,1\na,2,2.4,3\n' >scores.csv
says "two scores" 2 "scores.csv:4: label: image \"a\" has another label on line 2" stats scores.csv
says "and so does a page" 0 "Written: wrong/report.html" report wrong
says "no run, but a table" 2 "wrong/predictions.csv, would be right" stats wrong
"$GRIMACE" evaluate run --manifest new/manifest.csv data.positive=0 --out zero >/dev/null
says "the evaluation's positive class is kept" 0 "positive class 0" stats zero/predictions.csv
says "unless another is asked for" 0 "positive class 1" stats zero/predictions.csv data.positive=1
check "an unknown class is named" grep -q '"7"" is none of the model' wrong/predictions.csv
# Rows of another number of fields, or with quotes that are wrong: for these two commands they are rows like other wrong ones.
{ cat new/manifest.csv; echo "short.png,newX"; echo "n_rat1_s1_2.png,newX,s1,1,2,3,4,5,6,7,8,9,a,b,c,d,e,f,g,h,i,j,k,l,m,n,o,p,q,r,s,t,u,v,w,x,y,z,1,2,3,4,5,6,7,8,9"
  echo "\"n_rat1_s1_3.png\" x,newX,s1,$row"; } | sed 's/,s1,s1/,s1/' >new/ragged.csv
says "rows of another length" 1 "ragged.csv:26: the row has 2 fields, the header has [0-9]*; 3 of 27 rows are wrong" \
    evaluate run --manifest new/ragged.csv --out ragged
check "lose no other" near <(cells ragged/predictions.csv image p_1 | head -n 24) <(cells fresh-out/predictions.csv image p_1)
check "and are named" [ "$(cells ragged/predictions.csv image error | tail -n 3 | cut -c 1-40 | tr '\n' '|')" = \
    "short.png,the row has 2 fields, the head|n_rat1_s1_2.png,the row has 47 fields, t|n_rat1_s1_3.png,text follows a closing q|" ]
check "the numbers are of the others" near <(grep -v '"errors"\|"rows"' ragged/results.json) <(grep -v '"errors"\|"rows"' fresh-out/results.json)
says "nor do they in predict" 1 "ragged.csv:26: .*the row has 2 fields, the header has [0-9]*; 3 of 27" predict run --manifest new/ragged.csv --out r.csv
check "whose answers stay" near <(cells r.csv image p_1 | head -n 24) <(cells p.csv image p_1)
says "data.only cannot tell where they belong" 1 "3 of 11 rows are wrong" \
    evaluate run --manifest new/ragged.csv 'data.only=[animal=new1]' --out only
head -n 26 new/ragged.csv >new/one-short.csv
says "taken together without it" 1 "newX : : none of its images could be read; 1 of [0-9]* units could not" \
    predict run --manifest new/one-short.csv --average-over animal,session --out units.csv
awk -F, -v OFS=, '{ print $0 (NR > 25 ? "" : NR == 1 ? ",bout" : "," $4) }' new/ragged.csv >new/ragged-bouts.csv
says "averaged over a column" 1 "3 of 27 rows are wrong" evaluate run --manifest new/ragged-bouts.csv evaluate.average_over=bout --out ragged-bouts
check "of the others" [ -s ragged-bouts/results_averaged.csv ]
says "a training refuses them" 2 "ragged.csv:26: the row has 2 fields" cv config.yaml data.manifest=new/ragged.csv --out none
printf 'image\n"a.png\n' >new/open.csv
says "a quote that never closes is refused" 2 "open.csv:2: a quote is opened here and never closed" predict run --manifest new/open.csv
{ head -n 1 new/manifest.csv; echo "short.png,newX"; } >new/none-right.csv
says "no right row" 2 "none-right.csv: no row of the table can be used, line 2: the row has 2 fields" evaluate run --manifest new/none-right.csv --out none
printf 'image,box_x,box_y,box_w,box_h\nbytes.png,-5,0,9,9\n' >new/boxes.csv
says "a table without a good row" 2 "boxes.csv: no row of the table can be used, line 2: box_x: '-5' is not" predict run --manifest new/boxes.csv
sed 's/,pain,/,hurts,/' new/manifest.csv >new/hurts.csv
says "no such label" 2 "hurts.csv:1: there is no column pain, which .*data.label names" evaluate run --manifest new/hurts.csv --out none
says "unless it is named" 0 "24 of 24" evaluate run --manifest new/hurts.csv data.label=hurts --out hurts
sed 's/,animal,/,mouse,/' new/manifest.csv >new/mouse.csv
says "no such group" 2 "mouse.csv:1: there is no column animal" evaluate run --manifest new/mouse.csv --out none
says "a group of another name" 0 "24 of 24" evaluate run --manifest new/mouse.csv data.group=mouse --out mouse
says "no table" 2 "none.csv" evaluate run --manifest none.csv --out none
says "no run" 2 "nowhere" evaluate nowhere --manifest new/manifest.csv --out none
mkdir begun && cp run/config.yaml run/splits.csv begun/
mkdir foreign
says "a folder of no run" 2 "foreign: holds no fold-NAME/model.safetensors: it is no run" evaluate foreign --manifest new/manifest.csv --out none
says "a run that is not finished" 2 "no fold of this run is finished" evaluate begun --manifest new/manifest.csv --out none
awk -F, -v OFS=, '{ print $0, NR == 1 ? "bout" : $4 }' new/manifest.csv >new/bouts.csv
cp -r run part && rm -r part/fold-rat2
says "a run of which a fold is missing" 0 "1 of the 3 folds of part has no model, and the others answer alone: .*rat2" \
    evaluate part --manifest new/manifest.csv --out e-part
says "in predict, too" 0 "1 of the 3 folds of part has no model" predict part --manifest new/manifest.csv --out part.csv
says "in the mean that export writes, too" 0 "^notice: 1 of the 3 folds of part has no model, .*rat2" \
    export part --format onnx --out part.onnx
says "one of its models is asked for" 0 "predicted" predict part/fold-rat1/model.safetensors --manifest new/manifest.csv --out part1.csv
check "and of the others nothing is said" bash -c '! grep -q "has no model" out.txt'
check "nor of a whole run" bash -c '! grep -q "has no model" <("$1" evaluate run --manifest new/manifest.csv --out whole)' _ "$GRIMACE"
cp run/fold-rat2/model.safetensors part && mkdir part/fold-gone && mv part/model.safetensors part/fold-gone
says "a model of no fold" 0 "what 1 model of part trained on is not known, for its splits.csv has no row of the fold" \
    evaluate part --manifest new/manifest.csv --out e-gone
says "averages over a column" 0 "averaged over bout" evaluate run --manifest new/bouts.csv evaluate.average_over=bout --out bouts
check "in files of their own" [ -s bouts/results_averaged.csv ]
says "of which one has two classes" 2 "of class . .* which it would be averaged with, of class" evaluate run --manifest new/bouts.csv \
    evaluate.average_over=session --out none
says "of which there is none" 2 "there is no column bouts in new/bouts.csv" evaluate run --manifest new/bouts.csv evaluate.average_over=bouts --out none
says "a key that is not used" 2 "does not follow from that" evaluate run --manifest new/manifest.csv train.epochs=3 --out none
says "no --out" 2 "--out is missing" evaluate run --manifest new/manifest.csv
says "no --manifest" 2 "--manifest is missing" evaluate run --out none
says "twice" 2 "holds an evaluation already; --force" evaluate run --manifest new/manifest.csv --out fresh-out
says "with --force" 0 "24 of 24" evaluate run --manifest new/manifest.csv --out fresh-out --force
says "over a run" 2 "holds a run" evaluate run --manifest new/manifest.csv --out run --force
check "nothing came of these" [ ! -e none ]
"$GRIMACE" data synth --preset mini --size 48 --animals 3 --images 8 --out big >/dev/null
sed -e '2,$s#^images#images/../images#' -e '2,$s/,rat/,big/' big/manifest.csv >big/other.csv
says "images of another size" 0 "24 of 24" evaluate run --manifest big/other.csv --out big-out

# ---- calibration ---------------------------------------------------------------------------------------------------------------------
for method in temperature platt isotonic; do
    says "$method by other folds" 0 "calibrated \($method\), in each fold fitted on what the other folds say" \
        cv config.yaml $quick evaluate.calibrate=$method --out c-$method
    check "its notes" python3 -c "
import json
c = json.load(open('c-$method/results.json'))['calibration']
assert c['method'] == '$method' and all(f['fitted_on'] == 'other folds' and f['n'] == 16 for f in c['folds'])"
done
check "what went in is kept" bash -c "[ \$(wc -l <c-platt/predictions_uncalibrated.csv) -eq 25 ] && ! cmp -s c-platt/predictions_uncalibrated.csv c-platt/predictions.csv"
says "by a validation part" 0 "each fold fitted on its validation part" cv config.yaml $quick split.validation=0.7 evaluate.calibrate=platt \
    data.group=null split.scheme=stratified_kfold split.folds=3 --out c-val
check "which is kept" [ "$(wc -l <c-val/validation.csv)" -gt 10 ]
says "one fold has no other" 2 "evaluate.calibrate: is platt, but the one fold has no validation part" train config.yaml evaluate.calibrate=platt --out none
says "too few" 2 "in fold rat1 would be fitted on the validation part: 8 predictions, and 10 or more" \
    cv config.yaml evaluate.calibrate=platt split.validation=0.5 --out none
says "scores" 2 "evaluate.calibrate: maps probabilities" cv config.yaml task=scores evaluate.calibrate=platt --out none
says "an unknown map" 2 "evaluate.calibrate" cv config.yaml evaluate.calibrate=beta --out none
says "of new images, too" 0 "calibrated \(isotonic\), fitted on the 24 predictions of the run's predictions.csv" \
    evaluate run --manifest new/manifest.csv evaluate.calibrate=isotonic --out c-new
says "but of none that it is judged by" 2 "all 24 predictions of held-out images in predictions.csv of run are of images or groups of this table" \
    evaluate run --manifest data/manifest.csv evaluate.calibrate=isotonic --out none
says "nor of its group" 0 "fitted on the 15 predictions of the run's predictions.csv of images and groups that are not in this table" \
    evaluate run --manifest new/leaks.csv evaluate.calibrate=platt --out c-leaks
says "a lone model has nothing to fit on" 2 "evaluate.calibrate: is platt, but alone.safetensors has no predictions" \
    evaluate alone.safetensors --manifest new/manifest.csv data.label=pain evaluate.calibrate=platt --out none

# ---- decisions --------------------------------------------------------------------------------------------------------------------------
says "by a threshold" 0 "predicted" predict run --manifest new/manifest.csv --threshold 0.3 --out t.csv
check "from it on" python3 -c "
import csv
for r in csv.DictReader(open('t.csv')): assert r['decision'] == ('1' if float(r['p_1']) >= 0.3 else '0')"
says "the run's own" 0 "decision: 1 from a probability of .* best parts the 24 predictions of the run's predictions.csv \(Youden\)" \
    predict run --manifest new/manifest.csv --out own.csv
says "the least sure" 0 "are left undecided" predict run --manifest new/manifest.csv --unsure 0.5 --out u.csv
check "have no decision" python3 -c "
import csv
sure = sorted(max(float(r['p_0']), float(r['p_1'])) for r in csv.DictReader(open('run/predictions.csv')))[12]
for r in csv.DictReader(open('u.csv')): assert (r['decision'] == '') == (max(float(r['p_0']), float(r['p_1'])) < sure)"
says "images taken together" 0 "units predicted" predict run --manifest new/manifest.csv --average-over animal,session --out a.csv
check "are their means" python3 -c "
import csv
rows = list(csv.DictReader(open('p.csv')))
for r in csv.DictReader(open('a.csv')):
    own = [float(x['p_1']) for x in rows if (x['animal'], x['session']) == (r['animal'], r['session'])]
    assert len(own) == int(r['images']) and abs(sum(own) / len(own) - float(r['p_1'])) < 1e-6"
says "trained on" 0 "24 of 24 images were trained on" predict run --manifest data/manifest.csv --out k.csv
says "no number" 2 "--threshold: \"x\" is no number from 0 to 1" predict run --manifest new/manifest.csv --threshold x
says "all of them" 2 "--unsure: \"1\" is no number from 0 to below 1" predict run --manifest new/manifest.csv --unsure 1
says "unsure of what" 2 "--unsure: alone.safetensors has no predictions" predict alone.safetensors --manifest new/manifest.csv --unsure 0.1
says "over no column" 2 "--average-over: there is no column mouse" predict run --manifest new/manifest.csv --average-over mouse
says "over one column twice" 2 "--average-over: names the column animal twice" predict run --manifest new/manifest.csv --average-over animal,animal
says "over no table" 2 "--average-over: names columns of a table" predict run new/animal.png --average-over animal

# ---- every task, learner, sweep and study -------------------------------------------------------------------------------------------------
own_table() { # NAME, then the config's overrides: its own table gives its own predictions
    local name=$1
    shift
    cv config.yaml $quick "$@" --out "t-$name" || no "$name: cv"
    says "$name" 0 "24 of 24 rows judged" evaluate "t-$name" --manifest data/manifest.csv --out "e-$name"
    check "$name: the run's numbers" python3 -c "
import json
def near(a, b):
    if isinstance(a, dict): return all(near(a[k], b[k]) for k in b)
    if isinstance(a, list): return all(map(near, a, b))
    return a == b or (isinstance(b, float) and abs(a - b) < 1e-5 * max(1, abs(b)))
a, b = (json.load(open(f'{x}-$name/results.json'))['pooled'] for x in 'et')
assert near(a, b), (a, b)"
}
own_table ordinal task=ordinal data.label=au_ear
own_table scores task=scores data.label=score
own_table columns 'data.labels=[au_ear, au_orbital]'
own_table landmarks model.head=landmarks 'data.train_transforms=[{resize: 16}]'
own_table eyes model.head=landmarks 'data.train_transforms=[{resize: 16}]' 'data.landmark_distance=[1, 2]'
own_table svm model.classic=lbp_svm model.lbp.grid=2
"$GRIMACE" sweep config.yaml $quick 'sweep=[{key: optimizer.lr, values: [0.001, 0.01]}]' --out swept >/dev/null
says "a setting of a sweep" 0 "24 of 24" evaluate swept/setting-001 --manifest new/manifest.csv --out e-setting
says "a sweep" 2 "holds several trainings; one of them, such as swept/setting-" evaluate swept --manifest new/manifest.csv --out none
own_table labels 'experiment.labels=[au_ear, au_orbital]'
check "a label's own numbers" [ -s e-labels/label-au_ear/results.json ]
check "its totals" cmp <(cells e-labels/predictions.csv image predicted_total | sort) <(cells t-labels/totals.csv image predicted_total | sort)
says "a label study predicts" 0 "^image,predicted_au_ear,p_au_ear_0,.*,predicted_total,predicted,p_0,p_1,models," predict t-labels --manifest new/manifest.csv
says "and says what it trained on" 0 "24 of 24 images were trained on" predict t-labels --manifest data/manifest.csv --out l.csv
check "once, and no label's decision" [ "$(grep -c "trained on\|decision" out.txt)" -eq 1 ]
says "and exports a file for each" 0 "l-au_ear.onnx" export t-labels --format onnx --out l.onnx
check "the other label's too" [ -s l-au_orbital.onnx ]
cv config.yaml $quick experiment.cross=session split.scheme=group_kfold split.folds=3 --out t-cross
says "a cross study" 0 "those of each value alone: e-cross/train-NAME, matrix.csv" evaluate t-cross --manifest new/manifest.csv --out e-cross
check "all its models answer" [ "$(cells e-cross/predictions.csv models | sort -u)" = 6 ]
check "a row for each value" [ "$(wc -l <e-cross/matrix.csv)" -eq 3 ]
says "predicts" 0 "^image,predicted,p_0,p_1,spread,models" predict t-cross new/animal.png
says "exports" 0 "the mean of 6 models" export t-cross --format onnx --out m.onnx
# The planted leaks again: of six models of a cross study, bytes and name are known to the two of one value that trained on that image,
# the animal to four.
for of in "swept/setting-001 3 3 3 1 1 1" "t-labels 3 3 3 1 1 1" "t-cross 6 6 6 4 2 4"; do
    name=$(basename "${of%% *}")
    says "leaks into $name" 0 "3 rows are judged by some of the" evaluate "${of%% *}" --manifest new/leaks.csv --out "leaks-$name"
    check "are left to who does not know them" [ "$(cells "leaks-$name/predictions.csv" models | tr '\n' ' ')" = "${of#* } " ]
done
exit $bad
