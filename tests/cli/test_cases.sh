#!/bin/bash
# Tables that real users have: what a spreadsheet, R or pandas makes of a manifest, names written in two ways, numbers that are no
# pixels. Each is read and said, warned of, or refused in a line; nothing is taken for what it is not.
. "$(dirname "$0")/common.sh"
"$GRIMACE" data synth --preset mini --size 32 --animals 3 --images 8 --seed 3 --out data >/dev/null || { no "data synth"; exit 1; }
(cd data/images && for i in *.png; do echo "$i"; done) | awk -v OFS=, 'BEGIN { print "image,animal,pain" }
    { print "data/images/" $1, "rat" int((NR - 1) / 8) + 1, NR % 2 }' >good.csv
cat >config.yaml <<'YAML'
name: tiny
seed: 11
threads: 1
data: {manifest: good.csv, label: pain, group: animal, positive: "1", image: {size: 16}}
split: {scheme: group_kfold, folds: 3}
model: {backbone: blackmice_cnn, head: linear}
train: {epochs: 1, batch_size: 8}
YAML

# edit NAME AWK: good.csv through a program that sees rows as NR and cells as $1 (image), $2 (animal), $3 (pain).
edit() { awk -F, -v OFS=, "$2"' { print }' good.csv >"$1.csv"; }
# split_of NAME: the table's folds, of which nothing but the names of the table differ.
split_of() { "$GRIMACE" data split config.yaml data.manifest="$1.csv" "${@:2}" --out "splits-$1.csv" --force >out.txt 2>err.txt; }
# good NAME WHAT PATTERN: check, split and train read NAME.csv as good.csv and say PATTERN once.
good() {
    says "$2: check" 0 "^notice: .*$3" data check config.yaml data.manifest="$1.csv"
    check "$2: said once" [ "$(grep -c '^notice' out.txt)" -eq "${4:-1}" ]
    split_of good && split_of "$1"
    check "$2: the same folds" cmp -s splits-good.csv "splits-$1.csv"
    check "$2: split says it" grep -qE "^notice: .*$3" out.txt
    says "$2: train" 0 "$3" train config.yaml data.manifest="$1.csv" --out "run-$1"
    says "$2: predict" 0 "$3" predict "run-$1" --manifest "$1.csv" --out predicted.csv --force
    check "$2: a line for each image" [ "$(wc -l <predicted.csv)" -eq 25 ]
}

# ---- blanks and case ------------------------------------------------------------------------------------------------------------

edit blank 'NR > 1 && NR < 5 { $2 = $2 " " }'
good blank "a blank behind an animal" "3 values have blanks at an end, read without; the first on line 2 in column animal"
edit tabs "NR > 1 && NR % 2 { \$3 = \"\\t\" \$3 \"\\302\\240\" }"
good tabs "tabs and no-break spaces around labels" "12 values have blanks"
awk -F, -v OFS=, 'NR == 1 { $1 = "image "; $2 = "\302\240animal" } { print }' good.csv >header.csv
good header "blanks in the header" "2 column names have blanks at an end"
awk -F, -v OFS=, '{ print $0, NR == 1 ? "session" : NR % 2 ? "s1 " : "s1" }' good.csv >session.csv
says "a blank behind a session" 0 "column session" data stats session.csv
check "makes no second one" [ "$(grep -c '^s1' out.txt)" -eq 1 ]
edit upper 'NR > 1 && NR < 5 { $2 = toupper($2) }'
says "names in another case" 0 "warning: upper.csv:5: animal: .rat1. and .RAT1. on line 2 differ in case only" data check upper.csv --label pain --group animal
says "and at training" 0 "upper.csv:5: animal: .rat1. and .RAT1. on line 2 differ in case only" train config.yaml data.manifest=upper.csv split.folds=2 --out run-upper
check "once" [ "$(grep -c 'differ in case only' out.txt)" -eq 1 ]
says "and at a split" 0 "warning: .*upper.csv:5: animal: .rat1. and .RAT1. on line 2 differ in case only" data split config.yaml data.manifest=upper.csv split.folds=2
says "and at a count" 0 "warning: upper.csv:5: animal" data stats upper.csv --group animal
edit inside 'NR == 3 { $2 = "rat 1" } NR == 4 { $2 = "rat01" } NR == 6 { $3 = "" $3 "\342\200\213" $3 }'
says "blanks inside a name" 0 "inside.csv:3: animal: .rat 1. and .rat1. on line 2 differ in blanks only" data check inside.csv --group animal
check "leading zeros" grep -q 'inside.csv:4: animal: "rat01" and "rat1" on line 2 differ in leading zeros only' out.txt
edit numbers 'NR > 1 { $2 = NR < 8 ? "1" : NR < 16 ? "1.0" : "2" }'
says "numbers with decimals" 0 'numbers.csv:8: animal: .1.0. and .1. on line 2 differ in decimals only' data check numbers.csv --group animal
edit classes 'NR > 1 { $3 = NR % 2 ? "Pain" : NR < 9 ? "pain" : "none" }'
says "classes in another case" 0 "classes.csv:3: pain: .Pain. and .pain. on line 2 differ in case only" data check classes.csv --label pain
edit umlaut 'NR > 1 && NR < 10 { $2 = NR % 2 ? "M\303\274ller" : "M\303\234LLER" }'
says "letters beyond ASCII" 0 "differ in case only" data check umlaut.csv --group animal

# ---- what is not known ----------------------------------------------------------------------------------------------------------

runs=0
for unknown in NA NaN N/A null . ''; do
    edit unknown "NR % 7 == 3 { \$3 = \"$unknown\" }"
    says "a label '$unknown'" 0 "warning: .*pain: 4 rows have no label: they will neither train nor test" data check unknown.csv --label pain --group animal
    check "'$unknown': two classes" grep -q "20 images, 2 classes" out.txt
    says "'$unknown': training says it" 0 "4 rows of the manifest without a label are left out" cv config.yaml data.manifest=unknown.csv --out "run-unknown-$((++runs))"
done
check "none of them is tested" [ "$(cat run-unknown-*/predictions.csv | grep -c '^data')" -eq 120 ]
rm -rf run-unknown-*
edit named 'NR > 1 { $3 = NR % 2 ? "NA" : "pain" }'
says "a class called NA" 0 "24 images, 2 classes" data check config.yaml data.manifest=named.csv 'data.classes=[NA, pain]' data.positive=pain
says "is none by itself" 0 "12 images, 1 class" data stats named.csv --label pain
edit nobody 'NR > 1 { $3 = "NA" }'
says "no label at all" 2 "nobody.csv: pain: no row that can be used has a label" train config.yaml data.manifest=nobody.csv --out refused
edit animal 'NR == 4 { $2 = "NA" }'
says "an animal that is not known" 2 "animal.csv:4: animal: .NA. says that it is not known, the name of a group is needed" train config.yaml data.manifest=animal.csv --out refused
awk -F, -v OFS=, 'NR == 1 { print $0, "score", "weight" } NR > 1 { print $0, NR == 5 ? "NA" : NR / 2, "NA" }' good.csv >scores.csv
says "a score that is not known" 0 "1 row of the manifest without a label" cv config.yaml task=scores data.label=score data.manifest=scores.csv --out run-scores
check "is in no number" [ "$(wc -l <run-scores/predictions.csv)" -eq 24 ]
awk -F, -v OFS=, 'NR == 1 { print $0, "box_x,box_y,box_w,box_h,lm1_x,lm1_y,lm2_x,lm2_y" }
    NR > 1 { print $0, NR == 3 ? "NA,NA,NA,NA,NaN,NaN,5,6" : "1,1,20,20,3,4,5,6" }' good.csv >boxes.csv
says "boxes and landmarks of R" 0 "0 errors, 0 warnings" data check boxes.csv --label pain --group animal
awk -F, -v OFS=, '{ print $0, NR == 1 ? "au_ear,au_eye" : NR % 3 "," (NR == 6 ? "NA" : NR % 2) }' good.csv >units.csv
says "a network for each label needs them all" 2 "units.csv:6: au_eye: .NA. says that it is not known, a label is needed: experiment.labels sums them" \
    cv config.yaml data.manifest=units.csv 'experiment.labels=[au_ear, au_eye]' data.positive=null --out refused

awk -F, -v OFS=, '{ print $0, NR == 1 ? "session" : NR == 7 ? "N/A" : "s" NR % 2 }' good.csv >when.csv
says "a session that is not known is none to average over" 2 "when.csv:7: session: a value that is not known, but evaluate.average_over needs" \
    cv config.yaml data.manifest=when.csv evaluate.average_over=session --out refused
says "nor to be stratified by" 2 "when.csv:7: session: a value that is not known, but split.stratify needs" \
    data split config.yaml data.manifest=when.csv split.scheme=stratified_group_kfold split.stratify=session
says "a class with a blank in the config" 2 "data.classes: .1 . has a blank at an end" train config.yaml 'data.classes=["0", "1 "]' data.positive="0" --out refused

# ---- how tables are written -----------------------------------------------------------------------------------------------------

tr , ';' <good.csv >semicolons.csv
good semicolons "semicolons" "its columns are separated by semicolons"
tr , '\t' <good.csv >tabbed.csv
good tabbed "tabs" "its columns are separated by tabs"
(printf 'sep=;\r\n'; sed 's/$/\r/' semicolons.csv) >sep.csv
good sep "Excel's first line" "its columns are separated by semicolons"
sed '3s/\r$/;9\r/' sep.csv >long.csv
says "lines are those of the file" 2 "long.csv:3: the row has 4 fields, the header has 3" train config.yaml data.manifest=long.csv --out refused
(printf '\377\376'; iconv -t UTF-16LE good.csv) >utf16le.csv
good utf16le "UTF-16" "is in UTF-16 and was read as that"
(printf '\376\377'; iconv -t UTF-16BE semicolons.csv) >utf16be.csv
good utf16be "UTF-16, the other way" "is in UTF-16" 2
(printf '\357\273\277'; cat good.csv) >mark.csv
split_of mark
check "a byte-order mark alone is not said" [ "$(grep -c notice out.txt)" -eq 0 ]
awk -F, -v OFS=, '{ print $0, NR == 1 ? "gef\344hrte" : "M\374ller" }' good.csv >western.csv
says "Windows-1252" 0 "western.csv: is in Windows-1252 and was read as that" data check western.csv --label pain --group animal
says "columns by their names" 0 "1 group \(gefährte\)" data stats western.csv --group gefährte
awk -F, -v OFS=, '{ print $0, NR == 1 ? "note" : "\317\360\350\342\345\362" }' good.csv >cyrillic.csv
says "what cannot be told" 2 "cyrillic.csv:2: is not valid UTF-8, save the file as UTF-8" data check cyrillic.csv
awk -F, -v OFS=, '{ print $0 ",," } END { print ",,,,"; print ",,,," }' good.csv | sed 's/$/\r/' >excel.csv
good excel "Excel's empty columns and rows" "2 columns without name and content left out" 2
awk -F, -v OFS=, 'NR == 9 { print "" } { print }' good.csv >hole.csv
good hole "an empty row" "1 empty row left out"
sed '2,$s,/,\\,g' good.csv >slashes.csv
says "back slashes" 0 "notice: .*slashes.csv: 24 paths have back slashes, read as slashes" data split config.yaml data.manifest=slashes.csv
says "and training" 0 "24 paths have back slashes" train config.yaml data.manifest=slashes.csv --out run-slashes
sed '2s/.png/_.png/' slashes.csv >lost.csv
says "a file that is nowhere" 2 'lost.csv:2: image: the file .*_.png is not there' train config.yaml data.manifest=lost.csv --out refused
(cat good.csv; tail -n 1 slashes.csv) >both.csv
says "one picture with both slashes" 2 "both.csv:26: image: .*the image has a row already, on line 25" train config.yaml data.manifest=both.csv --out refused
awk -F, 'BEGIN { OFS = ";" } NR == 1 { print $1, $2, "score" } NR > 1 { print $1, $2, int(NR / 2) "," NR % 2 * 5 }' good.csv >halves.csv
says "decimal commas" 0 "1 column has decimal commas, read as points: score" cv config.yaml task=scores data.label=score data.manifest=halves.csv --out run-halves
check "are numbers" grep -q ',12.5,' run-halves/predictions.csv
sed '4s/,/./' halves.csv >mixed.csv
says "commas and points in a column" 2 "mixed.csv:4: score: '2.0' has a decimal point, but '1,0' on line 2 a comma" data check mixed.csv
awk -F, -v OFS=, 'NR == 1 { print $1 "," $2 ";pain" } NR > 1 { print $1 "," $2 ";" $3 }' good.csv >either.csv
says "a header that can be cut in two ways" 2 "either.csv:1: the header can be cut at each comma or at each semicolon" data check either.csv
says "a column that is not there" 2 "semicolons.csv; its columns are image, animal, pain" train config.yaml data.manifest=semicolons.csv data.label=ache --out refused

# ---- numbers that are no pixels -------------------------------------------------------------------------------------------------

awk -F, -v OFS=, '{ print $0, NR == 1 ? "box_x,box_y,box_w,box_h" : "0.12,0.08,0.82,0.79" }' good.csv >shares.csv
shares="shares.csv:2: box_x: all boxes are smaller than 2 pixels, while .* has 32 x 32.*pixels would be right"
says "boxes as shares: train" 2 "$shares" train config.yaml data.manifest=shares.csv --out refused
says "boxes as shares: split" 2 "$shares" data split config.yaml data.manifest=shares.csv
says "boxes as shares: predict" 2 "$shares" predict run-blank --manifest shares.csv
says "boxes as shares: check" 2 "$shares" data check shares.csv
awk -F, -v OFS=, '{ print $0, NR == 1 ? "lm1_x,lm1_y,lm2_x,lm2_y" : "0.31,0.32,0.74,0.33" }' good.csv >near.csv
near="near.csv:2: lm1_x: all landmarks lie within 2 pixels of the corner"
says "landmarks as shares: train" 2 "$near" train config.yaml data.manifest=near.csv model.head=landmarks loss.name=mse --out refused
says "landmarks as shares: check" 2 "$near" data check near.csv
says "are not read by classes" 0 "images/s" train config.yaml data.manifest=near.csv --out run-near
awk -F, -v OFS=, '{ print $0, NR == 1 ? "box_x,box_y,box_w,box_h" : NR == 3 ? "4,4,1,1" : NR == 4 ? "4,4,30,3" : "4,4,9,9" }' good.csv >dots.csv
says "a box of one pixel, a box beyond" 2 "dots.csv:4: image:" data check dots.csv
check "is warned of" grep -q "warning: dots.csv:3: box_w: the box has only 1 x 1 pixels" out.txt
"$GRIMACE" data synth --preset mini --size 256 --animals 2 --images 2 --out large >/dev/null
awk -F, -v OFS=, 'NR == 1 { print $1, "box_x,box_y,box_w,box_h,lm1_x,lm1_y" } NR > 1 { print $1, "10,10,80,85,40,60" }' large/manifest.csv >large/percent.csv
says "boxes in percent" 0 "warning: large/percent.csv: box_x: all boxes end within 100.*percent" data check large/percent.csv
check "landmarks in percent" grep -q "warning: large/percent.csv: lm1_x: all landmarks lie within 100" out.txt

# ---- folds ------------------------------------------------------------------------------------------------------------------------

# Ten animals: GroupKFold of scikit-learn takes equal sizes from the last name on, and 10 comes last only by value.
edit numbers 'NR > 1 { $2 = (NR - 2) % 12 + 1 }'
split_of numbers split.scheme=leave_one_group_out
check "numbered animals sort by value" [ "$(awk -F, 'NR > 1 && $5 == "test" && !seen[$4]++ { printf "%s ", $4 }' splits-numbers.csv)" = "1 2 3 4 5 6 7 8 9 10 11 12 " ]
split_of numbers
check "and fall into their folds so" [ "$(awk -F, '$4 == 1 && $5 == "test" { print $2 }' splits-numbers.csv | sort -nu | tr '\n' ' ')" = "3 6 9 12 " ]
edit floats 'NR > 1 { $2 = (NR - 2) % 12 + 1 ".0" }'
split_of floats split.scheme=leave_one_group_out
check "so do numbers that pandas made floats" [ "$(awk -F, 'NR > 1 && !seen[$4]++ { print $4 }' splits-floats.csv | tail -n 1)" = "12.0" ]

# ---- what training would accept without a word ------------------------------------------------------------------------------------

warns() { # NAME PATTERN WORDS...
    says "$1" 0 "warning: .*$2" data check "${@:3}"
}
says "nothing to warn of" 0 "0 errors, 0 warnings" data check config.yaml
warns "a guessed positive class" "config.yaml:4: the positive class is guessed: 1, the last of 2" config.yaml data.positive=null
warns "an undeclared group" "good.csv: animal: has 3 values in 24 rows and looks like what must never be split" good.csv --label pain
awk -F, -v OFS=, '{ print $0, NR == 1 ? "Mouse_ID" : "m" NR % 4 }' good.csv >torn.csv
warns "another column that looks like one" "torn.csv:10: Mouse_ID: looks like what must never be split, but m2 is in several groups of animal" torn.csv --group animal
awk -F, -v OFS=, '{ print $0, NR == 1 ? "split" : "train" }' good.csv >parts.csv
warns "a column of parts that is not used" "parts.csv: split: the column is not used; split.scheme: column would, not group_kfold" config.yaml data.manifest=parts.csv
edit alone 'NR > 1 { $3 = $2 == "rat3" ? 2 : $3 }'
warns "a class in one group" "alone.csv: pain: class 2 is in animal rat3 only" config.yaml data.manifest=alone.csv data.positive=2
check "and folds without it" grep -q "warning: .*alone.csv: split: the test part of fold .* and of 1 other fold has no image of class 2" out.txt
check "in training too" grep -q "warning: .*alone.csv: split: the train part of fold . has no image of class 2" out.txt
warns "folds that cannot be made" "no folds can be made of it: .*split.folds: 9 is more than the 3 groups" config.yaml split.folds=9
cp data/images/rat1_s1_1.png data/images/copy.png
(cat good.csv; echo data/images/copy.png,rat3,"$(awk -F, '$1 ~ /rat1_s1_1.png/ { print $3 }' good.csv)") >copied.csv
says "one picture in two groups" 2 "copied.csv:26: image: .*is the same picture as .*rat1_s1_1.png on line 2, but animal differs" data check copied.csv --label pain --group animal

# ---- numbers of the config that cannot be meant -----------------------------------------------------------------------------------

says "a mean of pixels to 255" 2 "config.yaml|command line: data.image.mean: has 123.675, but pixels are divided by 255 before.*123.675 / 255 = 0.485 would be right" \
    train config.yaml 'data.image.mean=[123.675, 116.28, 103.53]' --out refused
says "a deviation of pixels to 255" 2 "data.image.std: has 58.395, but .*58.395 / 255 = 0.229 would be right" \
    train config.yaml 'data.image.std=[58.395, 57.12, 57.375]' --out refused
small=(model.backbone=mobilenet_v3_small model.width=0.1 data.image.size=16)
says "batches of one under batch norm" 2 "train.batch_size: is 1, but batch norm .* sees one number of each channel of an image" \
    train config.yaml "${small[@]}" train.batch_size=1 --out refused
says "a last batch of one" 2 "train.batch_size: is 5, which leaves one image of the 16 of fold 0 for the last batch: .*train.drop_last: true" \
    train config.yaml "${small[@]}" train.batch_size=5 --out refused
says "which may be dropped" 0 "images/s" train config.yaml "${small[@]}" train.batch_size=5 train.drop_last=true --out run-dropped
says "or see a larger map" 0 "images/s" train config.yaml model.backbone=mobilenet_v3_small model.width=0.1 data.image.size=64 train.batch_size=5 --out run-larger
says "or be frozen" 0 "images/s" train config.yaml "${small[@]}" train.batch_size=5 'model.freeze=[backbone]' --out run-frozen

# ---- pictures that cannot be read -------------------------------------------------------------------------------------------------

head -c 700 data/images/rat1_s1_1.png >cut.png
says "one of three is cut off" 1 "cut.png: is a PNG that ends early, after 700 bytes.*; 1 of 3 images could not be read, the column error says why" \
    predict run-blank data/images/rat1_s1_1.png cut.png data/images/rat1_s1_2.png
"$GRIMACE" predict run-blank data/images/rat1_s1_1.png data/images/rat1_s1_2.png >whole.csv
check "the others are answered" cmp -s <(sed -n '2p; 4p' out.txt) <(sed -n '2,3s/$/,/p' whole.csv)
check "its row says why" grep -qE '^cut.png,,,,,0,,"is a PNG that ends early, after 700 bytes; the whole file would be right"$' out.txt
check "there is a column for it" grep -qx 'image,predicted,p_0,p_1,spread,models,decision,error' out.txt
(cat good.csv; echo cut.png,rat1,0; echo gone.png,rat2,1) >cut.csv
says "in a manifest" 1 "cut.csv:26: image: .*cut.png: is a PNG that ends early.*2 of 26 images could not be read" predict run-blank --manifest cut.csv --out cut-out.csv
check "all rows are there" [ "$(wc -l <cut-out.csv)" -eq 27 ]
check "what is not there is named" grep -qE '^gone.png,,,,,0,,.*No such file' cut-out.csv
says "none can be read" 2 "cut.png: is a PNG that ends early.*2 of 2 images" predict run-blank cut.png gone.png --out none.csv

# ---- importing --------------------------------------------------------------------------------------------------------------------

mkdir -p "folder/rat1 " folder/rat1 && cp data/images/rat1_s1_1.png "folder/rat1 /a.png" && cp data/images/rat2_s1_1.png folder/rat1/b.png
(printf '\377\376'; printf 'animal;weight;\r\nrat1 ;0,5;\r\n' | iconv -t UTF-16LE) >weights.csv
says "import" 0 "notice: folder: 1 name in paths has blanks at an end, written without" data import paths folder --path '{animal}/*' --table weights.csv --out imported.csv
check "says how the table is written" [ "$(grep -c '^notice: weights.csv' out.txt)" -eq 5 ]
check "and writes one animal" [ "$(tail -n +2 imported.csv | cut -d, -f2,3 | sort -u)" = "rat1,0.5" ]
mkdir -p twice/rat1 twice/RAT1 && cp data/images/rat1_s1_1.png twice/rat1/a.png && cp data/images/rat2_s1_1.png twice/RAT1/b.png
says "folders that differ in case" 0 'warning: twice.csv:3: animal: "rat1" and "RAT1" on line 2 differ in case only' data import paths twice --path '{animal}/*' --out twice.csv
[ -e refused ] && no "something refused was left behind"
exit $bad
