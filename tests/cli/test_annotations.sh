#!/bin/bash
# Other tools' annotations to manifests: the files of tests/parity/annotations (made by make_annotations.py) and what is printed,
# the options, and what is refused.
root=$(realpath "$(dirname "$0")/../..")
. "$(dirname "$0")/common.sh"
# Pictures are looked for two folders up as well: nothing that lies beside the test's folder may be met.
mkdir -p far/from && cp -r "$root/tests/parity/annotations" far/from/made && cd far/from/made || exit 1

# becomes NAME FORMAT SOURCE OPTIONS...: the manifest and the landmarks' names are the expected bytes.
becomes() {
    local name=$1 format=$2 source=$3
    shift 3
    if ! "$GRIMACE" data import "$format" "$source" --out out.csv "$@" >out.txt 2>err.txt; then
        no "$format $source: $(head -c 300 err.txt)"
        return
    fi
    check "$format $source: the manifest" cmp out.csv "$name.manifest.csv"
    [ ! -e "$name.landmarks.csv" ] || check "$format $source: the landmarks" cmp out.landmarks.csv "$name.landmarks.csv"
    rm -f out.csv out.landmarks.csv
}

for index in 1 3; do
    for headers in 3 4; do
        for end in csv h5; do becomes deeplabcut-$index-$headers deeplabcut deeplabcut-$index-$headers.$end; done
    done
done
becomes deeplabcut-video deeplabcut mouse7DLC_resnet50.csv --least-score 0.5
becomes sleap-matlab sleap sleap-matlab.h5
becomes sleap-standard sleap sleap-standard.h5
becomes coco-sleap coco coco-sleap.json --pixel-origin centre
becomes coco coco coco.json
becomes voc voc voc
becomes cvat cvat cvat.xml
becomes labelme labelme labelme
becomes via via via.json
becomes via-project via via-project.json
becomes via via via.csv
becomes dlib dlib dlib.xml
becomes cat cat cat
becomes catflw catflw catflw
becomes mice mice mice.json
becomes yolo yolo yolo
becomes yolo-pose yolo yolo-pose

# to FORMAT STATUS PATTERN SOURCE OPTIONS...: what is said, or the sentence of a refusal.
to() {
    local name=$1 format=$2 status=$3 pattern=$4
    shift 4
    rm -f out.csv out.landmarks.csv
    says "$name" "$status" "$pattern" data import "$format" "$@" --out out.csv
    [ "$status" -eq 0 ] || [ ! -e out.csv ] || no "$name: a manifest is left"
}
# has TEXT: a line of the manifest.
has() { check "  $1" grep -qxF -- "$1" out.csv; }
# told PATTERN: a line that was said.
told() { check "  $1" grep -qE -- "$1" out.txt; }

# ---- where pictures are, and which object is taken
to "pictures in a folder" coco 0 "2 rows with boxes" coco.json --images pictures
has "pictures/a.png,rat,8,6,26,12,10.5,12.25,20.5,8.5,,"
told "1 pictures have neither box nor landmark: left out.*first: b.png"
told "2 objects are not the largest of their picture"
told "^label: rat 2$"
check "  no picture is missed" sh -c '! grep -q "pictures are not there" out.txt'
mkdir -p sub
"$GRIMACE" data import coco coco.json --images pictures --out sub/m.csv >/dev/null
check "a manifest elsewhere names the way" grep -q '^\.\./pictures/a\.png,' sub/m.csv
to "pictures that are not there" coco 0 "2 pictures are not there.*first: a.png" coco.json
to "pictures that have no mark are kept" coco 0 "3 rows" coco.json --empty
has "b.png,,,,,,,,,,,"
rm -f out.csv && printf 'old\n' >out.landmarks.csv
says "a manifest in the way" 2 "sub/m.csv: is there already; --force overwrites it" data import coco coco.json --out sub/m.csv
says "landmarks in the way" 2 "out.landmarks.csv: is there already; --force overwrites it" data import coco coco.json --empty --out out.csv
check "  are left, and no manifest is made" [ "$(cat out.landmarks.csv)" = old -a ! -e out.csv ]
says "--force overwrites both" 0 "the landmarks' names" data import coco coco.json --empty --out out.csv --force
check "  the landmarks, too" [ "$(wc -l <out.landmarks.csv)" -gt 1 ]
to "a class" coco 0 "^label: mouse 2$" coco.json --class mouse
has "a.png,mouse,38,26,12,8,40.5,30.5,44.5,28.5,47.5,29.75"
to "a class that nothing has" coco 2 "nothing is called \"mous\", did you mean mouse" coco.json --class mous
to "an individual" deeplabcut 0 "^individual: m2 2$" deeplabcut-3-4.csv --individual m2
has "labeled-data/video/c.png,m2,41.5,31.5,43.5,30.5,45.5,31.5"
to "an individual that nothing has" deeplabcut 2 "nothing is called \"m3\"" deeplabcut-3-4.csv --individual m3
printf 'right ear\nnose\n' >wanted.txt
to "landmarks in another order" deeplabcut 0 "2 landmarks" deeplabcut-3-3.csv --names wanted.txt
has "labeled-data/video/c.png,30.5,9.75,11.5,13.5"
check "  their names" cmp out.landmarks.csv <(printf 'landmark,name\n1,right ear\n2,nose\n')
cp out.landmarks.csv wanted.csv
to "landmarks of another import" cvat 0 "2 landmarks" cvat.xml --names wanted.csv
check "  in its order" cmp out.landmarks.csv wanted.csv
echo tail >>wanted.txt
to "a landmark that nothing has" deeplabcut 2 "wanted.txt:3: no point is called \"tail\"" deeplabcut-3-3.csv --names wanted.txt
mkdir -p twice/x twice/y && cp pictures/a.png twice/
printf '{"x/a.png": [{"Boundingbox": {"x": 1, "y": 1, "w": 9, "h": 9}}], "y/a.png": [{"Boundingbox": {"x": 1, "y": 1, "w": 9, "h": 9}}]}' >twice/m.json
to "two pictures that are one file" mice 2 "twice/a.png: two pictures of the annotations are this file" twice/m.json

# ---- pixels
to "the usual origin is said" voc 0 "pixel origin: one: .*usual for these files" voc
to "an origin that is told is said" voc 0 "pixel origin: corner: .*nothing is moved$" voc --pixel-origin corner
has "voc/a.png,rat,9,7,25,11"
to "pixels from 0, both corners inside" voc 0 "pixel origin: centre" voc --pixel-origin centre
has "voc/a.png,rat,9,7,26,12"
to "points from 1" cvat 0 "pixel origin: one" cvat.xml --pixel-origin one
has "a.png,rat,7,5,27,13,10,11.75,20,8,,"
to "another origin" voc 2 "center.* is not known; corner, centre or one" voc --pixel-origin center
sed 's/<xmin>9/<xmin>1/' voc/a.xml >one.xml
to "labelImg's 1" voc 0 "1 boxes begin at 1: labelImg" one.xml
sed 's/<xmin>9/<xmin>-20/; s/<xmax>50/<xmax>70/; s/<width>64/<width>60/' voc/a.xml >beyond.xml
to "a box beyond its picture" voc 0 "1 boxes reach beyond their picture: cut to it" beyond.xml --images pictures
has "pictures/a.png,rat,0,6,34,12"
told "1 pictures have another size than the annotations say"
sed 's/<xmin>9/<xmin>109/; s/<xmax>34/<xmax>200/' voc/a.xml >outside.xml
to "a box outside" voc 0 "1 boxes lie outside their picture" outside.xml voc/c.xml --images pictures

# ---- formats' own
to "frames of a video" deeplabcut 0 "3 points|2 rows" mouse7DLC_resnet50.csv --frames 'f/{frame}.png' --least-score 0.5
has "f/2.png,11.5,13.5,,,30.5,9.75"
told "2 points and boxes have a score below --least-score"
to "names that are all the same" deeplabcut 2 "is the same for all frames" mouse7DLC_resnet50.csv --frames 'f.png'
to "names of no known field" sleap 2 "\{frames\}.png\" is not known" sleap-matlab.h5 --frames '{frames}.png'
to "frames without pictures" deeplabcut 0 "notice: 2 frames have no picture: the file tells of a video.*ffmpeg -i VIDEO" mouse7DLC_resnet50.csv
told "2 points have a likelihood below 0.6: kept, --least-score 0.6 would leave them out; first: mouse7_000000.png"
cp out.csv video.csv
to "an analysed video's .h5" deeplabcut 0 "2 frames have no picture" mouse7DLC_resnet50.h5
check "  says what its .csv says" cmp -s out.csv video.csv
mkdir -p labeled-data/mouse7 frames/mouse7
cp pictures/a.png labeled-data/mouse7/img02.png
to "frames as DeepLabCut calls them" deeplabcut 0 "notice: 1 frames have no picture: left out, since others have one; first: mouse7_000000.png" mouse7DLC_resnet50.h5
has "labeled-data/mouse7/img02.png,11.5,13.5,21.5,9.5,30.5,9.75"
cp pictures/a.png frames/img00002.png
cp pictures/a.png frames/mouse7/img000.png
to "frames in a folder" deeplabcut 0 "out.csv: 2 rows" mouse7DLC_resnet50.csv --images frames
check "  by their numbers" [ "$(cut -d, -f1 out.csv | tail -n +2 | tr '\n' ' ')" = "frames/mouse7/img000.png frames/img00002.png " ]
to "frames called otherwise" deeplabcut 0 "2 frames have no picture: the file tells" mouse7DLC_resnet50.csv --images frames --frames 'x{frame}.png'
to "SLEAP's file for DeepLabCut" deeplabcut 2 "holds no table as pandas writes it" sleap-matlab.h5
to "pandas' file for SLEAP" sleap 2 "has no .tracks. and .node_names." deeplabcut-1-3.h5
sed 's/10.0/ten/' deeplabcut-1-3.csv >bad.csv
to "a cell that is no number" deeplabcut 2 'bad.csv:4: "ten" is no number' bad.csv
printf 'image,x\na.png,1\n' >bad.csv
to "another table" deeplabcut 2 'bad.csv:1: is not DeepLabCut.s: its line begins with "image", scorer' bad.csv
cat >points.json <<'JSON'
{"images": [{"id": 1, "file_name": "a.png", "width": 64, "height": 48}], "categories": [{"id": 1, "name": "rat", "keypoints": ["n", "l", "r"]}],
 "annotations": [{"image_id": 1, "category_id": 1, "bbox": [1, 2, 3, 4], "keypoints": [5, 6, 1, 0, 0, 0, 99, 7, 2]},
                 {"image_id": 1, "category_id": 1, "bbox": [0, 0, 60, 40], "iscrowd": 1}]}
JSON
to "hidden points and points outside" coco 0 "1 points are hidden: kept" points.json
has "a.png,rat,1,2,3,4,5,6,0,,,,,,"
told "1 points lie beyond their picture"
told "1 points are marked as not there"
told "1 objects are crowds"
told "2 of 3 landmarks are not known"
sed 's/"image_id": 1, "category_id": 1, "bbox": \[0/"image_id": 7, "category_id": 1, "bbox": [0/' points.json >bad.json
to "an object of no image" coco 2 "bad.json:3: the image_id 7 is not among the file's images" bad.json
sed 's/99, 7, 2/NaN, 7, 2/' points.json >bad.json
to "what is no JSON" coco 2 "bad.json:2: is not valid JSON: invalid token near 'NaN'" bad.json
head -c 300 points.json >bad.json
to "a file that ends" coco 2 "bad.json:3: is not valid JSON: a string has no end" bad.json
echo '[{"image_id": 1, "category_id": 1, "bbox": [1, 2, 3, 4], "score": 0.5}]' >bad.json
to "a list of results" coco 2 "has no list .images.*looks like a list of results" bad.json
to "a picture without labels" yolo 0 "1 pictures have no file of labels.*first: b.png" yolo
told "^classes: yolo/data.yaml, 2 names$"
to "pictures without labels are kept" yolo 0 "3 rows" yolo --empty
has "yolo/images/train/b.png,,,,,,"
cp -r yolo marks && sed -i p marks/labels/train/a.txt
to "lines that are there twice" yolo 0 "2 lines are in their file twice" marks
echo '0 30 20 10 10' >marks/labels/train/a.txt
to "pixels for shares" yolo 2 "a.txt:1: has a box that is no share of the picture" marks
echo '0 0.1 0.2 0.1 0.1 0.3 0.3 0.4 0.4 0.5 0.5' >marks/labels/train/a.txt
to "a polygon" yolo 2 "a.txt:1: has 6 numbers behind its box, which may mean several things" marks
rm marks/labels/train/c.txt
to "points of two numbers" yolo 0 "3 landmarks" marks --points 3x2
has "marks/images/train/a.png,rat,3.2,7.2,6.4,4.8,19.2,14.4,25.6,19.2,32,24"
echo '5 0.1 0.2 0.1 0.1' >marks/labels/train/a.txt
to "a class without a name" yolo 2 "a.txt:1: the class 5 has no name among the 2" marks
sed 's/ xbr="34.00"/ xbr="34.00" rotation="90.0"/' cvat.xml >turned.xml
to "a turned box" cvat 0 "1 boxes are turned" turned.xml
has "a.png,rat,15,0,12,25,10.5,12.25,20.5,8.5,,"
told "1 boxes reach beyond their picture"
told "points are marked as not there"
told "left out, as neither box nor point: 4 attribute"
cat >track.xml <<'XML'
<annotations><meta><task><source>cage 1.mp4</source></task></meta>
<track id="4" label="rat"><box frame="7" outside="0" occluded="0" xtl="1" ytl="2" xbr="11" ybr="22"/>
<box frame="8" outside="1" xtl="1" ytl="2" xbr="11" ybr="22"/></track></annotations>
XML
to "a video's track" cvat 0 "1 rows" track.xml
has "cage 1_000007.png,rat,4,1,2,10,20"
to "a file of another tool" cvat 2 "voc/a.xml:1: begins with <annotation>, CVAT's <annotations>" voc/a.xml
sed -i 's/<meta>/<meta>\n<meta>/' track.xml
to "what is no XML" cvat 2 "track.xml:[0-9]+: is not valid XML: mismatched tag" track.xml
echo '<!DOCTYPE dataset [<!ENTITY a "b">]><dataset>&a;</dataset>' >bomb.xml
to "entities" dlib 2 "bomb.xml:1: declares an entity" bomb.xml
to "boxes that are ignored" dlib 0 "1 boxes are marked with ignore" dlib.xml
cat >stray.json <<'JSON'
{"imagePath": "C:\\data\\a.png", "imageData": null, "imageHeight": 48, "imageWidth": 64, "shapes": [
 {"label": "face", "points": [[30, 20], [10, 5]], "shape_type": "rectangle"}, {"label": "face", "points": [[40, 20], [44, 25]], "shape_type": "rectangle"},
 {"label": "nose", "points": [[12, 6]], "shape_type": "point"}, {"label": "nose", "points": [[41, 21]], "shape_type": "point"},
 {"label": "cage", "points": [[1, 1], [2, 2], [3, 1]], "shape_type": "polygon"}]}
JSON
to "points go to the box that holds them" labelme 0 "1 points stand alone and belong to no chosen object" stray.json --images pictures
has "pictures/a.png,face,10,5,20,15,12,6"
told "neither box nor point: 1 polygon"
sed 's/ {"label": "face", "points": \[\[40, 20\], \[44, 25\]\], "shape_type": "rectangle"}/{"label": "x", "points": [], "shape_type": "line"}/; /"nose"/d' \
    <(sed 's/}, {"label"/},\n {"label"/g' stray.json) | sed 's/^ {"label": "cage"/ {"label": "ear", "points": [[50, 40]], "shape_type": "point"},&/' >alone.json
to "a point beside the only box" labelme 0 "1 rows" alone.json --images pictures
has "pictures/a.png,face,10,5,20,15,50,40"
cat >equal.json <<'JSON'
{"a.png": [{"AnimalNumber": "1", "Boundingbox": {"x": 1, "y": 1, "w": 9, "h": 9}}, {"AnimalNumber": "2", "Boundingbox": {"x": 2, "y": 2, "w": 10, "h": 10}}]}
JSON
to "of two equal ones the first" mice 0 "1 objects are not the largest" equal.json
has "a.png,1,1,1,8,8"
to "an attribute" via 0 'named by their attribute "what"$' via.csv
echo '{"a.png": [{"Boundingbox": {"x": 9, "y": 1, "w": 9, "h": 9}}]}' >size.json
to "a box by its size" mice 2 "size.json:1: w and h are not right of and below x and y" size.json

# ---- the command line
to "an option of another format" voc 2 "\-\-frames is not for voc" voc --frames '{frame}.png'
to "an option of paths" coco 2 "\-\-path, --table and --set are for paths, not for coco" coco.json --path x
to "a source that is not there" coco 2 "gone.json: is not there" gone.json
to "a folder without such files" voc 2 "there is no .xml file in it" labelme
to "a folder of pictures that is not there" coco 2 "gone: is no folder" coco.json --images gone
says "an unknown format" 2 "no importer for \"dlip\"; dlib would be right" data import dlip x --out out.csv
says "the help names every format" 0 "catflw: CatFLW" data import --help
exit $bad
