#!/bin/bash
# grimace explain --method deep_taylor and lrp: sums, rules, every task, and what is refused.
. "$(dirname "$0")/common.sh"
make_data || { no "data synth"; exit 1; }
sed -i 's/backbone: blackmice_cnn, head: linear/backbone: shufflenet_v2, width: 0.5, head: painseeker/; s/size: 16/size: 32/; s/resize: 20/resize: 36/
    s/random_crop: 16/random_crop: 32/; s/epochs: 3, batch_size: 5/epochs: 1, batch_size: 4/' config.yaml
"$GRIMACE" train config.yaml --out run >/dev/null || { no "train"; exit 1; }
model=$(echo run/fold-*/model.safetensors)
picture=data/images/rat1_s1_1.png

# sum_is_logit NAME TABLE: in every row of deep_taylor the sum is the logit to 1e-4.
sum_is_logit() {
    check "$1" awk -F, 'NR > 1 && $6 == "deep_taylor" { n++; d = $8 - $5; if (!(d * d <= 1e-8 * $5 * $5)) bad = 1 }
        END { exit bad || n == 0 }' "$2"
}

says "several methods at once" 0 "24 images explained by deep_taylor,lrp" explain "$model" --manifest data/manifest.csv \
    --method deep_taylor,lrp --out maps
check "a row for each" [ "$(wc -l <maps/index.csv)" -eq 49 ]
sum_is_logit "deep Taylor's sum is the logit" maps/index.csv
check "the file's sum is the table's" bash -c "awk -v a=\"\$(od -An -v -t f4 -w4 -j 128 maps/images_rat1_s1_1.deep_taylor.npy |
    awk '{ s += \$1 } END { print s }')\" -v b=\"\$(awk -F, '\$1 ~ /rat1_s1_1/ && \$6 == \"deep_taylor\" { print \$8 }' maps/index.csv)\" \
    'BEGIN { exit !((a - b) ^ 2 <= 1e-8 * b * b) }'"
says "alone" 0 "1 image explained" explain "$model" "$picture" --method deep_taylor --out alone
check "an image's map is the same in any batch" bash -c "paste <(od -An -v -t f4 -w4 -j 128 alone/*.npy) \
    <(od -An -v -t f4 -w4 -j 128 maps/images_rat1_s1_1.deep_taylor.npy) |
    awk '{ d = \$1 - \$2; if (d * d > 1e-10) bad = 1; n++ } END { exit bad || n != 1024 }'"

# Rules by name; each makes a map of its own.
n=0
for rules in epsilon epsilon:0.01 gamma:0.25 alpha_beta:2,1 epsilon_gamma_box epsilon_plus epsilon_plus_flat epsilon_alpha2_beta1 \
    epsilon_alpha2_beta1_flat flat w2 deep_taylor innvestigate innvestigate_bounded; do
    says "$rules" 0 "1 image explained by lrp" explain "$model" "$picture" --method lrp --rules $rules --out "rules$((++n))"
done
check "no two are the same" [ "$(for i in $(seq $n); do sha256sum <"$(echo rules$i/*.npy)"; done | sort -u | wc -l)" -eq "$n" ]
says "without a name" 0 "explained" explain "$model" "$picture" --method lrp --out plain
check "they are epsilon_gamma_box" cmp -s plain/data_images_rat1_s1_1.lrp.npy rules5/data_images_rat1_s1_1.lrp.npy
says "an epsilon" 0 "explained" explain "$model" "$picture" --method lrp --rules epsilon --epsilon 0.01 --out epsilon
check "is that of epsilon:0.01" cmp -s epsilon/data_images_rat1_s1_1.lrp.npy rules2/data_images_rat1_s1_1.lrp.npy
says "innvestigate's form" 0 "explained" explain "$model" "$picture" --method deep_taylor --rules innvestigate --out form
check "is the rules' of that name" cmp -s form/data_images_rat1_s1_1.deep_taylor.npy rules13/data_images_rat1_s1_1.lrp.npy

# Every task: a score, a coordinate, an ordered class, one of several columns.
"$GRIMACE" train config.yaml task=scores data.label=score model.head=linear --out scores >/dev/null
"$GRIMACE" train config.yaml task=ordinal data.label=au_ear model.head=linear --out ordinal >/dev/null
"$GRIMACE" train config.yaml task=landmarks model.head=landmarks model.backbone=blackmice_cnn model.width=1 'data.train_transforms=[{resize: 32}]' --out landmarks >/dev/null
sed '/^  label:/d' config.yaml >columns.yaml
"$GRIMACE" train columns.yaml 'data.labels=[au_ear, au_orbital]' model.backbone=mobilenet_v3_small --out columns >/dev/null
for task in scores ordinal landmarks columns; do
    says "$task" 0 "explained" explain $task/fold-*/model.safetensors "$picture" --method deep_taylor --out "of-$task"
    sum_is_logit "the sum is its value" "of-$task/index.csv"
done
says "a coordinate" 0 "explained" explain landmarks/fold-*/model.safetensors "$picture" --method deep_taylor --class lm2_y --out of-point
check "by its name" [ "$(tail -n 1 of-point/index.csv | cut -d, -f3)" = lm2_y ]
sum_is_logit "the sum is the coordinate" of-point/index.csv

# What is refused, and leaves nothing behind.
says "no such rules" 2 "--rules: unknown rules 'gama'; did you mean 'gamma'\?" explain "$model" "$picture" --method lrp --rules gama --out x
says "numbers that do not fit" 2 "alpha 2 and beta 2; beta must be alpha - 1" explain "$model" "$picture" --method lrp --rules alpha_beta:2,2 --out x
says "rules of another method" 2 "deep_taylor has no rules \"gamma\"; .*--method lrp" explain "$model" "$picture" --method deep_taylor --rules gamma --out x
says "an epsilon of rules without one" 2 "--epsilon: the rules flat have no epsilon" explain "$model" "$picture" --method lrp --rules flat --epsilon 1 --out x
says "no epsilon" 2 "--epsilon: \"0\" is no number above 0" explain "$model" "$picture" --method lrp --epsilon 0 --out x
says "rules of a method without" 2 "--rules" explain "$model" "$picture" --method occlusion --rules gamma --out x
says "an epsilon of a method without" 2 "--epsilon" explain "$model" "$picture" --method deep_taylor --epsilon 1 --out x
"$GRIMACE" train config.yaml model.classic=lbp_svm --out svm >/dev/null 2>err.txt || no "a support vector machine: $(cat err.txt)"
says "a model without a network" 2 "deep_taylor needs a network's gradients" explain svm "$picture" --method deep_taylor --out x
check "nothing was written" [ ! -e x ]

exit $bad
