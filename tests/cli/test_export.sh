#!/bin/bash
# grimace export without other software: what a small run's files hold, that predict takes them back with the same numbers, and
# that a refused export leaves nothing behind. tests/peers loads the files elsewhere.
formats=$(realpath "$(dirname "$0")/../parity/formats")
. "$(dirname "$0")/common.sh"

holds() { grep -aqF -- "$2" "$1"; }
lacks() { ! grep -aqF -- "$2" "$1"; }

make_data || exit 1
"$GRIMACE" cv config.yaml train.epochs=1 --out run >/dev/null || no "the run"
model=$(ls run/fold-*/model.safetensors | head -n 1)
image=$(find data -name '*.png' | sort | head -n 1)

# ---- safetensors -------------------------------------------------------------------------------------------------------------
says "one model as safetensors" 0 "blackmice_cnn with head linear in a.safetensors: 12 tensors in PyTorch's names" \
    export "$model" --format safetensors --out a.safetensors
check "its names are bare" holds a.safetensors '"conv1.weight"'
check "no name has a prefix" lacks a.safetensors '"backbone.conv1'
"$GRIMACE" predict "$model" "$image" >want.csv
says "predict takes the exported file" 0 "^image,predicted" predict a.safetensors "$image"
check "with the same probabilities" cmp -s out.txt want.csv
says "an exported file can be exported" 0 "12 tensors" export a.safetensors --format safetensors --out again.safetensors
check "to the same bytes" cmp -s a.safetensors again.safetensors

"$GRIMACE" init config.yaml model.backbone=mobilenet_v3_small model.head=painseeker data.image.size=64 \
    'data.train_transforms=[]' 'data.eval_transforms=[{resize: 64}]' --out seeker.safetensors >/dev/null || no "initial weights"
says "a backbone with painseeker" 0 "mobilenet_v3_small with head painseeker" \
    export seeker.safetensors --format safetensors --out s.safetensors
check "torchvision's names" holds s.safetensors '"features.0.0.weight"'
check "the head's names" holds s.safetensors '"attention.weight"'
check "batch norms count their batches" holds s.safetensors '.num_batches_tracked"'
"$GRIMACE" predict seeker.safetensors "$image" >want.csv
"$GRIMACE" predict s.safetensors "$image" >got.csv
check "predict agrees with painseeker too" cmp -s got.csv want.csv

# ---- ONNX --------------------------------------------------------------------------------------------------------------------
says "one model as ONNX" 0 "ONNX opset 17, image \[N, 3, 64, 64\] to probabilities and beta" \
    export seeker.safetensors --format onnx --out s.onnx
for word in image probabilities beta channel_order mean std transforms; do
    check "the ONNX file says $word" holds s.onnx "$word"
done
says "a run of folds as ONNX" 0 "the mean of 3 models" export run --format onnx --out run.onnx
says "from the exported file" 0 "ONNX opset 17" export s.safetensors --format onnx --out s2.onnx
check "the same graph" cmp -s s.onnx s2.onnx

# ---- refusals ----------------------------------------------------------------------------------------------------------------
head -c 5000 a.safetensors >cut.safetensors
echo '{"a": 1}' >text.safetensors
printf 'x' >file
files=$(ls -A)
before=$(md5sum a.safetensors)
says "no model" 2 "no run or model is named" export --format onnx --out x.onnx
says "two models" 2 "one word too many" export a b --format onnx --out x.onnx
says "no format" 2 "--format is missing" export a.safetensors --out x.onnx
says "no output" 2 "--out is missing" export a.safetensors --format onnx
says "another format" 2 "safetensors, onnx, keras, libsvm or opencv would be right" export a.safetensors --format tflite --out x.tflite
says "an absent model" 2 "absent.safetensors" export absent.safetensors --format onnx --out x.onnx
says "a cut file" 2 "cut.safetensors" export cut.safetensors --format onnx --out x.onnx
says "a text" 2 "text.safetensors" export text.safetensors --format safetensors --out x.safetensors
says "folds as safetensors" 2 "holds 3 models" export run --format safetensors --out x.safetensors
for format in safetensors onnx; do
    says "$format into an absent folder" 2 "absent" export a.safetensors --format $format --out absent/x
    says "$format below a file" 2 "file" export a.safetensors --format $format --out file/x
    says "$format over a folder" 2 "data: is a folder" export a.safetensors --format $format --out data
    # A limit of 1 KiB a file stands for a full disk.
    (trap '' XFSZ; ulimit -f 1; exec "$GRIMACE" export a.safetensors --format $format --out a.safetensors --force) >/dev/null 2>err.txt
    check "$format on a full disk is exit 1 and one line" [ $? -eq 1 -a "$(wc -l <err.txt)" -eq 1 ]
done
check "the old file is whole" [ "$(md5sum a.safetensors)" = "$before" ]
check "refusals leave nothing" [ "$(ls -A)" = "$files" ]

says "predict from ONNX" 2 "s.onnx: is an ONNX file, which grimace detect alone reads" predict s.onnx "$image"

# ---- weights without a card --------------------------------------------------------------------------------------------------
cp "$formats/zip.pth" weights.pth
says "predict from PyTorch's weights" 2 "weights.pth: .*model.pretrained" predict weights.pth "$image"
says "export of PyTorch's weights" 2 "weights.pth: .*model.pretrained" export weights.pth --format onnx --out x.onnx
exit $bad
