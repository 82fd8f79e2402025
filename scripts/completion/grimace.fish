# Completion of grimace for fish. What comes next is asked of the program itself; where it knows nothing, files are offered.
function __grimace_complete
    set -l words (commandline -opc)
    $words[1] complete -- $words[2..-1] (commandline -ct) 2>/dev/null
end
complete -c grimace -n 'count (__grimace_complete) >/dev/null' -f -a '(__grimace_complete)'
