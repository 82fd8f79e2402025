#!/bin/bash
# grimace explain: its files and table, which fold explains which picture, every task and learner, and what is refused.
. "$(dirname "$0")/common.sh"
make_data || { no "data synth"; exit 1; }
sed -i 's/backbone: blackmice_cnn, head: linear/backbone: shufflenet_v2, width: 0.5, head: painseeker/; s/size: 16/size: 48/; s/resize: 20/resize: 52/; s/random_crop: 16/random_crop: 48/; s/lr: 1.0e-3/lr: 0.01/' config.yaml
"$GRIMACE" cv config.yaml --out run >/dev/null || { no "cv"; exit 1; }
model=run/fold-rat1/model.safetensors
picture=data/images/rat1_s1_1.png
column() { awk -F, -v n="$1" 'NR > 1 { print $n }' "$2"; }
floats() { od -An -v -t f4 -w4 -j 128 "$1" | tr -d ' '; } # of a .npy whose header has 128 bytes

says "explain" 0 "^maps: 24 images explained by gradcam,attention" explain run --manifest data/manifest.csv --method gradcam,attention --out maps
check "index.csv has its columns" [ "$(head -n 1 maps/index.csv)" = image,fold,class,probability,logit,method,layer,sum ]
check "a row for each image and method, in the order of the table" [ "$(cut -d, -f1,6 maps/index.csv | tail -n +2)" = \
    "$(cut -d, -f1 data/manifest.csv | tail -n +2 | sed 's/.*/&,gradcam\n&,attention/')" ]
check "each image has its files" [ "$(find maps -name 'images_rat?_s*.gradcam.png' | wc -l)" -eq 24 ]
check "and nothing else is there" [ "$(find maps -type f | wc -l)" -eq $((24 * 6 + 1)) ]
check "the fold that tested an image explains it" [ "$(column 2 maps/index.csv)" = "$(column 1 maps/index.csv | sed -E 's/.*(rat[0-9]).*/\1/')" ]
check "classes and probabilities are those of predictions.csv" bash -c "diff <(awk -F, 'NR > 1 { print \$1, \$5 }' run/predictions.csv | sort) \
    <(awk -F, 'NR > 1 && \$6 == \"gradcam\" { print \$1, \$3 }' maps/index.csv | sort)"
check "a map has the input's size" [ "$(floats maps/images_rat1_s1_1.gradcam.npy | wc -l)" -eq $((48 * 48)) ]
check "its header is NumPy's" bash -c "head -c 128 maps/images_rat1_s1_1.gradcam.npy | grep -aq \"'descr': '<f4', 'fortran_order': False, 'shape': (48, 48), }\""
check "Grad-CAM finds something" awk -F, 'NR > 1 && $6 == "gradcam" && !($8 > 0) { exit 1 }' maps/index.csv
check "attention adds up to 1" awk -F, 'NR > 1 && $6 == "attention" && ($8 - 1) ^ 2 > 1e-10 { bad = 1 } END { exit bad }' maps/index.csv
check "sum is that of the cells" bash -c "awk -v a=\"\$(od -An -v -t f4 -w4 -j 128 maps/images_rat1_s1_1.gradcam.cells.npy | awk '{ s += \$1 } END { print s }')\" \
    -v b=\"\$(awk -F, '\$1 ~ /rat1_s1_1/ && \$6 == \"gradcam\" { print \$8 }' maps/index.csv)\" 'BEGIN { exit !((a - b) ^ 2 <= 1e-9 * (b * b + 1)) }'"

# A tested picture is known by its path, however that is spelled, else by its bytes; the others are explained by all folds.
cp "$picture" copy.png
"$GRIMACE" data synth --preset mini --size 32 --animals 1 --images 2 --seed 9 --out other >/dev/null
says "explain pictures" 0 "3 images explained" explain run "./data/../$picture" copy.png other/images/rat1_s1_1.png --method gradcam --out named
check "by path, by bytes, by all" [ "$(column 2 named/index.csv | tr '\n' ' ')" = "rat1 rat1 all " ]
check "NAME is the path with _" [ -e "named/._data_.._data_images_rat1_s1_1.gradcam.png" ]
for fold in rat1 rat2 rat3; do
    "$GRIMACE" explain run/fold-$fold/model.safetensors other/images/rat1_s1_1.png --method gradcam --class 1 --out "by-$fold" >/dev/null
done
"$GRIMACE" explain run other/images/rat1_s1_1.png --method gradcam --class 1 --out by-all >/dev/null
check "all is the mean of the folds' maps" bash -c "paste <(od -An -v -t f4 -w4 -j 128 by-rat1/*cells.npy) <(od -An -v -t f4 -w4 -j 128 by-rat2/*cells.npy) \
    <(od -An -v -t f4 -w4 -j 128 by-rat3/*cells.npy) <(od -An -v -t f4 -w4 -j 128 by-all/*cells.npy) |
    awk '{ d = (\$1 + \$2 + \$3) / 3 - \$4; if (d * d > 1e-10 * (\$4 * \$4 + 1e-6)) bad = 1; n++ } END { exit bad || n != 4 }'"
check "and of their logits" awk -F, 'FNR == 2 { if (FILENAME ~ /all/) all = $5; else s += $5 / 3 } END { exit !((s - all) ^ 2 < 1e-10) }' by-*/index.csv
check "without --class it is that of the mean" [ "$(column 3 named/index.csv | tail -n 1)" = "$("$GRIMACE" predict run other/images/rat1_s1_1.png | tail -n 1 | cut -d, -f2)" ]

# Every method; noise follows from the seed.
for method in gradcam++ saliency integrated_gradients smoothgrad occlusion; do
    says "$method" 0 "1 image explained" explain $model "$picture" --method $method --out "m-$method"
done
says "integrated gradients says what its sum misses" 0 "misses f\(x\) - f\(baseline\) by [0-9.e-]+ at most" explain $model "$picture" \
    --method integrated_gradients --steps 16 --baseline mean --out m-mean
made=0
for seed in 5 5 6; do
    "$GRIMACE" explain $model "$picture" --method smoothgrad --samples 3 --noise 0.2 --seed $seed --out "m-s$((++made))" >/dev/null
done
check "the same seed, the same map" cmp -s m-s1/data_images_rat1_s1_1.smoothgrad.npy m-s2/data_images_rat1_s1_1.smoothgrad.npy
check "another seed, another map" bash -c "! cmp -s m-s1/data_images_rat1_s1_1.smoothgrad.npy m-s3/data_images_rat1_s1_1.smoothgrad.npy"
says "a layer" 0 "explained" explain $model "$picture" --method gradcam --layer backbone.stage3 --out m-layer
check "is named in the table" [ "$(column 7 m-layer/index.csv)" = backbone.stage3.7.shuffle ]

says "what there is" 0 "^occlusion +how much the answer falls" explain --list
# What is refused, and leaves nothing behind.
says "a list of one model" 2 "--list stands alone" explain run --list
says "no such layer" 2 "layer \"stag4.3.shuffle\".* did you mean stage4.3.shuffle.* they are conv5.2, " explain run "$picture" --method gradcam --layer stag4.3.shuffle --out x
says "no such class" 2 "--class: the model has no \"2\"; 0 or 1 would be right" explain run "$picture" --method gradcam --class 2 --out x
says "no such method" 2 "there is no method \"gradcamm\"; attention, gradcam, " explain run "$picture" --method gradcamm --out x
says "no such baseline" 2 "black or mean would be right" explain run "$picture" --method integrated_gradients --baseline white --out x
says "an option of another method" 2 "--steps: gradcam has no such option, which is of integrated_gradients" explain run "$picture" --method gradcam --steps 3 --out x
says "a method twice" 2 "gradcam is named twice" explain run "$picture" --method gradcam,gradcam --out x
says "no method" 2 "no method is named" explain run "$picture" --out x
says "no folder" 2 "--out is missing" explain run "$picture" --method gradcam
says "no image" 2 "no image is named" explain run --method gradcam --out x
says "noise that is none" 2 "--noise: \"-1\"" explain run "$picture" --method smoothgrad --noise=-1 --out x
check "nothing was made" [ ! -e x ]
says "a folder that holds files" 2 "maps: holds files already" explain run "$picture" --method gradcam --out maps
check "which stays as it is" [ "$(wc -l <maps/index.csv)" -eq 49 ]
says "unless forced" 0 "1 image explained" explain run "$picture" --method gradcam --out maps --force
check "and has the table of what came last" [ "$(wc -l <maps/index.csv)" -eq 2 ]

# Broken pictures: the others go on.
echo none >none.png
says "a broken picture among good ones" 1 "none.png: .*; 1 of 2 images could not be read" explain run none.png "$picture" --method gradcam,attention --out broken
check "it has an empty row with the reason" grep -qE '^none.png,,,,,,,,.+' broken/index.csv
check "the other has both" [ "$(grep -c '^data/images/rat1_s1_1.png,rat1,.*,$' broken/index.csv)" -eq 2 ]
says "only broken ones" 2 "1 of 1 images could not be read" explain run none.png --method gradcam --out broken2
says "two pictures of one name" 0 "3 images" explain $model copy.png ./copy.png copy.png --method attention --out twice
check "are told apart" [ -e twice/copy_2.attention.png ]

# Killed, it leaves whole files or none, and no table.
"$GRIMACE" explain run --manifest data/manifest.csv --method smoothgrad,gradcam --samples 40 --out killed >/dev/null 2>&1 &
for _ in $(seq 1200); do sleep 0.05; [ -n "$(ls killed/*.png 2>/dev/null | head -n 1)" ] && break; done
kill -9 $! 2>/dev/null
wait $! 2>/dev/null
check "killed: it had begun" [ -n "$(ls killed/*.png 2>/dev/null | head -n 1)" ]
check "killed: no table" [ ! -e killed/index.csv ]
check "killed: every .npy is whole" bash -c '! find killed -name "*gradcam.npy" -size -9344c -o -name "*smoothgrad.npy" -size -9344c | grep -q .'

# Other tasks and learners.
"$GRIMACE" cv config.yaml model.classic=lbp_svm data.image.size=32 data.eval_transforms='[{resize: 32}]' data.train_transforms='[{resize: 32}]' model.lbp.grid=2 --out svm >/dev/null
says "LBP and a support vector machine by occlusion" 0 "1 image explained" explain svm "$picture" --method occlusion --out m-svm
says "and by nothing else" 2 "gradcam needs a network's gradients, which the model has not; occlusion would be right" explain svm "$picture" --method gradcam --out x
"$GRIMACE" train config.yaml model.head=linear --out plain >/dev/null
says "attention needs its head" 2 "attention needs the head painseeker's attention" explain plain "$picture" --method attention --out x
"$GRIMACE" train config.yaml task=ordinal model.head=linear --out ordinal >/dev/null
says "ordinal classes: the score" 0 "explained" explain ordinal "$picture" --method gradcam --out m-ordinal
check "is what is explained" [ "$(column 3 m-ordinal/index.csv)" = score ]
says "or a class" 0 "explained" explain ordinal "$picture" --method gradcam --class 1 --out m-ordinal1
"$GRIMACE" train config.yaml task=scores model.head=linear data.labels='[au_orbital, au_ear]' --out scores >/dev/null
says "scores: their sum" 0 "explained" explain scores "$picture" --method saliency --out m-scores
check "is called total" [ "$(column 3 m-scores/index.csv)" = total ]
says "or one" 0 "explained" explain scores "$picture" --method saliency --class au_ear --out m-ear
says "or none that is not there" 2 "au_orbital, au_ear or total would be right" explain scores "$picture" --method saliency --class ear --out x
"$GRIMACE" train config.yaml model.head=linear data.labels='[au_orbital, au_ear]' --out columns >/dev/null
says "a class of one of several columns" 0 "explained" explain columns "$picture" --method gradcam --class au_ear=1 --out m-column
"$GRIMACE" train config.yaml model.head=landmarks data.landmark_distance='[2, 5]' data.train_transforms='[{resize: 48}]' --out points >/dev/null
says "landmarks: a coordinate" 0 "explained" explain points "$picture" --method gradcam,occlusion --class lm3_x --out m-points
check "is a share of the side" awk -F, 'NR > 1 && !($3 == "lm3_x" && $4 == "" && $5 > -2 && $5 < 3) { exit 1 }' m-points/index.csv
exit $bad
