# Reads edges of edges.sh; prints each shortest circle between files of one room, once: under it a line a step, with the include line
# that makes it and what is known by it. Each of these lines closes the circle: without any one of them there is none.
$2 == $4 {
    key = $3 SUBSEP $5
    if (!(key in why)) {
        why[key] = $1 " " $6
        out[$3] = out[$3] " " $5
    } else if (split(more[key], w, ",") < 3)
        more[key] = more[key] ", " $6
}

function short(unit) { sub(/^src\//, "", unit); return unit }

# The shortest way from `a` back to `b`, by breadth first; way[] holds each unit's predecessor.
function search(a, b,    queue, head, tail, unit, next_units, n, i, seen) {
    delete way
    queue[tail++] = a
    seen[a] = 1
    while (head < tail) {
        unit = queue[head++]
        if (unit == b)
            return 1
        n = split(out[unit], next_units, " ")
        for (i = 1; i <= n; i++)
            if (!(next_units[i] in seen)) {
                seen[next_units[i]] = 1
                way[next_units[i]] = unit
                queue[tail++] = next_units[i]
            }
    }
    return 0
}

END {
    for (key in why)
        keys[++count] = key
    # sorted, so that the list does not depend on awk's order
    for (i = 2; i <= count; i++)
        for (j = i; j > 1 && keys[j] < keys[j - 1]; j--) {
            swap = keys[j]; keys[j] = keys[j - 1]; keys[j - 1] = swap
        }
    for (i = 1; i <= count; i++) {
        split(keys[i], end, SUBSEP)
        if (!search(end[2], end[1]))
            continue
        length_of = 0
        for (unit = end[1]; unit != end[2]; unit = way[unit])
            ring[length_of++] = unit
        ring[length_of++] = end[2] # backwards: ring[k + 1] knows ring[k], and end[1] = ring[0] knows end[2]
        least = 0
        for (k = 1; k < length_of; k++)
            if (ring[k] < ring[least])
                least = k
        text = ""
        for (k = 0; k < length_of; k++)
            text = text " " ring[(least + k) % length_of]
        if (text in told)
            continue
        told[text] = 1
        circles[++rings] = text
    }
    for (c = 1; c <= rings; c++) {
        n = split(circles[c], unit_of, " ")
        line = "circle: " short(unit_of[n])
        for (k = n - 1; k >= 1; k--)
            line = line " -> " short(unit_of[k])
        print line " -> " short(unit_of[n])
        for (k = n; k >= 1; k--) {
            from = unit_of[k]
            to = unit_of[k > 1 ? k - 1 : n]
            step = from SUBSEP to
            print "    " why[step] more[step]
        }
    }
}
