#!/usr/bin/env bash
# need.sh CC PACKAGE...: makes sure that the compiler, pkg-config and every pkg-config package are here.
# What is missing is installed through apt by root or with passwordless sudo; otherwise one line says what to run.
# GRIMACE_INSTALL=no only looks. Exit status 0: all is here; 2: something is still missing. Asks nothing of the network
# when all is here. need.sh --names PACKAGE...: only says what Debian calls them, the same in 12, 13 and sid.
set -u
compiler=$1
shift
packages=("$@")

# The Debian package behind each pkg-config name.
debian_name() {
    case $1 in
    openblas) echo libopenblas-dev ;;
    libpng) echo libpng-dev ;;
    zlib) echo zlib1g-dev ;;
    libdeflate) echo libdeflate-dev ;;
    libjpeg) echo libjpeg-dev ;;
    libwebp) echo libwebp-dev ;;
    libtiff-4) echo libtiff-dev ;;
    yaml-0.1) echo libyaml-dev ;;
    jansson) echo libjansson-dev ;;
    expat) echo libexpat1-dev ;;
    gsl) echo libgsl-dev ;;
    hdf5) echo libhdf5-dev ;;
    cairo) echo libcairo2-dev ;;
    libsvm) echo libsvm-dev ;;
    libavformat | libavcodec | libavutil | libswscale) echo "$1-dev" ;;
    libfuzzer) echo libclang-rt-dev ;;
    openmp) # GCC's comes with it
        case ${compiler%% *} in
        *clang-[0-9]*) echo "libomp-${compiler##*clang-}-dev" ;;
        *clang) echo libomp-dev ;;
        *) echo gcc ;;
        esac ;;
    cmocka) echo libcmocka-dev ;;
    *) echo "$1" ;;
    esac
}

if [ "$compiler" = --names ]; then
    for package in "${packages[@]}"; do debian_name "$package"; done
    exit
fi

compiles() { # shellcheck disable=SC2086 # CC may carry options
    $compiler -include stdio.h -E -x c /dev/null >/dev/null 2>&1
}

here() { # shellcheck disable=SC2086 # LIBSVM, OpenMP, libFuzzer and procps have no pkg-config file
    case $1 in
    build-essential | debhelper) dpkg-query -W -f '${Status}' "$1" 2>/dev/null | grep -q '^install ok installed' ;;
    procps) command -v pgrep >/dev/null ;;
    libsvm) $compiler -include libsvm/svm.h -E -x c /dev/null >/dev/null 2>&1 ;;
    openmp) $compiler -fopenmp -include omp.h -E -x c /dev/null >/dev/null 2>&1 ;;
    libfuzzer) echo 'int LLVMFuzzerTestOneInput(void){return 0;}' | $compiler -fsanitize=fuzzer -o /dev/null -x c - 2>/dev/null ;;
    *) pkg-config --exists "$1" 2>/dev/null ;;
    esac
}

missing() { # what Debian calls all that is not here, one a line
    if ! compiles; then
        case $compiler in
        *clang*) printf '%s\n' clang libc6-dev ;;
        *) printf '%s\n' gcc libc6-dev ;;
        esac
    fi
    if ! command -v pkg-config >/dev/null 2>&1; then
        echo pkg-config
        for package in "${packages[@]}"; do debian_name "$package"; done
    else
        for package in "${packages[@]}"; do
            here "$package" || debian_name "$package"
        done
    fi
}

install() { # as: nothing or sudo
    local apt=("$@" env DEBIAN_FRONTEND=noninteractive apt-get -qq -o DPkg::Lock::Timeout=120)
    local get=("${apt[@]}" install -y --no-install-recommends "${wanted[@]}")
    # The lists may be absent or too old on a fresh machine; they are fetched only then.
    "${get[@]}" || { "${apt[@]}" update && "${get[@]}"; }
}

read -r -d "" -a wanted <<<"$(missing)"
[ ${#wanted[@]} -eq 0 ] && exit 0
line="grimace: run: sudo apt-get install -y ${wanted[*]}"
if [ "${GRIMACE_INSTALL:-yes}" = no ] || ! command -v apt-get >/dev/null 2>&1; then
    echo "$line" >&2
    exit 2
fi
as=()
if [ "$(id -u)" != 0 ]; then
    if ! sudo -n true 2>/dev/null; then
        echo "$line" >&2
        exit 2
    fi
    as=(sudo)
fi
echo "grimace: installing ${wanted[*]}" >&2
log=$(mktemp)
trap 'rm -f "$log"' EXIT
install "${as[@]}" </dev/null >"$log" 2>&1
read -r -d "" -a wanted <<<"$(missing)"
[ ${#wanted[@]} -eq 0 ] && exit 0
tail -n 20 "$log" >&2
echo "grimace: run: sudo apt-get update && sudo apt-get install -y ${wanted[*]}" >&2
exit 2
