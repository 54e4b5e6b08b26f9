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

rm -rf "$prefix" "$work/project" "$work/net_project" "$work/refused"

if [ "$kind" = shared ]; then
  build=$work/build
  cmake -S "$source" -B "$build" -G Ninja -DCMAKE_BUILD_TYPE=Debug -DBUILD_SHARED_LIBS=ON \
    -DACTORNET_APPS=OFF -DACTORNET_TESTS=OFF -DACTORNET_BENCH=OFF -DCMAKE_DISABLE_PRECOMPILE_HEADERS=ON \
    -DCMAKE_CXX_COMPILER="$cxx" -DCMAKE_CXX_COMPILER_LAUNCHER="$launcher" -DCMAKE_CXX_FLAGS="${flags[*]} -O0 -g0"
  cmake --build "$build"
fi
cmake --install "$build" --prefix "$prefix" >"$work/install.log"

say() { printf '\n--- %s, %s libraries\n' "$1" "$kind"; }

fail() {
  echo "FAILED: $1" >&2
  exit 1
}

# configure SOURCE_DIR BUILD_DIR [ARGUMENT...]
configure() {
  cmake -S "$1" -B "$2" -G Ninja -DCMAKE_PREFIX_PATH="$prefix" -DCMAKE_CXX_COMPILER="$cxx" \
    -DCMAKE_CXX_COMPILER_LAUNCHER="$launcher" -DCMAKE_CXX_FLAGS="${flags[*]}" "${@:3}"
}

# run_with_package PACKAGE PROGRAM SOURCE
run_with_package() {
  local compile link library_dir
  read -ra compile < <(pkg-config --cflags "$1")
  read -ra link < <(pkg-config --libs "$1")
  library_dir=$(pkg-config --variable=libdir "$1")
  $launcher "$cxx" -std=c++20 "${flags[@]}" "${compile[@]}" -c "$3" -o "$work/$2.o"
  "$cxx" "${flags[@]}" "$work/$2.o" -o "$work/$2" "${link[@]}" "-Wl,-rpath,$library_dir"
  "$work/$2"
}

say 'find_package(actornet)'
configure "$here" "$work/project"
cmake --build "$work/project"
"$work/project/actors_consumer"

say 'find_package(actornet COMPONENTS net), without CAF'
without_caf=-DCMAKE_DISABLE_FIND_PACKAGE_CAF=ON
configure "$here/net" "$work/net_project" "$without_caf"
cmake --build "$work/net_project"
"$work/net_project/net_consumer"
! ldd "$work/net_project/net_consumer" | grep caf || fail 'a program on actornet::net alone links CAF'

say 'find_package(actornet), without CAF'
! configure "$here" "$work/refused" "$without_caf" >"$work/refused.log" 2>&1 || fail 'actors were found without CAF'
grep 'libcaf-dev' "$work/refused.log" || fail 'nobody said what is missing'

PKG_CONFIG_PATH=$(dirname "$(find "$prefix" -name actornet.pc)")
export PKG_CONFIG_PATH

say 'pkg-config actornet'
run_with_package actornet actors_consumer "$here/actors_consumer.cpp"

say 'pkg-config actornet-net'
run_with_package actornet-net net_consumer "$here/net/net_consumer.cpp"
! pkg-config --libs --static actornet-net | grep caf || fail 'actornet-net asks for CAF'
