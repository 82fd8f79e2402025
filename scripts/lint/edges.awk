# See edges.sh. Reads ROOM, FILE, INCLUDE, NAME, DEFINES and USES lines in this order.

function stem(path) { sub(/.*\//, "", path); sub(/\.[a-z]+$/, "", path); return path }

function room_of(file,    part, name) {
    split(file, part, "/")
    if (part[1] == "include") {
        name = stem(file)
        return name in owner ? owner[name] : name
    }
    return part[1] == "src" ? part[2] : part[1]
}

function unit_of(file,    room) {
    if (file ~ /^include\// && (room_of(file), stem(file)) in source)
        return source[room_of(file), stem(file)]
    sub(/\.[a-z]+$/, "", file)
    return file
}

# The file that an object was compiled from: OBJECTS/src/x/y.o, OBJECTS/kernels/[set/]K_x.o. It may be gone, and its object still lie there.
function compiled_from(object) {
    sub(/:.*/, "", object)
    object = substr(object, length(objects) + 2)
    sub(/^kernels\/[a-z0-9_]+\//, "kernels/", object)
    sub(/\.o$/, ".c", object)
    return object
}

function edge(file, line, to, what,    from, key) {
    from = unit_of(file)
    key = file " " unit_of(to) " " what
    if (from == unit_of(to) || key in told)
        return
    told[key] = 1
    print file ":" line, room_of(file), from, room_of(to), unit_of(to), what
}

$1 == "ROOM" {
    for (i = 3; $2 == "public" && i <= NF; i++)
        if (split($i, pair, "=") == 2)
            owner[pair[1]] = pair[2]
}

$1 == "FILE" {
    files[$2] = 1
    if ($2 ~ /\.c$/) {
        short = $2
        sub(/\.c$/, "", short)
        source[room_of($2), stem($2)] = short
    }
}

$1 == "INCLUDE" {
    at = $2
    sub(/:[0-9]+:.*/, "", at)
    line = $2
    sub(/^[^:]*:/, "", line)
    sub(/:.*/, "", line)
    header = $0
    sub(/^[^"]*"/, "", header)
    sub(/".*/, "", header)
    folder = at
    sub(/[^\/]*$/, "", folder)
    found = ("src/" header) in files ? "src/" header : ("include/" header) in files ? "include/" header : header in files ? header : folder header
    included[at, found] = line
    if (found in files)
        edge(at, line, found, header)
}

$1 == "NAME" {
    split($2, part, ":")
    if (!((part[3], part[1]) in named)) {
        named[part[3], part[1]] = 1
        headers[part[3]] = headers[part[3]] " " part[1]
    }
}

$1 == "DEFINES" && $NF ~ /^gr_/ && (at = compiled_from($2)) in files { home[$NF] = at }

$1 == "USES" && $NF in home {
    at = compiled_from($2)
    if (!(at in files) || at == home[$NF])
        next
    line = 0
    where = at
    header_at = at
    sub(/\.c$/, ".h", header_at)
    n = split(headers[$NF], list, " ")
    for (i = 1; i <= n && line == 0; i++)
        if ((at, list[i]) in included)
            line = included[at, list[i]]
        else if ((header_at, list[i]) in included) {
            line = included[header_at, list[i]]
            where = header_at
        }
    edge(where, line, home[$NF], $NF "()")
}
