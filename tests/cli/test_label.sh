#!/bin/bash
# Labels from raters, worked out by hand.
. "$(dirname "$0")/common.sh"
# a: units 1, 1, 2 by 4 of 5, the fourth uncertain: mean 4/3, label 1. b: 1 and 2 by five of five, 1 by five of eight, 2 by
# five of eight: 1.5, label 2. c: two units only. d: the second unit by 3 of 5 and no stage 2, so 0, 0, 2: label 1 (2/3).
cat >rats.csv <<'CSV'
image,rater,stage,animal,eye,ear,nose,whisker
a,r1,1,x,1,1,2,uncertain
a,r2,1,x,1,1,2,uncertain
a,r3,1,x,1,1,2,uncertain
a,r4,1,x,1,1,2,0
a,r5,1,x,0,1,,0
b,r1,1,y,1,2,1,2
b,r2,1,y,1,2,1,2
b,r3,1,y,1,2,1,2
b,r4,1,y,1,2,0,0
b,r5,1,y,1,2,0,0
b,r6,2,y,0,0,1,2
b,r7,2,y,0,0,1,2
b,r8,2,y,0,0,0,uncertain
c,r1,1,y,0,0,1,2
c,r2,1,y,0,0,1,2
c,r3,1,y,0,0,1,2
c,r4,1,y,0,0,0,0
c,r5,1,y,0,0,0,0
d,r1,1,y,0,1,0,2
d,r2,1,y,0,1,0,2
d,r3,1,y,0,1,0,2
d,r4,1,y,0,0,0,2
d,r5,1,y,0,0,0,2
CSV
says "PainSeeker's scheme" 0 "3 of 4 images have a label, 2 are 1, 1 is 2; 1 has too few" data label rats.csv --scheme painseeker --group animal --out m.csv
expected="image,animal,au_eye,au_ear,au_nose,au_whisker,label a,x,1,1,2,,1 b,y,1,2,1,2,2 d,y,0,,0,2,1 "
check "gives the labels" [ "$(cut -d, -f1-7 m.csv | tr '\n' ' ')" = "$expected" ]
check "and the raters' agreement" grep -q '"icc_2_1"' agreement.json
says "the agreement's place" 0 "^Agreement of 8 raters" data label rats.csv --scheme painseeker --group animal --out m.csv --force --agreement a.json
check "is where it was said" cmp a.json agreement.json
says "a manifest in the way" 2 "m.csv: is there already; --force overwrites it" data label rats.csv --scheme painseeker --out m.csv
says "agreement in the way" 2 "agreement.json: is there already; --force" data label rats.csv --scheme painseeker --out m2.csv
check "and no manifest then" [ ! -e m2.csv ]
# Totals of p: 0.4, 0.2; modes 1, 0 (tied), 0, 0, 1 (tied): 0.2. Of q, with one unit not scored: 0.5, 0.5; modes 1 (tied), 1 (tied), 0, 0: 0.25.
cat >cats.csv <<'CSV'
image,rater,ear,eye,muzzle,whisker,head
p,r1,1,1,0,0,2
p,r2,1,0,0,0,1
q,r1,1,1,1,1,
q,r2,2,2,0,0,uncertain
CSV
# The label is the last column but one.
expected() { [ "$(tail -n +2 m.csv | awk -F, '{ print $(NF - 1) }' | tr '\n' ' ')" = "$1" ]; }
for pair in "and:0 1 " "or:1 1 " "min:0 1 " "max:1 1 " "mean:0 1 " "mode:0 0 "; do
    says "FelineGrimace's ${pair%%:*}" 0 "2 of 2" data label cats.csv --scheme felinegrimace --rule "${pair%%:*}" --out m.csv --force
    check "gives the labels" expected "${pair#*:}"
done
says "modes of the units" 0 "2 of 2" data label cats.csv --scheme felinegrimace --rule mode --out m.csv --force
check "are in the manifest" [ "$(cut -d, -f1-6 m.csv | tr '\n' ' ')" = \
    "image,au_ear,au_eye,au_muzzle,au_whisker,au_head p,1,0,0,0,1 q,1,1,0,0, " ]
says "largest scores" 0 "2 of 2" data label cats.csv --scheme felinegrimace --rule max --out m.csv --force
check "are in the manifest" [ "$(tail -n 1 m.csv | cut -d, -f1-6)" = "q,2,2,1,1," ]
cat >mice.csv <<'CSV'
image,animal,procedure,time,box_x
a,m1,IN,baseline,1
b,m1,in,30 min,2
c,m1,isoflurane,150min,3
d,m2,KXN,150 min,4
e,m2,kxn,day 2,5
f,m3,castration,5 h,6
g,m3,C,2 d,7
h,m4,none,30 min,8
CSV
says "BlackMice's table" 0 "8 of 8 images have a label, 5 are 0, 3 are 1" data label mice.csv --scheme blackmice --out effects.csv --force
check "gives the effects" [ "$(tail -n +2 effects.csv | cut -d, -f8 | tr -d '\n')" = 01010100 ]
check "and sessions" [ "$(tail -n +2 effects.csv | cut -d, -f6,7 | tr '\n' ' ')" = \
    "in,in-baseline in,in-30min in,in-150min kxn,kxn-150min kxn,kxn-2d c,c-300min c,c-2d none,none-30min " ]
sed 's/^b,m1,in,30 min/b,m1,in,45 min/' mice.csv >bad.csv
says "another time" 2 "bad.csv:3: time: .45 min. is no point in time of in; one of baseline, 30min, 150min" data label bad.csv \
    --scheme blackmice --out effects.csv --force
sed 's/^b,m1,in/b,m1,sham/' mice.csv >bad.csv
says "another procedure" 2 "bad.csv:3: procedure: there is no .sham." data label bad.csv --scheme blackmice --out effects.csv --force
says "no column of times" 2 "there is no column .procedure." data label cats.csv --scheme blackmice --out effects.csv --force
says "labels twice" 2 "has a column .treatment. already" data label effects.csv --scheme blackmice --out twice.csv
says "no raters" 2 "--agreement is for schemes with raters" data label mice.csv --scheme blackmice --agreement a.json --out effects.csv --force
says "no rule" 2 "felinegrimace needs and" data label cats.csv --scheme felinegrimace --out m.csv --force
tr A-Z a-z <rats.csv | sed '1s/image/Image/' >bad.csv
says "a name in capitals" 2 'bad.csv:1: there is no column "image", which the labels need; did you mean "Image"\?' data label bad.csv \
    --scheme painseeker --out m.csv --force
says "a group in capitals" 2 'there is no column "Animal", .*did you mean "animal"\?' data label rats.csv --scheme painseeker --group Animal \
    --out m.csv --force
mkdir away && touch a
says "images that are elsewhere" 0 "notice: away/m.csv: its images are not there from its folder on, but from that of rats.csv" data label \
    rats.csv --scheme painseeker --group animal --out away/m.csv
says "agreement beside the manifest" 0 "^Written: away/agreement.json$" data label \
    rats.csv --scheme painseeker --group animal --out away/m.csv --force
says "images beside the manifest" 0 "^Written: agreement.json$" data label rats.csv --scheme painseeker --group animal \
    --out m.csv --force
check "are not spoken of" bash -c '! grep -q "from its folder on" out.txt'
check "columns of the table of agreement end together" awk '/^intraclass/ { rows = 1; end = length($0) }
    rows > 0 && rows++ < 4 && length($0) != end { bad = 1 } END { exit bad || rows < 4 }' out.txt
says "no table" 2 "label: no table is named; usage" data label --scheme mean
says "no scheme is given" 2 "label: --scheme is not given; usage" data label rats.csv --out m.csv
says "two tables" 2 "label: \"cats.csv\" is one word too many" data label rats.csv cats.csv --scheme mean --out m.csv
says "no stage" 2 "there is no column \"stage\"" data label cats.csv --scheme painseeker --out m.csv --force
says "no scheme" 2 "painseeker, felinegrimace, blackmice, mean, median or majority would be right" data label cats.csv --scheme rat --out m.csv --force
sed 's/^p,r2,1/p,r2,3/' cats.csv >bad.csv
says "no score" 2 "bad.csv:3: ear: \"3\" is no score; 0, 1, 2, a half point between them or uncertain would be right" data label bad.csv --scheme felinegrimace --rule or --out m.csv --force
sed 's/^p,r2/p,r1/' cats.csv >bad.csv
says "a rater twice" 2 "bad.csv:3: rater \"r1\" rates" data label bad.csv --scheme felinegrimace --rule or --out m.csv --force
sed '2d' rats.csv >bad.csv
says "four raters" 2 "has 4 ratings in stage 1" data label bad.csv --scheme painseeker --group animal --out m.csv --force
# All rules side by side are what each says alone; other columns come from another table.
says "all rules" 0 "images have a label" data label cats.csv --scheme felinegrimace --rule all --out all.csv --force
for rule in and or mean max min mode; do
    "$GRIMACE" data label cats.csv --scheme felinegrimace --rule $rule --out one.csv --force >/dev/null
    what=$(case $rule in and | or) echo label ;; *) echo score ;; esac)
    check "have what $rule says" cmp <(awk -F, -v c=$rule 'NR == 1 { for (i = 1; i <= NF; i++) at[$i] = i } NR > 1 { print $1, $at[c] }' all.csv) \
        <(awk -F, -v c=$what 'NR == 1 { for (i = 1; i <= NF; i++) at[$i] = i } NR > 1 { print $1, $at[c] }' one.csv)
done
{ echo "image,lm1_x,lm1_y,mode" && tail -n +3 all.csv | cut -d, -f1 | sed 's/$/,3,4,9/'; } >points.csv
says "another table's columns" 0 "points.csv: has no row for 1 of the" data label cats.csv --scheme felinegrimace --rule all \
    --join points.csv --out joined.csv --force
check "and what gives way to the labels is told" grep -q '^notice: points.csv: left out, as the labels have a column of that name: mode$' out.txt
check "stand behind the labels" [ "$(head -1 joined.csv)" = "$(head -1 all.csv),lm1_x,lm1_y" ]
check "for each image that has them" cmp <(tail -n +3 all.csv | sed 's/$/,3,4/') <(tail -n +2 joined.csv)
says "a table of other images" 2 "has none of the images that are labelled" data label cats.csv --scheme felinegrimace --rule or \
    --join mice.csv --out m.csv --force
sed 's/^image/picture/' points.csv >bad.csv
says "a table without images" 2 "bad.csv:1: has no column image" data label cats.csv --scheme felinegrimace --rule or --join bad.csv \
    --out m.csv --force
{ cat points.csv && tail -1 points.csv; } >bad.csv
says "an image twice" 2 "stands on line .* already" data label cats.csv --scheme felinegrimace --rule or --join bad.csv --out m.csv --force
exit $bad
