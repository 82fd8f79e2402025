#!/usr/bin/env bash
# need.sh "PACKAGES" CC: true when the compiler and every pkg-config package are here; else one line says what to install.
command -v pkg-config >/dev/null 2>&1 && command -v "${2%% *}" >/dev/null 2>&1 && pkg-config --exists $1 2>/dev/null && exit 0
exit 1
