#!/bin/bash
# From folders to manifests: the recipes of datasets/*/README.md on made-up folders of the layouts that they name, and what is
# refused.
root=$(realpath "$(dirname "$0")/../..")
. "$(dirname "$0")/common.sh"
"$GRIMACE" data synth --preset mini --size 32 --animals 6 --images 12 --out faces >/dev/null || { no "data synth"; exit 1; }
mkdir bin && ln -s "$GRIMACE" bin/grimace && PATH=$PWD/bin:$PATH
cp -r "$root/configs" . || exit 1

# image PATH...: pictures of those names, all different; what is a .jpg by name is read by what it holds.
image() {
    local path
    for path; do mkdir -p "$(dirname "$path")" && mv "$(find faces/images -name '*.png' | sort | head -n 1)" "$path"; done
}

# recipe NAME: runs the commands of the data set's page.
recipe() {
    cut_page "$root/datasets/$1/README.md"
    for part in part-*.run; do
        if bash -eu "$part" >out.txt 2>err.txt && [ ! -s err.txt ]; then
            ok "$1: the page's commands"
        else
            no "$1: the page's commands: $(head -c 300 err.txt) $(tail -n 2 out.txt)"
        fi
    done
    rm -f part-*
}

at=datasets/blackmice/images
image $at/kxn/m{1,2}_{baseline,30min,150min,day2}_1.jpg $at/in/m{3,4}_{baseline,30min,150min}_1.jpg \
    $at/c/m{1,2}_{baseline,300min,day7}_{1,2}.jpg
recipe blackmice
# has FILE IMAGE COLUMN VALUE: the image's row says so.
has() {
    awk -F, -v image="$2" -v column="$3" -v value="$4" 'NR == 1 { for (i = 1; i <= NF; i++) at[$i] = i }
        $at["image"] == image { good = $at[column] == value } END { exit !good }' "$1"
}
all=datasets/blackmice/all.csv
check "ketamine at 150 minutes is an effect" has $all images/kxn/m1_150min_1.jpg effect 1
check "its session" has $all images/kxn/m1_150min_1.jpg session kxn-150min
check "isoflurane is none" has $all images/in/m3_150min_1.jpg effect 0
check "a row for each image" [ "$(wc -l <$all)" -eq 27 ]
check "one treatment alone" has datasets/blackmice/c.csv images/c/m2_300min_2.jpg effect 1
says "a config reads it" 0 "1 +8|group" data split configs/blackmice/own_c.yaml --out splits.csv

image datasets/deepmgs/images/{a,b,c}.png
printf 'file,animal,au_orbital_tightening,condition\na.png,m1,0,saline\nb.png,m1,1,ntg\n"c.png",m2,2,ntg\n' >datasets/deepmgs/scores.csv
recipe deepmgs
check "joined by name" grep -qx 'images/c.png,c.png,m2,2,ntg' datasets/deepmgs/manifest.csv

at=datasets/infantpain
image $at/icope/infant{1,2}_{rest,pain,air}_1.jpg $at/mpain/n1/{pain,nonpain}/{1,2}.jpg $at/videodol/{k1/v1,k2/v2}/f.jpg
printf 'video,flacc\nv1,1\nv2,2\n' >$at/flacc.csv
recipe infantpain
check "a stimulus that is no pain" grep -qx 'icope/infant1_air_1.jpg,infant1,air,0' $at/icope.csv
check "a label of a folder" grep -qx 'mpain/n1/pain/2.jpg,n1,pain,1' $at/mpain.csv
check "a score of a table" grep -qx 'videodol/k2/v2/f.jpg,k2,v2,2,1' $at/videodol.csv

image datasets/ratspain/images/rat{1,2}/{pain,no_pain}/1.png
recipe ratspain

# What is refused, and leaves nothing behind.
import() { says "$1" 2 "$2" data import paths folder --out refused.csv "${@:3}"; }
image folder/r1/pain/1.png folder/r2/well/1.png
import "no pattern" "--path is missing"
import "another layout" "folder/r1/pain/1.png: does not look like \{animal\}_\*" --path '{animal}_*'
import "a field without end" "\"\{animal\" has no end" --path '{animal'
import "a field without name" "\{\} is no field" --path '{}/*/*'
import "a field twice" "\{a\} is there twice" --path '{a}/{a}/*'
import "the image as a field" "the column image is the path itself" --path '{image}/*/*'
import "a rule without pairs" "\"x=label\" is not understood" --path '{a}/{label}/*' --set 'x=label'
import "a rule of no column" "there is no column lable, did you mean label" --path '{a}/{label}/*' --set 'x=lable:pain=1'
import "a text of no column" "there is no column b" --path '{a}/*/*' --set 'x={b}-{a}'
import "a value that no rule has" "folder/r2/well/1.png: label is \"well\", of which --set says nothing" --path '{a}/{label}/*' --set 'x=label:pain=1'
printf 'a,score\nr1,1\n' >short.csv
printf 'a,score\nr1,1\nr2,2\nr1,3\n' >twins.csv
printf 'b,score\nr1,1\n' >strange.csv
import "no row for an image" "short.csv: has no row for folder/r2/well/1.png" --path '{a}/*/*' --table short.csv
import "two rows for an image" "twins.csv:4: has the same names as line 2" --path '{a}/*/*' --table twins.csv
import "a table without fields" "strange.csv:1: no column has the name of a field" --path '{a}/*/*' --table strange.csv
import "an option of ratspain" "--pain and --no-pain are for ratspain" --path '{a}/*/*' --pain x
says "no source" 2 "import: no source is named; usage" data import coco --out refused.csv
says "no such importer" 2 "no importer for \"path\"; paths would be right" data import path folder --out refused.csv
says "a pattern for ratspain" 2 "not for ratspain" data import ratspain folder --path '*' --out refused.csv
import "a pattern that backtracks" "does not look like" --path '*r*r*r*r*r*r*r*r*r*r*r*r*/*/*a*a*a*a*a*a*a*a*a*a'
check "nothing is left" [ ! -e refused.csv ]
printf 'a,score\nr1,1\nr2,2\nr3,3\n' >long.csv
says "rows too many" 0 "1 rows of long.csv belong to no image" data import paths folder --path '{a}/*/*' --table long.csv --out long-manifest.csv
says "* may be empty" 0 "2 images" data import paths folder --path '{a}/{b}/1*.png' --set 'a={a}{b}; c={a}' --out m.csv
check "rules see those before them" grep -qx 'folder/r1/pain/1.png,r1pain,pain,r1pain' m.csv
exit $bad
