#!/bin/bash
# model.pretrained: files of weights as people have them. What is loaded is said; what is not a file of weights is called what it is,
# in one line, with the call that writes what is read.
checkpoints=$(realpath "$(dirname "$0")/../parity/checkpoints")
. "$(dirname "$0")/common.sh"
make_data || { no "data synth"; exit 1; }
mobile=(model.backbone=mobilenet_v3_small model.width=0.1 data.image.size=32 "data.train_transforms=[{resize: 32}]" train.epochs=1 train.batch_size=4)

# trains NAME PATTERN OVERRIDE...: a training says PATTERN. refuses NAME PATTERN OVERRIDE...: it is refused and leaves nothing.
trains() {
    local name=$1 pattern=$2
    shift 2
    says "$name" 0 "$pattern" train config.yaml "${mobile[@]}" "$@" --out run
    rm -rf run
}
refuses() {
    local name=$1 pattern=$2
    shift 2
    says "$name" 2 "$pattern" train config.yaml "${mobile[@]}" "$@" --out run
    [ -e run ] && no "$name: something was left behind" && rm -rf run
}

# ---- what is loaded -----------------------------------------------------------------------------------------------------------
cp "$checkpoints/mobile.ckpt" .
trains "a prefix is taken off" '"model." in front of the file.s names is taken off' model.pretrained=mobile.ckpt
trains "all of it is loaded" "loaded: 200 of the model's 200 tensors" model.pretrained=mobile.ckpt "model.freeze=[backbone]"
trains "three colours for one channel" "features.0.0.weight: its kernels for three colours are summed for the one channel" \
    model.pretrained=mobile.ckpt data.image.channels=1 "data.image.mean=[0.5]" "data.image.std=[0.5]" "model.freeze=[backbone]"
trains "another head" "of another shape: model.classifier.3.weight \(\[2, 104\] in the file, \[2, 96\] in the model\): initial values" \
    model.pretrained=mobile.ckpt model.head=mlp "model.mlp.hidden=[]"
check "what is of another shape is in the file" bash -c '! grep -q "not in the file" out.txt'
trains "other layers" "not in the file: mlp.*: initial values are kept" model.pretrained=mobile.ckpt model.head=mlp "model.mlp.hidden=[8]"
refuses "frozen, and not in the file" \
    "model.pretrained: .*mobile.ckpt: mlp.* is frozen \(model.freeze\), but is not in the file" \
    model.pretrained=mobile.ckpt model.head=mlp "model.mlp.hidden=[8]" "model.freeze=[mlp]"
refuses "another network" "none of its [0-9]+ tensors fits the model, .*the file.s first are model.features.0.0.weight, " \
    model.pretrained=mobile.ckpt model.backbone=blackmice_cnn model.width=1
for file in lightning.ckpt swa.pth compiled.pth pair.pth ema.pth script.pt traced.pt numpy.pth exported.pt2 numpy2.pkl numpy4.pkl numpy5.pkl \
    arrays.npz packed.npz; do
    cp "$checkpoints/$file" .
    refuses "$file is read, and is of another network" "$file: none of its [0-9]+ tensors fits" model.pretrained=$file
done

# torchvision's Inception, as far as its names and its thousand classes go.
header='{"Conv2d_1a_3x3.bn.bias":{"dtype":"F32","shape":[32],"data_offsets":[0,128]},"fc.weight":{"dtype":"F16","shape":[1000,2048],"data_offsets":[128,4096128]}}'
{ printf "\\x$(printf %x ${#header})\\0\\0\\0\\0\\0\\0\\0%s" "$header"; head -c 4096128 /dev/zero; } >inception.safetensors
says "Inception's pixels" 0 "torchvision's inception_v3 was trained on RGB pixels from -1 to 1: data.image.mean \[0.5, 0.5, 0.5\]" train config.yaml \
    model.backbone=inception_v3 model.pretrained=inception.safetensors data.image.size=75 "data.train_transforms=[{resize: 75}]" \
    train.epochs=1 train.batch_size=16 train.drop_last=true --out run
rm -rf run

# ---- what is not read -----------------------------------------------------------------------------------------------------------
advice() {
    cp "$checkpoints/$1" .
    refuses "$1" "model.pretrained: .*$1: $2" model.backbone=mobilenet_v2 model.pretrained="$1"
}
advice frozen.pt "is TorchScript without named weights"
advice whole.pth "needs Python's __main__.Net, which is more than weights: nothing of it was run; a file made by torch.save\(model.state"
advice model.keras "was written by Keras, but none of its layers is called as keras.applications calls the first of mobilenet_v2; its first tensor is first/kernel:0"
advice model.weights.h5 "was written by Keras, but none of its layers is called as keras.applications calls the first of mobilenet_v2; its first tensor is first/kernel:0"
printf 'version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 1\n' >pointer.pth
refuses "a pointer of Git LFS" "pointer.pth: is a pointer of Git LFS" model.pretrained=pointer.pth
echo '<!DOCTYPE html><html><body>Not found</body></html>' >page.pth
refuses "a page of the web" "page.pth: is a page of the web" model.pretrained=page.pth
exit $bad
