#!/bin/bash
# Plain networks of a config (model.layers): trained, resumed, exported, explained, frozen; and every way to write them wrong.
. "$(dirname "$0")/common.sh"
make_data || { no "data synth"; exit 1; }
sed -i '/^model:/d' config.yaml
cat >>config.yaml <<'YAML'
model:
  layers:
    - {conv: 8, kernel: 3, pad: valid, act: relu}
    - {pool: max, size: 2}
    - {conv: 12, kernel: [3, 1], stride: 2, pad: same, bias: false, init: kaiming_normal}
    - batch_norm
    - {act: hard_swish}
    - {dropout: 0.25}
    - {flatten: {}}
    - {dense: 10, act: relu}
YAML

says "cv" 0 "accuracy" cv config.yaml --out run
check "the config has the list" grep -q 'layers: \[{conv: 8, kernel: 3, pad: valid, act: relu}, {pool: max, size: 2}, {conv: 12, kernel: \[3, 1\], stride: 2, pad: same, bias: false, init: kaiming_normal}, {batch_norm: {}}, {act: hard_swish}, {dropout: 0.25}, {flatten: {}}, {dense: 10, act: relu}\]' run/config.yaml
says "the same run with more threads" 0 "accuracy" cv run/config.yaml threads=3 --out again
for fold in run/fold-*; do cmp -s "$fold/model.safetensors" "again/${fold#run/}/model.safetensors" || no "threads change the bytes of $fold"; done
model=$(ls run/fold-*/model.safetensors | head -1)
says "predict" 0 "predicted" predict "$model" data/images/*.png
says "export safetensors" 0 "layers with head linear in a.safetensors: 12 tensors" export "$model" --format safetensors --out a.safetensors
check "weights by number" grep -q '"layers.1.weight".*' <(head -c 4000 a.safetensors | tr ',' '\n')
says "predict from the export" 0 "predicted" predict a.safetensors data/images/*.png
check "as the model itself" cmp <("$GRIMACE" predict "$model" data/images/*.png) <("$GRIMACE" predict a.safetensors data/images/*.png)
says "export ONNX" 0 "ONNX opset" export "$model" --format onnx --out a.onnx
says "explain" 0 "" explain --method gradcam "$model" data/images/$(ls data/images | head -1) --out map.png
says "explain a layer" 0 "" explain --method gradcam "$model" data/images/$(ls data/images | head -1) --layer layers.1 --out map1.png
says "frozen layers come from a cache" 0 "accuracy" cv config.yaml "model.freeze=[layers]" train.feature_cache=off --out frozen
says "as many as Keras counts" 0 "accuracy" cv config.yaml model.freeze=5 --out counted
says "weights of a run start another" 0 "accuracy" cv config.yaml model.pretrained="$model" --out warm
says "scores" 0 "MAE" cv config.yaml task=scores --out scores
says "a sweep over networks" 0 "" sweep config.yaml 'sweep=[{key: model.layers, values: [[{flatten: {}}], [{global_pool: avg}, {dense: 4, act: silu}]]}]' train.epochs=1 --out swept

curved='model.layers=[{conv: 4, act: tanh}, {pool: max}, {act: selu}, {conv: 4, act: elu}, {act: gelu}, {flatten: {}}, {dense: 5, act: softplus}]'
says "smooth activations" 0 "accuracy" train config.yaml "$curved" --out curved
says "in ONNX" 0 "ONNX opset" export curved/fold-0/model.safetensors --format onnx --out curved.onnx
says "and for Keras" 0 "layers of Keras 3" export curved/fold-0/model.safetensors --format keras --out curved.keras
check "by Keras's names" bash -c "for name in tanh selu elu gelu softplus; do grep -aq \"activation\\\": \\\"\$name\" curved.keras || exit 1; done"

sloped='model.layers=[{conv: 4, act: leaky_relu, slope: 0.3}, {pool: max}, {act: mish}, {conv: 4, act: hard_sigmoid, slope: 0.2}, {act: softsign}, {flatten: {}}, {dense: 5}, {act: leaky_relu, slope: 0.01}]'
says "activations with a slope" 0 "accuracy" train config.yaml "$sloped" --out sloped
check "are in the config" grep -q 'act: leaky_relu, slope: 0.3}.*{conv: 4, act: hard_sigmoid, slope: 0.2}.*{act: leaky_relu, slope: 0.01}' sloped/config.yaml
says "and in ONNX" 0 "ONNX opset" export sloped/fold-0/model.safetensors --format onnx --out sloped.onnx
says "and in Keras's file" 0 "layers of Keras 3" export sloped/fold-0/model.safetensors --format keras --out sloped.keras
check "by their slopes" bash -c "for slope in 'negative_slope\\\": 0.(3|29)' 'scale\\\": 1.(2|19)' 'negative_slope\\\": 0.0(1|09)'; do grep -aqE \"\$slope\" sloped.keras || exit 1; done"

learned='model.layers=[{conv: 4, act: prelu}, {pool: max}, {act: prelu}, {flatten: {}}, {act: prelu}, {dense: 5, act: prelu}]'
says "slopes that are learned" 0 "accuracy" train config.yaml "$learned" --out learned
check "are the layer's own weights" grep -aq '"layers.6.prelu.weight"' learned/fold-0/model.safetensors
says "in ONNX" 0 "ONNX opset" export learned/fold-0/model.safetensors --format onnx --out learned.onnx
check "by its operator" grep -aq PRelu learned.onnx
says "and for Keras" 0 "layers of Keras 3" export learned/fold-0/model.safetensors --format keras --out learned.keras
check "one for each channel of a map" [ "$(grep -ao 'shared_axes": \[' learned.keras | wc -l) $(grep -ao 'shared_axes": null' learned.keras | wc -l)" = "2 2" ]

normed() { echo "model.layers=[{conv: 4}, {batch_norm: {}${1-}}, {act: relu}, {flatten: {}}]"; }
says "a norm's own eps" 0 "accuracy" train config.yaml "$(normed ", eps: 0.5, momentum: 0.3")" --out own_eps
says "another for all" 0 "accuracy" train config.yaml "$(normed ", eps: 0.5, momentum: 0.3")" 'model.batch_norm={eps: 0.01, momentum: 0.5}' \
    --out both_eps
says "that alone" 0 "accuracy" train config.yaml "$(normed)" 'model.batch_norm={eps: 0.5, momentum: 0.7}' --out all_eps
check "a layer's own word comes first" cmp own_eps/predictions.csv both_eps/predictions.csv
check "the config's is for those without" cmp own_eps/predictions.csv all_eps/predictions.csv

touch out.txt err.txt
before=$(find . | sort)
refuses() {
    local name=$1 pattern=$2
    shift 2
    says "$name" 2 "$pattern" train config.yaml "$@" --out new/run
    [ ! -e new ] || { no "$name: something was left behind"; rm -rf new; }
}
refuses "no list" "model.layers: expected a list of layers" model.layers=conv
refuses "an empty list" "model.layers: has 0 layers" "model.layers=[]"
refuses "an unknown layer" "layer 2: there is no layer \"pol\", did you mean pool" "model.layers=[{conv: 8}, {pol: max}]"
refuses "an unknown option" "layer 1 \(conv\): has no \"kernal\", it may have kernel" "model.layers=[{conv: 8, kernal: 3}]"
refuses "no filters" "layer 1 \(conv\): it is \"0\", expected a number of filters" "model.layers=[{conv: 0}]"
refuses "one side of two that is none" "layer 1 \(conv\): kernel is \[0, 7\], expected a side in pixels from 1 to 1024" \
    "model.layers=[{conv: 8, kernel: [0, 7]}]"
refuses "three sides" "layer 1 \(conv\): stride is \[1, 2, 1\], expected a number of pixels" "model.layers=[{conv: 8, stride: [1, 2, 1]}]"
refuses "an unknown activation" "layer 1 \(conv\): act is \"rely\", expected relu" "model.layers=[{conv: 8, act: rely}]"
refuses "a leaky relu without a slope" "layer 1 \(conv\): leaky_relu needs a slope: 0.3 is that of Keras's layer LeakyReLU" \
    "model.layers=[{conv: 8, act: leaky_relu}]"
refuses "a slope of none" "layer 2 \(act\): slope is that of hard_sigmoid or leaky_relu, and act is relu" \
    "model.layers=[{conv: 8}, {act: relu, slope: 0.3}]"
refuses "a slope of nothing" "layer 1 \(conv\): slope is that of hard_sigmoid or leaky_relu, and there is no act" \
    "model.layers=[{conv: 8, slope: 0.3}]"
refuses "a slope that is none" "layer 1 \(act\): slope is \"1.5\", expected a number from 1e-6 to below 1" \
    "model.layers=[{act: leaky_relu, slope: 1.5}]"
refuses "a value of a layer that has none" "layer 2 \(flatten\)" "model.layers=[{conv: 8}, {flatten: 3}]"
refuses "an option twice" "layer 1 \(batch_norm\): eps is there twice" "model.layers=[{batch_norm: {eps: 0.1}, eps: 0.1}]"
refuses "a dense layer on a map" "model.layers: layer 2 \(dense\): reads a vector, but a map of 16 x 16 x 8" "model.layers=[{conv: 8, pad: same}, {dense: 4}]"
refuses "a convolution on a vector" "model.layers: layer 2 \(conv\): reads a map, but a vector of 768" "model.layers=[{flatten: {}}, {conv: 4}]"
refuses "a kernel beyond the map" "model.layers: layer 1 \(conv\)" "model.layers=[{conv: 4, kernel: 17}, {flatten: {}}]"
refuses "groups that do not divide" "model.layers: layer 1 \(conv\)" "model.layers=[{conv: 4, groups: 2}, {flatten: {}}]"
refuses "a map at the end" "model.layers: the last of the 1 layers gives a map" "model.layers=[{conv: 4}]"
refuses "a backbone beside it" "model.layers: is a network of its own, but model.backbone is resnet18" model.backbone=resnet18
refuses "layers without a list" "model.backbone: is layers, but there is no model.layers" model.backbone=layers model.layers=null
refuses "a head that reads a map" "model.layers.*painseeker" model.head=painseeker
check "nothing left behind" [ "$before" = "$(find . | sort)" ]
exit $bad
