#!/bin/bash
# broken_inputs.sh BAD DATA: fills the folder BAD with configs, tables, images and weights that grimace must refuse, made from the
# synthetic set in DATA.
cd "$1" || exit 1
data=$(realpath "../$2")
printf 'name: [\n' >yaml.yaml
printf 'name: x\n\tseed: 1\n' >tab.yaml
: >empty.yaml
printf 'a: &a [x,x,x,x,x,x,x,x,x]\nb: &b [*a,*a,*a,*a,*a,*a,*a,*a]\nc: [*b,*b,*b,*b,*b,*b]\n' >aliases.yaml
printf 'name: \377\n' >utf8.yaml
printf 'seed: 1\nseed: 2\n' >twice.yaml
printf 'data: 3\n' >section.yaml

: >w_empty.safetensors
printf '\377\377\377\377\377\377\377\177{}' >w_length.safetensors
printf '\002\000\000\000\000\000\000\000{}' >w_none.safetensors
printf '\074\000\000\000\000\000\000\000{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,9999999]}}' >w_beyond.safetensors
echo '{"a": 1}' >w_text.safetensors

# table NAME AWK: the manifest, whose rows go through a program that sees the columns' places in at[].
table() {
    awk -F, -v OFS=, 'NR == 1 { for (i = 1; i <= NF; i++) at[$i] = i } NR > 1 && !/^images/ { next } NR > 1 { $1 = "../data/" $1 } '"$2"' { print }' \
        "$data/all.csv" >"$1.csv"
}
victim() { # NAME: a table whose fourth line is that image
    table "$1" "NR == 4 { \$1 = \"$1.png\" }"
}
whole=$data/images/rat1_s1_1.png
victim image_empty && : >image_empty.png
victim image_cut && head -c 700 "$whole" >image_cut.png
victim image_text && echo "no picture at all" >image_text.png
victim image_zeros && head -c 2000 /dev/zero >image_zeros.png
victim image_absent
victim image_folder && mkdir -p image_folder.png
table twice 'NR == 3 { first = $1 } NR == 4 { $1 = first; $at["pain"] = 1 - $at["pain"] }'
table no_label 'NR == 5 { $at["pain"] = "" }'
table one_class 'NR > 1 { $at["pain"] = 1 }'
table beyond 'NR == 4 { $at["lm1_x"] = 49; $at["lm1_y"] = 1 }'
table half 'NR == 3 { $at["lm1_y"] = "" }'
table no_landmarks 'NR == 1 { for (i = 14; i <= NF; i++) $i = "x" i }'
table no_number 'NR == 3 { $at["lm1_x"] = "left" }'
: >none.csv
echo 'image,pain' >header_only.csv
printf 'image,pain\n"x.png,1\n' >quote.csv
printf 'image,pain\nx.png\n' >short_row.csv
printf 'image,image,pain\nx.png,x.png,1\n' >columns_twice.csv
printf 'image,pain\n\377.png,1\n' >utf8.csv
printf 'picture,pain\nx.png,1\n' >no_image.csv
sed 's/,pain,/,ache,/' "$data/icope.csv" >other_label.csv
printf 'image,rater,ear,eye\np,r1,1,3\n' >ratings.csv
