#!/bin/bash
# model.aux: Inception trains with its auxiliary classifier, whose loss counts 0.4 in training and nothing elsewhere; the model says
# that it has one and predicts without it.
. "$(dirname "$0")/common.sh"

"$GRIMACE" data synth --preset mini --size 299 --animals 3 --images 2 --seed 3 --out data >/dev/null || exit 1
cat >config.yaml <<'YAML'
name: aux
seed: 5
data:
  manifest: data/manifest.csv
  label: pain
  group: animal
  image: {size: 299}
split: {scheme: leave_one_group_out, validation: 0.5}
model: {backbone: inception_v3, head: linear, aux: true}
optimizer: {lr: 1.0e-4}
train: {epochs: 1, batch_size: 2}
YAML

says "a run with the auxiliary classifier" 0 "^" train config.yaml --out run
number() { grep -oE "\"$1\": ?[-0-9.e]+" run/fold-*/metrics.jsonl | tail -n 1 | grep -oE '[-0-9.e]+$'; }
# The auxiliary classifier starts with weights near 0, so that its cross-entropy is that of guessing: ln 2.
check "0.4 of its cross-entropy joins the training loss" \
    awk -v loss="$(number train_loss)" -v ce="$(number train_ce)" 'BEGIN { d = loss - ce - 0.4 * log(2); exit !(d > -0.02 && d < 0.02) }'
check "the validation loss is the cross-entropy alone" [ "$(number val_loss)" = "$(number val_ce)" ]
model=$(ls run/fold-*/model.safetensors)
check "the model's card says so" grep -aqE 'aux\\": ?true' "$model"
check "its weights are kept" grep -aqF '"backbone.AuxLogits.conv1.conv.weight"' "$model"
image=$(find data -name '*.png' | sort | head -n 1)
says "the model predicts" 0 "^image,predicted" predict "$model" "$image"
says "the exported weights have it" 0 "PyTorch's names" export "$model" --format safetensors --out e.safetensors
check "under torchvision's name" grep -aqF '"AuxLogits.fc.weight"' e.safetensors
says "the ONNX graph" 0 "probabilities" export "$model" --format onnx --out e.onnx
check "leaves it out" eval '! grep -aqF AuxLogits e.onnx'

says "images that are too small" 2 "config.yaml:9: model.aux: .*at least 299 x 299" train config.yaml data.image.size=298 --out no
says "another network" 2 "model.aux: .*no auxiliary classifier" train config.yaml model.backbone=resnet18 --out no
check "nothing was begun" [ ! -e no ]
exit $bad
