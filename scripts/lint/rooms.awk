# Reads rooms.txt, then edges of edges.sh; prints each that goes against the order of the rooms.
FNR == NR {
    if ($0 ~ /^#/ || NF == 0 || $1 == "public")
        next
    room = $1
    sub(/:$/, "", room)
    order[room] = ++count
    for (i = 2; i <= NF; i++)
        never[room, $i] = 1
    next
}
!($2 in order) { print $1 ": " $2 " is no room of scripts/lint/rooms.txt"; next }
!($4 in order) { print $1 ": " $6 " belongs to no room of scripts/lint/rooms.txt"; next }
order[$4] > order[$2] { print $1 ": " $2 " may not know " $6 " of " $4 ", which is below it"; next }
($2, $4) in never { print $1 ": " $2 " must not know " $6 " of " $4 }
