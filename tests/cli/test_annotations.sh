#!/bin/bash
# Other tools' annotations to manifests: the files of tests/parity/annotations (made by make_annotations.py) and what is printed,
# the options, and what is refused.
root=$(realpath "$(dirname "$0")/../..")
. "$(dirname "$0")/common.sh"
cp -r "$root/tests/parity/annotations" made && cd made || exit 1

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
exit $bad
