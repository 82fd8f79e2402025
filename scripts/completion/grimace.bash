# Completion of grimace for bash. What comes next is asked of the program itself; where it knows nothing, files are offered.
_grimace() {
    local line=${COMP_LINE:0:COMP_POINT} words IFS=$' \t\n'
    read -ra words <<<"$line"
    [[ $line == *[[:space:]] ]] && words+=("")
    # bash cuts words at "=": only what stands behind it is replaced.
    local word=${words[-1]} before=
    [[ $word == *=* && $COMP_WORDBREAKS == *=* ]] && before=${word%"${word##*=}"}
    local candidate
    COMPREPLY=()
    while IFS=$'\t' read -r candidate _; do
        COMPREPLY+=("${candidate#"$before"}")
    done < <("${words[0]}" complete -- "${words[@]:1}" 2>/dev/null)
    [[ ${#COMPREPLY[@]} -eq 1 && ${COMPREPLY[0]} == *= ]] && compopt -o nospace
}
complete -o bashdefault -o default -F _grimace grimace
