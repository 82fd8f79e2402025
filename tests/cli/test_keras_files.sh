#!/bin/bash
# Keras's files out and in: what export --format keras writes comes back with the same numbers (tests/peers/keras_export.py has Keras
# itself load it), damaged files and networks that do not fit are refused in one line, and data.jpeg_dct is the model's.
formats=$(realpath "$(dirname "$0")/../parity/formats")
theirs=$(realpath "$(dirname "$0")/../parity/keras")
. "$(dirname "$0")/common.sh"
make_data || { no "data synth"; exit 1; }
image=$(find data -name '*.png' | sort | head -n 1)
wide='model.layers=[{conv: 4, act: relu}, {pool: max}, {batch_norm: {}}, {flatten: {}}, {batch_norm: {}}, {dense: 5, act: silu}]'
layers() { says "$1" 2 "$3" init config.yaml model.backbone=layers "model.layers=$2" --out bad.safetensors; }

# ---- there and back ----------------------------------------------------------------------------------------------------------
"$GRIMACE" cv config.yaml model.backbone=layers "$wide" train.epochs=1 train.batch_size=8 --out run >out.txt 2>&1 || no "a run of a list of layers: $(tail -n 1 out.txt)"
model=$(ls run/fold-*/model.safetensors | head -n 1)
"$GRIMACE" predict "$model" "$image" >want.csv
says "its weights alone" 0 "in w.weights.h5" export "$model" --format keras --out w.weights.h5
says "which come back too" 0 "14 of the model's 14 tensors" init config.yaml model.backbone=layers "$wide" model.pretrained=w.weights.h5 --out alone.safetensors
"$GRIMACE" predict alone.safetensors "$image" >got.csv
check "with the same numbers" cmp got.csv want.csv
says "a list of layers for Keras" 0 "layers with head linear in w.keras: 11 layers of Keras 3, image \[N, 16, 16, 3\] to probabilities" \
    export "$model" --format keras --out w.keras
says "and back" 0 "14 of the model's 14 tensors" init config.yaml model.backbone=layers "$wide" model.pretrained=w.keras --out back.safetensors
"$GRIMACE" predict back.safetensors "$image" >got.csv
check "with the same numbers, batch norm behind flatten too" cmp got.csv want.csv
says "once more" 0 "11 layers" export "$model" --format keras --out again.keras
check "to the same bytes" cmp w.keras again.keras

back() { # TITLE LAYERS TENSORS: an untrained network of them comes back by its own listing, with the same numbers
    "$GRIMACE" init config.yaml model.backbone=layers "model.layers=$2" semantics=keras3 --out b.safetensors --force >/dev/null || no "$1: initial"
    "$GRIMACE" export b.safetensors --format keras --out b.keras --force >/dev/null || no "$1: export"
    "$GRIMACE" predict b.safetensors "$image" >b.csv
    says "$1 as a config" 0 "act: " info b.keras
    list=$("$GRIMACE" info b.keras | sed -n 's/^    - \(.*\) # .*/\1/p' | paste -sd,)
    says "$1, back" 0 "$3 of the model's $3 tensors" init config.yaml model.backbone=layers "model.layers=[$list]" seed=5 \
        model.pretrained=b.keras --out b.safetensors --force
    "$GRIMACE" predict b.safetensors "$image" >got.csv
    check "$1, with the same numbers" cmp got.csv b.csv
}
back "slopes of their own" '[{conv: 4, act: prelu}, {pool: max}, {flatten: {}}, {act: prelu}, {dense: 5, act: prelu}]' 9
back "a hard sigmoid of another slope in front" '[{act: hard_sigmoid, slope: 0.2}, {conv: 4, act: relu}, {flatten: {}}]' 4
check "whose pixels are as before" grep -q 'pixels / 255, for the file does not say' <("$GRIMACE" info b.keras)
rm -f b.safetensors b.keras b.csv

# ---- a config of it ------------------------------------------------------------------------------------------------------------
says "its layers as a config" 0 "    - \{conv: 4, kernel: 3\} # layers.1 \(Conv2D\)" info w.keras
"$GRIMACE" info w.keras >listed.yaml
list=$(sed -n 's/^    - \(.*\) # .*/\1/p' listed.yaml | paste -sd,)
says "which is a network that its file fills" 0 "14 of the model's 14 tensors" \
    init config.yaml model.backbone=layers "model.layers=[$list]" model.pretrained=w.keras --out listed.safetensors
"$GRIMACE" predict listed.safetensors "$image" >got.csv
check "with the same numbers" cmp got.csv want.csv
check "and a config" bash -c "sed 's/^data:/data:\\n  classes: [no, yes]/' listed.yaml >whole.yaml && '$GRIMACE' config whole.yaml >/dev/null"
other() { says "$1" 2 "$4" init config.yaml model.backbone=layers "${wide/$2/$3}" model.pretrained=w.keras --out bad.safetensors; }
other "another activation" "act: relu" "act: tanh" "its layer .* is \{act: relu\}, and layer 1 of model.layers is \{conv: 4, kernel: 3, act: tanh\}: the file's"
other "another pool" "pool: max" "pool: avg" "\(MaxPooling2D\) is \{pool: max, size: 2\}, and layer 2 of model.layers is \{pool: avg, size: 2\}: the file's would"
other "another eps" "batch_norm: {}" "batch_norm: {eps: 0.01}" "eps: 1.0e-05\}, and layer 3 of model.layers is \{batch_norm: \{\}, eps: 0.01\}"
says "of numbers alone nothing is known" 2 "w.weights.h5: does not say how its layers follow" info w.weights.h5
says "which is said" 0 "the file holds numbers alone: what lies between them is taken as model.layers has it" \
    init config.yaml model.backbone=layers "${wide/act: relu/act: tanh}" model.pretrained=w.weights.h5 --out tanh.safetensors
says "no file of Keras's" 2 "back.safetensors: is no file of Keras's" info back.safetensors
says "two files" 2 "\"w.weights.h5\" is not needed; info takes options only, or one file of Keras's" info w.keras w.weights.h5
"$GRIMACE" init config.yaml model.backbone=resnet18 data.image.size=64 'data.train_transforms=[]' 'data.eval_transforms=[]' \
    --out n.safetensors >/dev/null && "$GRIMACE" export n.safetensors --format keras --out n.keras >/dev/null || no "a residual network"
one=("model.layers=[{conv: 2, stride: 3, pad: 1}, {act: leaky_relu, slope: 0.1}, {flatten: {}}]" "model.pretrained=$theirs/files3_one.keras")
says "images that Keras's file prepares otherwise" 2 "prepares its images itself, .*: data.image.mean \[0.5, 0.5, 0.5\] and data.image.std \[0.5, 0.5, 0.5\] would" \
    init config.yaml model.backbone=layers "${one[@]}" --out bad.safetensors
says "one output for two classes" 0 "one output, whose sigmoid is the probability of the second class, is taken as two classes" \
    init config.yaml model.backbone=layers "${one[@]}" 'data.image={size: 16, mean: [0.5, 0.5, 0.5], std: [0.5, 0.5, 0.5]}' --out one.safetensors
rm -f one.safetensors
says "a network that is no sequence" 2 "n.keras: is no plain sequence: its layers? .* would be right" info n.keras
rm -f n.safetensors n.keras

# ---- networks of keras.applications ----------------------------------------------------------------------------------------------
for network in resnet50 mobilenet_v2 efficientnet_b0 mobilenet_v3_small densenet121 xception nasnet_mobile; do
    keras="model.backbone=$network model.variant=keras data.image.size=72 data.train_transforms=[] data.eval_transforms=[]"
    # shellcheck disable=SC2086
    "$GRIMACE" init config.yaml $keras --out n.safetensors --force >/dev/null || no "initial $network"
    says "$network for Keras" 0 "$network with head linear" export n.safetensors --format keras --out n.keras --force
    "$GRIMACE" export n.safetensors --format safetensors --out n1.safetensors --force >/dev/null
    says "$network's weights alone" 0 "$network with head linear" export n.safetensors --format keras --out n.weights.h5 --force
    for file in n.keras n.weights.h5; do # the one a model of its own, the other keras.applications' network
        # shellcheck disable=SC2086
        says "$network by Keras's names in $file" 0 "loaded: " init config.yaml $keras model.pretrained=$file seed=5 --out m.safetensors --force
        "$GRIMACE" export m.safetensors --format safetensors --out m1.safetensors --force >/dev/null
        check "$network has the same numbers from $file" cmp n1.safetensors m1.safetensors
    done
done
deep=(model.backbone=inception_v3 model.variant=keras data.image.size=75 'data.train_transforms=[{resize: 75}]' 'data.eval_transforms=[{resize: 75}]')
"$GRIMACE" init config.yaml "${deep[@]}" --out n.safetensors --force >/dev/null || no "initial inception_v3"
says "batch norms that have no gamma there" 0 "inception_v3 with head linear" export n.safetensors --format keras --out n.weights.h5 --force
says "come back" 0 "472 of the model's 472 tensors" init config.yaml "${deep[@]}" model.pretrained=n.weights.h5 seed=5 --out m.safetensors --force
for m in n m; do "$GRIMACE" export $m.safetensors --format safetensors --out ${m}1.safetensors --force >/dev/null; done
check "with the same numbers" cmp n1.safetensors m1.safetensors
says "one that trained them" 0 "" train config.yaml "${deep[@]}" train.epochs=1 train.batch_size=8 --out deep
says "is refused" 2 "has trained a gamma, which Keras's inception_v3 has not" export deep/fold-*/model.safetensors --format keras --out g.weights.h5
says "but not as a model" 0 "layers of Keras 3" export deep/fold-*/model.safetensors --format keras --out g.keras
says "a head of ours on a network of Keras's" 0 "in h.weights.h5" export "$model" --format keras --out h.weights.h5

# ---- what is refused -----------------------------------------------------------------------------------------------------------
files=$(ls -A)
says "folds as one archive" 2 "holds 3 models, and an archive of Keras's is one" export run --format keras --out x.keras
says "another ending" 2 "NAME.keras, or NAME.weights.h5 for weights alone, would be right" export "$model" --format keras --out x.h5
says "an absent folder" 2 "absent" export "$model" --format keras --out absent/x.keras
(trap '' XFSZ; ulimit -f 1; exec "$GRIMACE" export "$model" --format keras --out x.keras) >/dev/null 2>err.txt
check "a full disk is exit 1 and one line" [ $? -eq 1 -a "$(wc -l <err.txt)" -eq 1 ]
rm -f err.txt
check "refusals leave nothing" [ "$(ls -A | grep -vE '^(err|out).txt$')" = "$(grep -vE '^(err|out).txt$' <<<"$files")" ]
"$GRIMACE" init config.yaml model.backbone=shufflenet_v2 data.image.size=64 'data.train_transforms=[]' 'data.eval_transforms=[]' \
    --out s.safetensors >/dev/null || no "initial shufflenet_v2"
says "an operator that Keras has not" 2 "channel_shuffle has no layer of Keras's that does the same" \
    export s.safetensors --format keras --out x.keras
head -c 3000 w.keras >cut.keras
printf 'PK\3\4' >stub.keras
says "a cut archive" 2 "cut.keras: is a damaged zip archive" init config.yaml model.backbone=layers "$wide" model.pretrained=cut.keras --out x.safetensors
says "a stub" 2 "stub.keras: is a damaged zip archive" init config.yaml model.backbone=layers "$wide" model.pretrained=stub.keras --out x.safetensors
says "another network" 2 "layers.1/kernel:0 is \[3, 3, 3, 4\], and layers.1.weight of model.layers would need \[3, 3, 3, 5\]" \
    init config.yaml model.backbone=layers "${wide/conv: 4/conv: 5}" model.pretrained=w.keras --out x.safetensors
says "an archive in a model's place" 2 "w.keras: holds weights alone" predict w.keras "$image"

# ---- lists of layers that cannot be --------------------------------------------------------------------------------------------
layers "an unknown kind" '[{blur: 3}]' 'layer 1: there is no layer "blur"'
layers "no layers" '[]' 'model.layers: has 0 layers'
layers "a kernel larger than the map" '[{conv: 4, kernel: 17}, {flatten: {}}]' 'a 17x17 kernel does not fit a 16x16 feature map'
layers "dense before flatten" '[{dense: 3}]' 'layer 1 \(dense\): reads a vector, but a map of 16 x 16 x 3'
layers "too many channels" '[{conv: 1000000000}]' 'a number of filters from 1 to 65536'
layers "too many numbers" '[{flatten: {}}, {dense: 65536}, {dense: 65536}]' 'have 4345430016 numbers to learn; at most 1073741824'
layers "stride 0" '[{conv: 4, stride: 0}]' 'stride is "0"'
layers "a negative dropout" '[{dropout: -0.5}]' 'layer 1 \(dropout\): it is "-0.5"'
layers "two kinds in one" '[{conv: 4, pool: max}]' 'layer 1 \(conv\): has no "pool"'
layers "a map at the end" '[{conv: 4}]' 'the last of the 1 layers gives a map'

# ---- the fast DCT ----------------------------------------------------------------------------------------------------------------
says "an unknown DCT" 2 "data.jpeg_dct: is quick, expected exact or fast" config config.yaml data.jpeg_dct=quick
says "of a cascade" 2 "data.jpeg_dct: means nothing for cascade" config config.yaml model.classic=cascade data.jpeg_dct=fast
says "a model that remembers it" 0 "tensors in" init config.yaml data.jpeg_dct=fast --out fast.safetensors
says "and one without" 0 "tensors in" init config.yaml --out exact.safetensors
check "the fast one says so" grep -aqF 'jpeg_dct\": \"fast\"' fast.safetensors
check "the other nothing" bash -c "! grep -aqF jpeg_dct exact.safetensors"
# The first record of the reference is 16 bytes of head, of which the first four are the JPEG's length, and the JPEG.
bin=$(dirname "$formats")/image/jpeg_dct.bin
tail -c +17 "$bin" | head -c "$(od -An -tu4 -N4 "$bin")" >x.jpg
for dct in fast exact; do "$GRIMACE" predict $dct.safetensors x.jpg >$dct.csv || no "predict by the $dct DCT"; done
check "the pixels differ" bash -c "! cmp -s fast.csv exact.csv"
exit $bad
