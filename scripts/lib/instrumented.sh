# instrumented.sh - the Rust and C tests with a library that was built to be watched: with a sanitizer, or counting what runs. Source it
# after messages.sh. RUSTFLAGS and CARGO_TARGET_DIR are set before these are called. TRIPLE is this machine's: cargo then builds what
# runs during the build without RUSTFLAGS.
#
#   rust_tests TRIPLE                         runs them; the names of the programs are then in $rust_programs
#   build_c_tests TRIPLE BUILD [OPTION...]    builds tests/c in BUILD, with these options of CMake
# shellcheck shell=bash

# These build and look at the library once more, in cargo's usual place: there is nothing to watch.
not_watched=(header shared_library)
rust_programs=()

rust_tests() {
  local log=$CARGO_TARGET_DIR/rust-tests.log file name command=(cargo test --locked --target "$1" --lib)
  for file in tests/*.rs; do
    name=$(basename "$file" .rs)
    [[ " ${not_watched[*]} " == *" $name "* ]] || command+=(--test "$name")
  done
  mkdir -p "$CARGO_TARGET_DIR"
  "${command[@]}" --no-run >"$log" 2>&1 || {
    cat "$log" >&2
    die "the Rust tests could not be built"
  }
  mapfile -t rust_programs < <(sed -n 's/^ *Executable .*(\(.*\))$/\1/p' "$log")
  "${command[@]}" --no-fail-fast --quiet
}

build_c_tests() {
  local library=$CARGO_TARGET_DIR/$1/debug/libstreamkinect2.so build=$2
  cargo build --locked --quiet --lib --target "$1"
  mkdir -p "$build"
  cmake -S tests/c -B "$build" -DCMAKE_BUILD_TYPE=RelWithDebInfo -DSTREAMKINECT2_LIBRARY="$library" \
    -DSTREAMKINECT2_SYSTEM_DISCOVERY=ON "${@:3}" >"$build/cmake.log" || {
    cat "$build/cmake.log" >&2
    die "CMake failed"
  }
  cmake --build "$build" --parallel 2 >"$build/build.log" 2>&1 || {
    cat "$build/build.log" >&2
    die "the C tests could not be built"
  }
}
