#!/bin/bash
# grimace explain over a set: looks, one scale, contact sheets, mean maps, trials, and the figures of maps.
. "$(dirname "$0")/common.sh"
make_data || { no "data synth"; exit 1; }
sed -i 's/backbone: blackmice_cnn, head: linear/backbone: shufflenet_v2, width: 0.5, head: painseeker/; s/size: 16/size: 48/; s/resize: 20/resize: 52/; s/random_crop: 16/random_crop: 48/; s/lr: 1.0e-3/lr: 0.01/' config.yaml
"$GRIMACE" cv config.yaml --out run >/dev/null || { no "cv"; exit 1; }
model=run/fold-rat1/model.safetensors
all="--manifest data/manifest.csv"
head -n 7 data/manifest.csv >data/few.csv
few="--manifest data/few.csv"
# Width, height of a PNG.
png() { od -An -t u1 -j 16 -N 8 "$1" | awk '{ print $3 * 256 + $4, $7 * 256 + $8 }'; }

# Pictures: three panels and a colour bar; looks change the PNG and no number.
says "explain" 0 "6 images explained" explain run $few --method gradcam,saliency --out plain
check "three panels and a bar" [ "$(png plain/images_rat1_s1_1.gradcam.png)" = "216 48" ]
says "other colours" 0 "6 images" explain run $few --method gradcam,saliency --colours cividis --out cividis
says "more of the map" 0 "6 images" explain run $few --method gradcam,saliency --opacity 0.8 --out opaque
says "one scale" 0 "6 images" explain run $few --method gradcam,saliency --scale set --out scaled
for look in cividis opaque scaled; do
    check "$look: the numbers stay" cmp -s plain/images_rat1_s1_1.gradcam.npy $look/images_rat1_s1_1.gradcam.npy
    check "$look: so does the table" cmp -s plain/index.csv $look/index.csv
done
check "cividis is another picture" bash -c '! cmp -s plain/images_rat1_s1_1.gradcam.png cividis/images_rat1_s1_1.gradcam.png'
check "but not of a map with signs" cmp -s plain/images_rat1_s1_1.saliency.png cividis/images_rat1_s1_1.saliency.png
check "opacity is seen" bash -c '! cmp -s plain/images_rat1_s1_1.saliency.png opaque/images_rat1_s1_1.saliency.png'
# With one scale the map that has the set's largest number is as before, the others are not.
same=0
for i in 1 2 3 4; do cmp -s plain/images_rat1_s1_$i.gradcam.png scaled/images_rat1_s1_$i.gradcam.png && same=$((same + 1)); done
check "one scale: one picture at most stays" [ $same -le 1 ]
says "no such colours" 2 "no colours \"jet\"; viridis or cividis would be right" explain run $few --method gradcam --colours jet --out x
says "no such opacity" 2 "--opacity: \"2\" is no number above 0 and at most 1" explain run $few --method gradcam --opacity 2 --out x
says "no such scale" 2 "--scale: there is no scale \"all\"; each or set" explain run $few --method gradcam --scale all --out x

# Contact sheet and mean maps.
says "a sheet and means" 0 "24 images" explain run $all --method gradcam,attention --sheet --mean animal --out set
check "the sheet is there" [ "$(png set/sheet.png | cut -d' ' -f1)" -gt 500 ]
check "a mean of each animal and method" [ "$(find set -name 'MEAN.animal-rat?.*.png' | wc -l)" -eq 6 ]
check "with its numbers" [ "$(find set -name 'MEAN.animal-rat?.*.npy' | wc -l)" -eq 6 ]
floats() { od -An -v -t f4 -w4 -j 128 "$1" | tr -d ' '; }
check "which are the means" bash -c "paste <(od -An -v -t f4 -w4 -j 128 set/MEAN.animal-rat1.gradcam.npy) \
    <(for f in set/images_rat1_*.gradcam.npy; do od -An -v -t f4 -w4 -j 128 \$f; done | awk '{ s[(NR - 1) % 2304] += \$1; n++ } END { for (i = 0; i < 2304; i++) print s[i] / (n / 2304) }') |
    awk '{ d = \$1 - \$2; if (d * d > 1e-8 * (\$2 * \$2 + 1e-6)) bad = 1; n++ } END { exit bad || n != 2304 }'"
check "and how many images" [ "$(awk -F, '$2 == "rat2" && $3 == "gradcam" { print $4 }' set/means.csv)" -eq 8 ]
says "means by the true classes" 0 "24 images" explain run $all --method attention --mean label --label pain --out labels
check "are called after their column" [ -e labels/MEAN.pain-1.attention.npy ]
says "no such column" 2 "there is no column \"animals\", did you mean animal\?" explain run $all --method attention --mean animals --out x
says "a column without a table" 2 "--mean: is a column of --manifest" explain run data/images/rat1_s1_1.png --method attention --mean animal --out x
says "no such labels" 2 "there is no column .none" explain run $all --method attention --mean label --label none --out x
check "nothing was made" [ ! -e x ]

# Trials.
says "check" 0 "^gradcam +6 +0\.[0-9]+ +0\.[0-9]+ +-?[0-9.]+ " explain run $few --method gradcam,attention --check --out trust
check "a row for each image and method" [ "$(wc -l <trust/check.csv)" -eq 13 ]
check "its columns" [ "$(head -n 1 trust/check.csv)" = image,fold,label,class,method,deletion,insertion,random_1,random_2,random_3,random_4,random_5,random_6,random_7,random_8,pointing,inside,parts ]
check "maps are the same as without" cmp -s plain/images_rat1_s1_1.gradcam.npy trust/images_rat1_s1_1.gradcam.npy
check "shares are shares" awk -F, 'NR > 1 && !($6 >= 0 && $6 <= 1 && $7 >= 0 && $7 <= 1 && $17 >= 0 && $17 <= 1 && $18 > 0 && $18 < 1) { exit 1 }' trust/check.csv
check "the classifier alone does not change attention" awk -F, 'NR > 1 && $5 == "attention" && $15 == "" { exit 1 }' trust/check.csv
check "means by class and fold" grep -q '"by_fold"' trust/check.json
says "again the same" 0 "" explain run $few --method gradcam,attention --check --out trust2
check "bit for bit" cmp -s trust/check.csv trust2/check.csv
"$GRIMACE" data synth --preset mini --size 32 --animals 1 --images 2 --seed 9 --out other >/dev/null
says "images that all folds explain are left out" 0 "notice: 2 images were not checked" explain run --manifest other/manifest.csv --method gradcam --check --out new
says "a model alone checks them" 0 "^gradcam +2 " explain $model --manifest other/manifest.csv --method gradcam --check --out alone
says "labels for nothing" 2 "--label: is for --sheet, --mean and --check" explain run $all --method attention --label pain --out x
"$GRIMACE" cv config.yaml model.classic=lbp_svm data.image.size=32 data.eval_transforms='[{resize: 32}]' data.train_transforms='[{resize: 32}]' model.lbp.grid=2 --out svm >/dev/null
says "without a network no layers" 0 "^occlusion +6 +0\.[0-9]+ +0\.[0-9]+ +- +- +- " explain svm $few --method occlusion --check --out svmtrust

# Figures.
says "the figure maps" 0 "examples with maps by gradcam" figure run maps --out maps.svg --table maps.csv
check "has pictures and numbers" bash -c 'grep -q "<image" maps.svg && [ "$(wc -l <maps.csv)" -ge 5 ]'
says "the figure attention" 0 "examples with maps by attention, each by the model that tested it: class" figure run attention --out attention.png --dpi 100
check "is a picture" [ "$(png attention.png | cut -d' ' -f1)" -gt 300 ]
says "of another learner there is none" 0 "(attention|maps) +the run's learner is no network" figure svm --list
"$GRIMACE" cv config.yaml model.head=linear --out linear >/dev/null
says "nor attention of another head" 0 "attention +the run's head has no attention \(model.head is linear" figure linear --list
mkdir moved && mv data/images moved/
says "nor without pictures" 0 "attention +the run's pictures are not there any more" figure run --list
mv moved/images data/
rm run/fold-*/model.safetensors
says "nor without models" 0 "attention +the run's models are not there any more" figure run --list
exit $bad
