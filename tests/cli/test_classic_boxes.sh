#!/bin/bash
# model.classic cascade and hog_svm of the task boxes: trained by animal, gone on with, the same for any number of threads, used.
. "$(dirname "$0")/common.sh"
here=$(realpath "$parity_runs/../detect")
cp "$here"/p?.png .
{
    echo image,rat,box_x,box_y,box_w,box_h
    printf '%s\n' p0.png,a,8,10,16,16 p1.png,b,22,14,18,18 p2.png,c,12,8,17,15
} >m.csv
cat >c.yaml <<'YAML'
task: boxes
data: {manifest: m.csv, group: rat}
model:
  classic: cascade
  cascade: {width: 12, height: 12, haar: all, stages: 6, negatives: 120, copies: 12, trees: 8, scale: 1.2}
YAML
says "cross-validated by animal" 0 'fold a \(1/3\) stage 1: [0-9]+ trees, ' cv c.yaml --out one threads=1
for file in results.json predictions.csv fold-a/cascade.xml fold-b/model.safetensors; do check "$file" [ -s "one/$file" ]; done
check "nothing partial is left" [ ! -e one/fold-a/cascade.partial ]
"$GRIMACE" cv c.yaml --out two threads=2 >out.txt 2>err.txt || no "two threads: $(cat err.txt)"
for file in predictions.csv results.json fold-a/cascade.xml fold-b/cascade.xml fold-c/model.safetensors; do
    check "$file: the same with two threads" cmp -s "one/$file" "two/$file"
done

# Killed behind a stage, gone on with.
"$GRIMACE" cv c.yaml --out cut threads=1 >out.txt 2>&1 &
victim=$!
comes has cut fold-a/cascade.partial $victim
kill -9 $victim 2>/dev/null
wait $victim 2>/dev/null
says "gone on with" 0 '.' cv c.yaml --out cut --resume
for file in predictions.csv fold-a/cascade.xml fold-c/cascade.xml; do check "$file: as if it had not been killed" cmp -s "one/$file" "cut/$file"; done

# Used: what is exported is the fold's file, and a detector.
says "exported" 0 "cascade in c.xml: OpenCV's XML" export one/fold-a/model.safetensors --format opencv --out c.xml
check "as the fold has it" cmp -s c.xml one/fold-a/cascade.xml
says "no other format" 2 'cascade of boosted trees; --format opencv would be right' export one/fold-a/model.safetensors --format onnx --out c.onnx
says "a detector" 0 '^p1.png,' detect one/fold-a/cascade.xml p1.png --neighbors 0
says "a run is one" 0 '^p1.png,' detect one p1.png
says "predicted" 0 '^p1.png,' predict one p0.png p1.png
says "evaluated" 0 'face' evaluate one/fold-a/model.safetensors --manifest m.csv --out evaluated

# LBP, discrete AdaBoost.
says "LBP" 0 'fold a .*stage 1' cv c.yaml --out lbp model.cascade.features=lbp model.cascade.boost=discrete model.cascade.stages=2
check "an LBP cascade" grep -q '<featureType>LBP' lbp/fold-a/cascade.xml

# Histograms of gradients.
sed 's/classic: cascade/classic: hog_svm/; s/cascade: .*/hog: {width: 16, height: 16, negatives: 60, copies: 8, overlap: 0.4}/' c.yaml >h.yaml
says "hog_svm" 0 'fold a .* boxes, [0-9]+ other windows' cv h.yaml --out hog threads=1
"$GRIMACE" cv h.yaml --out hog2 threads=2 >out.txt 2>err.txt || no "hog_svm with two threads: $(cat err.txt)"
check "hog_svm: the same with two threads" cmp -s hog/fold-a/detector.hog.xml hog2/fold-a/detector.hog.xml
check "its predictions too" cmp -s hog/predictions.csv hog2/predictions.csv
says "its file is a detector" 0 '^p1.png,' detect hog/fold-a/detector.hog.xml p1.png --neighbors 0
says "exported, too" 0 "hog_svm in h.hog.xml" export hog/fold-a/model.safetensors --format opencv --out h.hog.xml

# Bad input.
sed 's/^p1.png,b,.*/p1.png,b,500,14,18,18/' m.csv >beyond.csv
beyond='beyond.csv:3: the box of the kind face at 500, 14 of 18 x 18 lies beyond p1.png of 70 x 52 pixels; .* would be right'
says "a box beyond its picture" 2 "$beyond" cv c.yaml --out bad data.manifest=beyond.csv
says "for hog_svm" 2 "$beyond" cv h.yaml --out bad data.manifest=beyond.csv
says "data check says the same" 2 "$beyond" data check c.yaml data.manifest=beyond.csv
says "evaluate, too" 2 "$beyond" evaluate one/fold-a/model.safetensors --manifest beyond.csv --out bad
sed 's/^\(p.*\.png,[abc]\),.*/\1,,,,/' m.csv >faceless.csv
says "no face in any picture" 2 'faceless.csv: no row has a box of the kind face; .* would be right' cv c.yaml --out bad data.manifest=faceless.csv
says "data check says so, too" 2 'faceless.csv: no row has a box of the kind face; .* would be right' data check c.yaml data.manifest=faceless.csv
check "nothing is left of it" [ ! -e bad ]
sed 's/^p1.png,b,.*/p1.png,b,60,14,18,18/' m.csv >across.csv
says "over the edge" 0 '.*across.csv: 1 box reaches over the edge' cv c.yaml --out across data.manifest=across.csv model.cascade.stages=1
says "data check says this, too" 0 'warning: .*across.csv: 1 box reaches over the edge' data check c.yaml data.manifest=across.csv
sed 's/box_\([xywh]\),*/box_\1,eye_\1,/g; s/,$//; /^p/s/,\([0-9]*\),\([0-9]*\),\([0-9]*\),\([0-9]*\)$/,\1,\1,\2,\2,\3,\3,\4,\4/' m.csv >kinds.csv
says "two kinds" 2 'data.boxes: names 2 kinds of boxes, and model.classic cascade finds one' cv c.yaml --out bad 'data.boxes=[face=box, eye=eye]' data.manifest=kinds.csv
says "another task" 2 'task: is classes, which model.classic cascade cannot learn' cv c.yaml --out bad task=classes
says "a window of other sides" 2 'model.hog.width: is 20, a multiple of 8 would be right' cv h.yaml --out bad model.hog.width=20
says "windows that are too large" 2 'at most 3780 would be right' cv h.yaml --out bad model.hog.width=128 model.hog.height=128
says "no room for windows" 2 'windows of 60 x 60 beside the boxes' cv c.yaml --out bad2 model.cascade.width=60 model.cascade.height=60
head -c 1000 hog/fold-a/detector.hog.xml >cut.hog.xml
says "a file that is cut off" 2 'cut.hog.xml:[0-9]+: is not valid XML' detect cut.hog.xml p1.png
sed 's/<nbins>9/<nbins>8/' hog/fold-a/detector.hog.xml >other.hog.xml
says "other histograms" 2 'other.hog.xml: nbins: is 8, only 9 is known' detect other.hog.xml p1.png
exit $bad
