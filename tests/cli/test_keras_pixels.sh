#!/bin/bash
# Pixels as Keras, TensorFlow and OpenCV make them: resize with a filter, keras_generator, keras_layers; in runs, models, reports; and written wrong.
. "$(dirname "$0")/common.sh"
make_data || { no "data synth"; exit 1; }

says "resize as TensorFlow" 0 "accuracy" cv config.yaml 'data.train_transforms=[{resize: {size: 16, like: tf}}, {hflip: 0.5}]' \
    'data.eval_transforms=[{resize: {size: 16, filter: bicubic, antialias: true, like: tf}}]' --out tf
check "kept in the config" grep -q "eval_transforms: \[{resize: {size: 16, filter: bicubic, like: tf, antialias: true}}\]" tf/config.yaml
says "the config reads back" 0 "accuracy" cv tf/config.yaml threads=2 --out again
model=$(ls tf/fold-*/model.safetensors | head -1)
check "the same bytes" cmp "$model" "${model/tf/again}"
says "a model knows its filter" 0 "predicted" predict "$model" data/images/*.png
says "another filter" 0 "accuracy" cv config.yaml 'data.train_transforms=[{resize: 16}]' 'data.eval_transforms=[{resize: {size: 16, filter: area, like: opencv}}]' --out cv2
says "export says it" 0 "ONNX" export "$(ls cv2/fold-*/model.safetensors | head -1)" --format onnx --out a.onnx
check "in its notes" grep -q '"filter": *"area"' a.onnx
says "a generator" 0 "accuracy" cv config.yaml 'data.train_transforms=[{resize: {size: 16, filter: nearest}}, {keras_generator: {rotation: 20, width_shift: 0.1, zoom: 0.2, hflip: true, brightness: [0.8, 1.2], fill: reflect}}]' --out generated
check "kept" grep -q "{keras_generator: {rotation: 20, width_shift: 0.1, zoom: \[0.8, 1.2\], hflip: true, brightness: \[0.8, 1.2\], fill: reflect}}" generated/config.yaml
check "the notice of Keras's shifts" grep -q "width_shift moves rows" out.txt
says "report" 0 "" report generated --out page.html
check "the page says it" grep -q "ImageDataGenerator (fill <bdi>reflect</bdi>, rotation by up to ±20°" page.html
says "random layers" 0 "accuracy" cv config.yaml 'data.train_transforms=[{resize: {size: 16, filter: nearest}}, {keras_layers: {flip: horizontal, rotation: 0.1, translation: [0.1, 0], zoom: [-0.2, 0.1]}}, {keras_layers: {zoom: 0.1, fill: constant, cval: 9}}]' --out layers
check "kept" grep -q "{keras_layers: {flip: horizontal, rotation: \[-0.1, 0.1\], translation: \[0.1, 0\], zoom: \[-0.2, 0.1\]}}, {keras_layers: {zoom: \[-0.1, 0.1\], fill: constant, cval: 9}}" layers/config.yaml
says "the config reads back" 0 "accuracy" cv layers/config.yaml threads=2 --out layers2
model=$(ls layers/fold-*/model.safetensors | head -1)
check "the same bytes" cmp "$model" "${model/layers/layers2}"
says "report" 0 "" report layers --out page.html --force
check "the page says it" grep -q "random layers (flips: <bdi>horizontal</bdi>, rotation by −0.1 to 0.1 of a turn, translation by up to 0.1 of the height" page.html

refuses() {
    local name=$1 pattern=$2
    shift 2
    says "$name" 2 "$pattern" train config.yaml "$@" --out new/run
    [ ! -e new ] || { no "$name: something was left behind"; rm -rf new; }
}
refuses "an unknown filter" "data.train_transforms: resize .*filter: nearest" 'data.train_transforms=[{resize: {size: 16, filter: cubic}}]'
refuses "no size" "data.train_transforms: resize " 'data.train_transforms=[{resize: {filter: area}}]'
refuses "Pillow without antialiasing" "antialias: of tf" 'data.train_transforms=[{resize: {size: 16, antialias: false}}]'
refuses "another size than the image's" "ends in images of 20 x 20" 'data.train_transforms=[{resize: {size: 20, like: tf}}]'
refuses "bytes behind floats" "\{brightness\} stands behind \{resize\}, whose pixels are no bytes" 'data.train_transforms=[{resize: {size: 16, like: tf}}, {brightness: [1, 1]}]'
refuses "an unknown member" "keras_generator is .*expected a map of rotation" 'data.train_transforms=[{resize: 16}, {keras_generator: {turn: 3}}]'
refuses "a member with a slip" "keras_generator has no \"rotatoin\", did you mean rotation\?" 'data.train_transforms=[{resize: 16}, {keras_generator: {zoom: 0.1, rotatoin: 3}}]'
refuses "Keras's own word" "keras_generator has no \"width_shift_range\", did you mean width_shift\?" 'data.train_transforms=[{resize: 16}, {keras_generator: {width_shift_range: 0.1}}]'
refuses "a layer with a slip" "keras_layers has no \"translaton\", did you mean translation\?" 'data.train_transforms=[{resize: 16}, {keras_layers: {translaton: [0, 0]}}]'
refuses "a resize with a slip" "resize has no \"filtre\", did you mean filter\?" 'data.train_transforms=[{resize: {size: 16, filtre: area}}]'
refuses "a zoom to nothing" "keras_layers .*zoom \(-0.99 to 1" 'data.train_transforms=[{resize: 16}, {keras_layers: {zoom: -1}}]'
refuses "an unknown flip" "keras_layers .*flip \(horizontal" 'data.train_transforms=[{resize: 16}, {keras_layers: {flip: up}}]'
refuses "bytes behind random layers" "stands behind \{keras_layers\}, whose pixels" 'data.train_transforms=[{resize: 16}, {keras_layers: {rotation: 0.1}}, {brightness: [1, 1]}]'
refuses "a shift of pixels" "keras_generator .*width_shift" 'data.train_transforms=[{resize: 16}, {keras_generator: {width_shift: 2}}]'

# validation_split in its four meanings: on 24 rows of three animals, eight each.
for scheme in last_rows first_rows first_of_each_class last_of_list; do
    says "$scheme" 0 "test" data split config.yaml data.group=null split.scheme=$scheme split.test=0.3 --out $scheme.csv
done
check "the last rows" [ "$(grep -c ',test$' last_rows.csv)" = 8 ]
check "the first rows" [ "$(grep -c ',test$' first_rows.csv)" = 7 ]
refuses "animals torn apart" "split.scheme: last_rows would split the groups" split.scheme=last_rows
exit $bad
