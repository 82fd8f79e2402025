#!/bin/bash
# Wrong configs, manifests, images, weights and folders: one line on stderr, exit 2, and nothing left behind.
. "$(dirname "$0")/common.sh"
make_data || { no "data synth"; exit 1; }
touch out.txt err.txt
before=$(find . | sort)

# refuses NAME PATTERN OVERRIDE...: train with the overrides is refused in one line and leaves no trace.
refuses() {
    local name=$1 pattern=$2
    shift 2
    says "$name" 2 "$pattern" train "${config:-config.yaml}" "$@" --out new/run
    if [ -e new ] || [ -e runs ]; then
        no "$name: something was left behind"
        rm -rf new runs
    fi
}

refuses "unknown key" "train.epochs" train.epoch=3
refuses "unknown section" "optimizer" optimiser.lr=1
refuses "not a number" "optimizer.lr" optimizer.lr=fast
refuses "below the range" "train.batch_size" train.batch_size=0
says "a batch beyond the memory" 2 "train.batch_size: a step of 65536 images takes [0-9.]+ GB of memory and [0-9.]+ GB are free; [0-9]+ would fit" \
    info --plan config.yaml train.batch_size=65536 data.image.size=2048 "data.train_transforms=[{resize: 2048}]" # of 28 TB, anywhere
says "the largest batch that fits" 0 "largest batch that fits in the [0-9.]+ GB of memory that are free: [0-9]+$" info --plan config.yaml
refuses "negative margin" "loss.prsc.margin" loss.prsc.margin=-1
refuses "PRSC without attention" "painseeker" loss.prsc.lambda=0.1
refuses "top_k above the regions" "loss.prsc.top_k.*at most 3" model.head=painseeker loss.prsc.lambda=0.1 loss.prsc.top_k=4
refuses "unknown backbone" "resnet18" model.backbone=resnet8
refuses "unknown head" "painseeker" model.head=painseker
refuses "image too small for the backbone" "model.backbone|data.image.size" data.image.size=2 "data.train_transforms=[{resize: 2}]"
refuses "freezing nothing" "model.freeze" "model.freeze=[stem]"
refuses "freezing all" "model.freeze" "model.freeze=[backbone, classifier]"
refuses "transforms of another size" "data.train_transforms" "data.train_transforms=[{resize: 20}]"
refuses "images of another size" "data.eval_transforms" "data.eval_transforms=[]"
refuses "unknown label column" "hurts" data.label=hurts
refuses "unknown group column" "cage" data.group=cage
refuses "unknown class" "data.positive" data.positive=9
refuses "a batch beyond all images, dropped" "train.drop_last" train.drop_last=true train.batch_size=60
refuses "a manifest that is not there" "absent.csv" data.manifest=absent.csv
refuses "weights that are not there" "absent.safetensors" model.pretrained=absent.safetensors
says "a file in the way" 2 "config.yaml: is no folder" train config.yaml --out config.yaml
says "below a file" 2 "is no folder" train config.yaml --out config.yaml/run
says "where no folder can be made" 2 "/proc/" train config.yaml --out /proc/grimace/run
if [ "$(id -u)" -ne 0 ]; then
    mkdir locked && chmod 555 locked
    says "a folder without permission" 2 "cannot be written" train config.yaml --out locked/run
    rmdir locked
fi

# Several mistakes at once: all on stdout in the order of the lines, then of the overrides; one line on stderr with how many more.
cat >several.yaml <<'YAML'
sed: 5
data:
  manifest: data/manifest.csv
  label: pain
  groop: animal
  image: {size: 16}
  train_transforms: [{resize: 20}]
split: {scheme: group_kfold}
model: {backbone: resnet8, head: painsekr}
loss: {prsc: {lambda: 0.1}}
optimizer: {name: sgd, nesterov: true, lr: fast}
train: {epochs: 3, keep: best, keep_metric: val_f2}
sweep:
- {key: model.head, values: [linear, foo]}
- {key: optimizer.rl, values: [1]}
YAML
config=several.yaml
refuses "several mistakes" "several.yaml:1: sed: there is no such key, did you mean seed\? \(and 12 more, listed above\)" \
    train.batch_size=0 optimizer.betas=3 evaluate.average_over=[]
check "all are listed" [ "$(sed -E 's/^error: (several.yaml:[0-9]+|command line): ([a-z._]+): .*/\1 \2/; s/several.yaml://' out.txt | tr '\n' ';')" = \
    "1 sed;5 data.groop;7 data.train_transforms;9 model.backbone;9 model.head;11 optimizer.lr;11 optimizer.nesterov;12 train.keep_metric;14 model.head;15 sweep;command line train.batch_size;command line optimizer.betas;command line evaluate.average_over;" ]
says "two for config, too" 2 "\(and 1 more, listed above\)" config config.yaml train.epochs=0 seed=x
says "one alone is not listed" 2 "train.epochs: is 0, expected a whole number from 1 to 1000000$" config config.yaml train.epochs=0
check "but on stderr" [ ! -s out.txt ]
says "of a task, among others" 2 "and 2 more" config config.yaml task=scores data.balance=oversample model.aux=true train.epochs=0
rm several.yaml
unset config

# Broken configs.
config=broken.yaml
printf 'name: [\n' >broken.yaml && refuses "broken YAML" "broken.yaml:"
printf 'name: x\n\tseed: 1\n' >broken.yaml && refuses "a tab" "broken.yaml:2"
head -c 3000 /dev/urandom >broken.yaml && refuses "noise" "broken.yaml"
printf 'a: &a [x,x,x,x,x,x,x,x,x]\nb: &b [*a,*a,*a,*a,*a,*a,*a,*a]\nc: [*b,*b,*b,*b,*b,*b]\n' >broken.yaml
refuses "aliases" "broken.yaml"
: >broken.yaml && refuses "an empty config" "broken.yaml"
rm broken.yaml
unset config

# Broken images: found before training, wherever they stand in the table.
victim=data/images/$(ls data/images | tail -1)
cp "$victim" whole.png
broken_image() {
    refuses "$1" "$(basename "$victim")"
    cp whole.png "$victim"
}
: >"$victim" && broken_image "an empty image"
head -c 700 whole.png >"$victim" && broken_image "a cut image"
echo "no picture at all" >"$victim" && broken_image "text in an image's clothes"
head -c 2000 /dev/zero >"$victim" && broken_image "zeros"
rm "$victim" && broken_image "an image that is not there"
rm "$victim" && mkdir "$victim" && refuses "a folder for an image" "$(basename "$victim")" && rmdir "$victim"
cp whole.png "$victim"

# Broken weights.
weights() { refuses "$1" "w.safetensors" model.pretrained=w.safetensors; }
: >w.safetensors && weights "empty weights"
printf '\377\377\377\377\377\377\377\177{}' >w.safetensors && weights "a header length that lies"
printf '\002\000\000\000\000\000\000\000{}' >w.safetensors && weights "weights without a tensor"
printf '\074\000\000\000\000\000\000\000{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,9999999]}}' >w.safetensors
weights "offsets beyond the file"
rm -f w.safetensors whole.png
check "nothing else was left in the folder" [ "$(find . | sort)" = "$before" ]
exit $bad
