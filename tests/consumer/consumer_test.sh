#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
# Installs actornet into an empty prefix and builds the programs beside this script against it, as a user would: with
# find_package and with pkg-config, and runs them.
#
#   consumer_test.sh static|shared BUILD_DIR WORK_DIR CXX [FLAG...]
#
# `static` installs BUILD_DIR; `shared` builds the shared libraries from the same sources first, without precompiled
# headers, which shows that every source includes what it uses.
set -euo pipefail

kind=$1 build=$2 work=$3 cxx=$4
shift 4
flags=("$@")
here=$(cd "$(dirname "$0")" && pwd)
source=$(cd "$here/../.." && pwd)
mkdir -p "$work"
work=$(cd "$work" && pwd)
prefix=$work/prefix
launcher=$(command -v ccache || true)

rm -rf "$prefix" "$work/project"

if [ "$kind" = shared ]; then
  build=$work/build
  cmake -S "$source" -B "$build" -G Ninja -DCMAKE_BUILD_TYPE=Debug -DBUILD_SHARED_LIBS=ON \
    -DACTORNET_APPS=OFF -DACTORNET_TESTS=OFF -DACTORNET_BENCH=OFF -DCMAKE_DISABLE_PRECOMPILE_HEADERS=ON \
    -DCMAKE_CXX_COMPILER="$cxx" -DCMAKE_CXX_COMPILER_LAUNCHER="$launcher" -DCMAKE_CXX_FLAGS="${flags[*]} -O0 -g0"
  cmake --build "$build"
fi
cmake --install "$build" --prefix "$prefix" >"$work/install.log"

say() { printf '\n--- %s, %s libraries\n' "$1" "$kind"; }

say 'find_package(actornet)'
cmake -S "$here" -B "$work/project" -G Ninja -DCMAKE_PREFIX_PATH="$prefix" -DCMAKE_CXX_COMPILER="$cxx" \
  -DCMAKE_CXX_COMPILER_LAUNCHER="$launcher" -DCMAKE_CXX_FLAGS="${flags[*]}"
cmake --build "$work/project"
"$work/project/net_consumer"
"$work/project/actors_consumer"

say 'pkg-config actornet'
PKG_CONFIG_PATH=$(dirname "$(find "$prefix" -name actornet.pc)")
export PKG_CONFIG_PATH
read -ra compile < <(pkg-config --cflags actornet)
read -ra link < <(pkg-config --libs actornet)
library_dir=$(pkg-config --variable=libdir actornet)
$launcher "$cxx" -std=c++20 "${flags[@]}" "${compile[@]}" -c "$here/actors_consumer.cpp" -o "$work/actors_consumer.o"
"$cxx" "${flags[@]}" "$work/actors_consumer.o" -o "$work/actors_consumer" "${link[@]}" "-Wl,-rpath,$library_dir"
"$work/actors_consumer"
