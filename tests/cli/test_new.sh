#!/bin/bash
# grimace new: from folders of several layouts to a manifest and a config that run as they are.
. "$(dirname "$0")/common.sh"

"$GRIMACE" data synth --preset mini --size 32 --animals 4 --images 6 --seed 3 --out data >/dev/null || no "the data set cannot be made"

# lay LAYOUT: copies the pictures into the folder LAYOUT as put_LAYOUT ANIMAL CLASS NUMBER names them.
lay() {
    local layout=$1 image animal session pain rest n=0 to
    while IFS=, read -r image animal session pain rest; do
        [ "$image" = image ] && continue
        n=$((n + 1))
        [ "$pain" = 1 ] && class=pain || class=no_pain
        to=$layout/$("put_$layout" "$animal" "$class" $n)
        mkdir -p "$(dirname "$to")" && cp "data/$image" "$to"
    done <data/manifest.csv
}
put_classes() { printf '%s/%03d.png' "$2" "$3"; }
put_under() { printf '%s/%s/%03d.png' "$1" "$2" "$3"; }
put_above() { printf '%s/%s/%03d.png' "$2" "$1" "$3"; }
put_parts() { if [ "$1" = rat4 ]; then p=test; else p=train; fi; printf '%s/%s/%s_%d.png' $p "$2" "$1" "$3"; }
put_names() { printf 'all/%s_t2_%s_%04d.png' "$1" "$2" "$3"; }
put_numbers() { if [ "$2" = pain ]; then c=1; else c=0; fi; printf '%s-%d-%04d.png' "$1" $c "$3"; }
put_table() { printf 'pictures/IMG_%04d.png' "$3"; }
put_blanks() { printf '%s/ %s /%03d.png' "$1" "$2" "$3"; }

for layout in blanks classes under above parts names numbers table; do
    lay $layout
done
{
    echo 'Bild;animal_id;pain;FGS'
    awk -F, 'NR > 1 { printf "IMG_%04d.png;%s;%d;%d,5\n", NR - 1, $2, $4, NR % 4 }' data/manifest.csv
} | iconv -f UTF-8 -t UTF-16 >table/list.csv

# runs LAYOUT PATTERN...: what new says matches each pattern, the data check finds nothing, and cv reaches its end.
runs() {
    local layout=$1 pattern
    says "$layout: new" 0 "^Written: of-$layout/manifest.csv and of-$layout/config.yaml$" new "$layout" --out "of-$layout"
    mv out.txt said.txt
    shift
    for pattern in "$@"; do
        check "$layout: says $pattern" grep -qE -- "$pattern" said.txt
    done
    says "$layout: data check" 0 '^0 errors' data check "of-$layout/config.yaml"
    says "$layout: cv" 0 'The run lies in' cv "of-$layout/config.yaml" train.epochs=1 data.image.size=32 \
        'data.train_transforms=[{resize: 32}]' 'data.eval_transforms=[{resize: 32}]' model.backbone=blackmice_cnn --out "run-$layout"
}
runs classes '^classes: 24 pictures of 32 x 32 pixels$' '^label: pain, from the folders. names; 2 classes: no_pain \([0-9]+\), pain \([0-9]+\)$' \
    '^split: stratified_kfold, ' '^warning: no column tells the animals apart: .* come out too good'
runs blanks '^label: pain, from the names of the folders at level 2; 2 classes: no_pain \(' # a table is read without blanks at the ends
runs under '^label: pain, from the names of the folders at level 2; 2 classes' \
    '^animal: animal, from the names of the folders at level 1; 4 values: rat1 \(6\), ' '^split: leave_one_group_out, a fold for each of the 4'
runs above '^label: pain, from the names of the folders at level 1' '^animal: animal, from the names of the folders at level 2' '^split: leave_one'
runs parts '^split: split, from the names of the folders at level 1; 2 values: test \(6\), train \(18\)$' '^split: column, '
runs names '^label: pain, from part 3 of the file names' '^animal: animal, from part 1' '^split: leave_one_group_out'
runs numbers '^label: label, from part 2 of the file names; 2 classes: 0 ' '^animal: animal, from part 1'
runs table '^table: table/list.csv$' '^label: pain, from the column pain; 2 classes' '^animal: animal_id, ' '^kept, but not used: FGS' 'is in UTF-16'
check "the table is no file that was left out" bash -c '! grep -q "no pictures" said.txt'
check "no fold of animals tests an animal that it trains on" awk -F, 'NR > 1 { split($1, p, "/"); if (($5 == "test") != ($4 == $2) || $2 != p[3]) bad = 1 }
    END { exit bad || NR < 20 }' run-under/splits.csv
check "paths are relative, so that the whole may be moved" grep -q '^../under/rat1/' of-under/manifest.csv
check "a class is what the folder said" awk -F, 'NR > 1 && $1 !~ ("/" $2 "/") { bad = 1 } END { exit bad || NR != 25 }' of-classes/manifest.csv

mkdir scores && cp -r table/pictures scores/ && cut -d, -f1 data/manifest.csv >/dev/null
awk -F, 'NR == 1 { print "file,mouse,pain_score"; next } { printf "IMG_%04d,%s,%.2f\n", NR - 1, $2, NR * 0.37 }' data/manifest.csv >scores/ratings.csv
runs scores '^label: pain_score, from the column pain_score; 24 values: 0.74 to 9.25$' '^task: scores, ' '^split: leave_one_group_out'
check "the config says so" grep -qE '^task: scores #' of-scores/config.yaml
check "a comment stands where a guess does" [ "$(grep -c ' # ' of-names/config.yaml)" -ge 6 ]
check "the config needs no other key" [ -z "$("$GRIMACE" config of-names/config.yaml | grep -E '^  (manifest|label): null')" ]

says "nothing is overwritten" 2 'of-names/manifest.csv: is there already; --force overwrites it$' new names --out of-names
echo '# mine' >>of-names/config.yaml
rm of-names/manifest.csv
says "neither file is" 2 'of-names/config.yaml: is there already' new names --out of-names
check "and nothing is half written" [ ! -e of-names/manifest.csv ]
says "but with --force" 0 '^Written' new names --out of-names --force
check "it is whole again" bash -c '! grep -q mine of-names/config.yaml && [ -e of-names/manifest.csv ]'
mkdir here && cp -r under here/pictures && cd here || exit 1
says "without --out it is here" 0 '^Written: manifest.csv and config.yaml$' new pictures
check "paths begin at the manifest" grep -q '^pictures/rat1/' manifest.csv
says "the folder itself" 2 'manifest.csv: is there already' new .
says "the folder itself, whose table is the manifest that goes" 0 '^label: pain, from the names of the folders' new . --force
cd "$work" || exit 1

mkdir plain && for n in 1 2 3 4; do cp data/images/rat1_s1_1.png plain/DSC000$n.png; done
says "nothing recognised" 2 'plain: nothing tells a label of its 4 pictures; folders of classes .* would be right$' new plain --out none
printf 'picture;Farbe\nDSC0001;rot\nDSC0002;rot\nDSC0003;blau\nDSC0004;blau\n' >plain/list.csv
says "a table without a label" 2 'plain/list.csv: names 4 pictures, but none of its other columns \(Farbe\) is known for a label; the name label' \
    new plain --out none
says "no pictures" 2 'of-names: there is no picture in it' new of-names --out none
says "no such folder" 2 'nowhere: the folder cannot be read: No such' new nowhere --out none
says "no folder named" 2 'no folder is named' new
says "two folders" 2 'one word too many' new plain names
says "an unknown option" 2 'unknown option --ot, did you mean --out' new plain --ot x
check "and nothing is left" [ ! -e none ]
awk 'NR == 2 { print }; { print }' scores/ratings.csv >twice.csv && mv twice.csv scores/ratings.csv
says "two rows of a picture" 2 'scores/ratings.csv:3: file: "IMG_0001" has a row already, on line 2' new scores --out none
exit $bad
