#!/bin/bash
# grimace detect: boxes by a cascade and a chain, tables of them, broken pictures, several detectors compared.
. "$(dirname "$0")/common.sh"
here=$(realpath "$parity_runs/../detect")
cp "$here"/*.xml "$here"/*.png .
says "a table on stdout" 0 '^p1.png,[0-9]+,[0-9]+,[0-9]+,[0-9]+,[0-9]+,tilted$' detect tilted.xml p0.png p1.png
check "one row an image" [ "$(wc -l <out.txt)" -eq 3 ]
check "its header" grep -qx 'image,box_x,box_y,box_w,box_h,box_score,detector' out.txt
for name in haar tilted tree lbp lbp_tree old; do
    for threads in 1 3; do
        "$GRIMACE" detect $name.xml p1.png --all --neighbors 2 --scale 1.1 --threads $threads >all-$threads.txt 2>err.txt || no "$name: $(cat err.txt)"
    done
    check "$name: the same with 1 and 3 threads" cmp -s all-1.txt all-3.txt
    awk -F, -v name=$name '$1 == name && $2 == "p1.png" && $3 == 1.1 && $4 == 2 && $9 > 0 { print $7 "," $8 "," $9 "," $10 "," $11 }' \
        "$here/boxes.csv" | sort >want.txt
    tail -n +2 all-1.txt | cut -d, -f2-6 | grep -v '^,' | sort >got.txt
    check "$name: OpenCV's boxes" cmp -s want.txt got.txt
done

# A manifest keeps its columns; its boxes are replaced.
printf 'image,rat,box_x,box_y,box_w,box_h,note\np1.png,a,3,4,20,18,"x, y"\np0.png,b,,,,,\n' >m.csv
says "a manifest" 0 '^b.csv: 2 images, [0-9] without a face, [0-9.]+ ms an image$' detect tilted.xml --manifest m.csv --out b.csv
check "its columns" [ "$(head -n 1 b.csv)" = image,rat,note,box_x,box_y,box_w,box_h,box_score,detector ]
check "its cells" grep -q '^p1.png,a,"x, y",' b.csv
says "what is written is a manifest" 0 '2 images' data check b.csv
says "not over a file" 2 'b.csv: .*--force' detect tilted.xml --manifest m.csv --out b.csv
says "over it" 0 'b.csv: 2 images' detect tilted.xml --manifest m.csv --out b.csv --force
says "not over its own table" 2 'm.csv is what is read' detect tilted.xml --manifest m.csv --out ./m.csv --force
says "no folder for it" 2 'none/b.csv: there is no folder none; one that is there would be right' detect --compare tilted.xml --manifest m.csv --out none/b.csv
says "a folder in its place" 2 '\.: is a folder; the name of a table in it would be right' detect tilted.xml p1.png --out .
says "nothing is found" 0 '^n.csv: 2 images, 2 without a face' detect tilted.xml p0.png p1.png --neighbors 1000 --out n.csv
check "empty cells" grep -qx 'p1.png,,,,,,' n.csv

# Pictures that cannot be read.
head -c 100 p1.png >cut.png
says "one is broken" 1 'cut.png: is a PNG that ends early.*; 1 of 2 images could not be read, the column error says why$' detect tilted.xml p1.png cut.png
check "a last column" grep -q '^cut.png,,,,,,,.*ends early' out.txt
says "none can be read" 2 'none.png: .*1 of 1 images' detect tilted.xml none.png

# Pictures with their boxes.
says "drawn" 0 '^p1.png,a' detect tilted.xml --manifest m.csv --draw seen/deep
check "each once, by its row" [ "$(ls seen/deep | tr '\n' ' ')" = "000001-p1.png 000002-p0.png " ]
check "where there is a box the picture is another" bash -c "! cmp -s seen/deep/000001-p1.png p1.png"
says "not among files" 2 'seen/deep: holds files already; a new folder would be right, or --force' detect tilted.xml p1.png --draw seen/deep
says "drawn over them" 0 '^p1.png,' detect tilted.xml p1.png --draw seen/deep --force
says "not over a file" 2 'm.csv: is no folder' detect tilted.xml p1.png --draw m.csv
says "a broken picture is not drawn" 1 '1 of 2 images' detect tilted.xml cut.png p1.png --draw some
check "the other is" [ "$(ls some)" = 000002-p1.png ]
says "none to draw" 2 '1 of 1 images' detect tilted.xml cut.png --draw none
check "then there is no folder" [ ! -e none ]
says "drawing one detector's" 2 'several' detect --compare tilted.xml --manifest m.csv --draw more

# A chain.
cat >chain.yaml <<'YAML'
detectors:
  face: {file: haar.xml, neighbors: 1000}
  part: {file: tilted.xml, neighbors: 1}
steps:
  - whole: face
  - agree: {ear: part, eye: part}
    rules:
      - above: [ear, eye]
      - size: [ear, eye, 0.4, 2.5]
      - distance: [ear, eye, 0.2, 6]
    face: 1.2
YAML
says "a chain goes on to parts" 0 '^p1.png,.*,chain/part\+part$' detect chain.yaml p1.png
sed 's/above/below/' chain.yaml >bad.yaml
says "a rule that is none" 2 'bad.yaml:8: below: is no rule, above, left_of' detect bad.yaml p1.png

sed 's|/usr/share/opencv4/haarcascades/.*xml|tilted.xml|' "$(dirname "$parity_runs")/../../configs/blackmice/chain.yaml" >blackmice.yaml
says "BlackMice's chain" 0 '^p1.png,.*,blackmice/face$' detect blackmice.yaml p1.png --neighbors 1

# Several detectors on one manifest.
says "compared" 0 '^tilted +2 +0.00 +[0-9.]+ +[01]\.[0-9]{4} ' detect --compare haar.xml,tilted.xml,chain.yaml --manifest m.csv
check "a row each" [ "$(grep -cE '^(haar|tilted|chain) ' out.txt)" -eq 3 ]
mkdir twin && cp tilted.xml twin/
says "those of one name by their paths" 0 '^twin/tilted.xml +2 ' detect --compare tilted.xml,twin/tilted.xml --manifest m.csv
says "as a table too" 0 '^detector' detect --compare haar.xml,lbp.xml --manifest m.csv --out c.csv
check "its columns" [ "$(head -n 1 c.csv)" = detector,images,empty_percent,ms,recall,precision,mean_iou,ap,ap50,ap75,voc ]

# True boxes that cannot be: beyond their picture (70 x 52), of no size, no numbers; one line before any detector is asked.
truth() { printf 'image,box_x,box_y,box_w,box_h\np0.png,,,,\np1.png,%s\n' "$1" >t.csv; }
no_truth() { truth "$1" && says "the true box $1" 2 "t.csv:3: $2" detect --compare tilted.xml --manifest t.csv --out t.out; }
for box in 500,500,20,20 65,4,20,18 -30,-30,20,20 1e308,3,1e308,4; do
    no_truth $box 'the box of the kind face at .* lies beyond p1.png of 70 x 52 pixels; .* would be right'
done
no_truth 3,4,0,18 "box_w: '0' is not a number of pixels above 0"
no_truth 3,4,5,-18 "box_h: '-18' is not a number of pixels above 0"
no_truth inf,4,5,18 "box_x: 'inf' is not a number of pixels"
no_truth 3,,5,18 'box_x: the box is half there'
check "nothing is written" [ ! -e t.out ]
truth 60,4,20,18
says "over the edge by half" 0 'notice: t.csv: 1 box reaches over the edge of its picture' detect --compare tilted.xml --manifest t.csv

# Networks in ONNX, by their endings.
onnx=$here/../onnx
says "YOLO" 0 '^p1.png,.*,yolo$' detect "$onnx/yolo.onnx" p1.png
says "UltraFace" 0 '^p1.png,18,13,35,13,0.8' detect "$onnx/ultraface.onnx" p1.png
says "compared with others" 0 '^yolo ' detect --compare tilted.xml,"$onnx/yolo.onnx" --manifest m.csv
says "an ending that nobody knows" 2 'unknown.onnx: ends in s \[1, 20, 2\], which is no ending that is known; .* would be right' detect "$onnx/unknown.onnx" p1.png
says "an operator that nobody knows" 2 'operator.onnx: the operator Erf of the node strange is not known' detect "$onnx/operator.onnx" p1.png
cp p1.png picture.onnx
says "a picture" 2 'picture.onnx: is no ONNX model that can be read' detect picture.onnx p1.png

# What is wrong.
says "no detector" 2 'detect: no detector is named' detect
says "no image" 2 'detect: no image is named' detect tilted.xml
says "no such detector" 2 'none.xml: there is no such detector' detect none.xml p1.png
says "a picture as detector" 2 'p0.png: is no detector' detect p0.png p1.png
says "a scale" 2 "\-\-scale: '1' is no number from 1.001 to 10" detect tilted.xml p1.png --scale 1
says "sizes" 2 '\-\-max-size: 3 is below --min-size, 9' detect tilted.xml p1.png --min-size 9 --max-size 3
says "compare alone" 2 '\-\-compare needs --manifest' detect --compare tilted.xml
head -c 2000 tilted.xml >cut.xml
says "a cascade that is cut off" 2 'cut.xml:[0-9]+: ' detect cut.xml p1.png
sed 's/HAAR/HOG/' haar.xml >hog.xml
says "HOG" 2 'hog.xml:4: featureType: is HOG' detect hog.xml p1.png
sed 's/<stageNum>4/<stageNum>5/' haar.xml >count.xml
says "a wrong count" 2 'count.xml: stageNum: says 5 stages, 4 are there' detect count.xml p1.png
exit $bad
