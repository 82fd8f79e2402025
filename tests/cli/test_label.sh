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
says "PainSeeker's scheme" 0 "3 of 4 images have a label, 1 have" data label rats.csv --scheme painseeker --group animal --out m.csv
check "gives the labels" [ "$(cut -d, -f1-3 m.csv | tr '\n' ' ')" = "image,animal,label a,x,1 b,y,2 d,y,1 " ]
# Totals of p: 0.4, 0.2; modes 1, 0 (tied), 0, 0, 1 (tied): 0.2. Of q, with one unit not scored: 0.5, 0.5; modes 1 (tied), 1 (tied), 0, 0: 0.25.
cat >cats.csv <<'CSV'
image,rater,ear,eye,muzzle,whisker,head
p,r1,1,1,0,0,2
p,r2,1,0,0,0,1
q,r1,1,1,1,1,
q,r2,2,2,0,0,uncertain
CSV
expected() { [ "$(tail -n +2 m.csv | cut -d, -f2 | tr '\n' ' ')" = "$1" ]; }
for pair in "and:0 1 " "or:1 1 " "min:0 1 " "max:1 1 " "mean:0 1 " "mode:0 0 "; do
    says "FelineGrimace's ${pair%%:*}" 0 "2 of 2" data label cats.csv --scheme felinegrimace --rule "${pair%%:*}" --out m.csv
    check "gives the labels" expected "${pair#*:}"
done
says "no rule" 2 "felinegrimace needs and" data label cats.csv --scheme felinegrimace --out m.csv
says "no stage" 2 "there is no column \"stage\"" data label cats.csv --scheme painseeker --out m.csv
says "no scheme" 2 "painseeker or felinegrimace would be right" data label cats.csv --scheme rat --out m.csv
sed 's/^p,r2,1/p,r2,3/' cats.csv >bad.csv
says "no score" 2 "bad.csv:3: ear: \"3\" is no score" data label bad.csv --scheme felinegrimace --rule or --out m.csv
sed 's/^p,r2/p,r1/' cats.csv >bad.csv
says "a rater twice" 2 "bad.csv:3: rater \"r1\" rates" data label bad.csv --scheme felinegrimace --rule or --out m.csv
sed '2d' rats.csv >bad.csv
says "four raters" 2 "has 4 ratings in stage 1" data label bad.csv --scheme painseeker --group animal --out m.csv
exit $bad
