# sanitizer.sh - AddressSanitizer for the library and all that is linked into it. Source it after messages.sh and needs.sh.
#
#   need_sanitizer     ends the script where this Rust cannot
#   use_sanitizer      cargo then builds with it, for $triple, also the C and C++ in the crates
# shellcheck shell=bash

triple=
sanitizer_runtime=

need_sanitizer() {
  triple=$(rustc -vV | sed -n 's/^host: //p')
  local folder
  folder=$(rustc --print target-libdir)
  sanitizer_runtime=$(find "$folder" -maxdepth 1 -name 'librustc*_rt.asan.a' -print -quit)
  [ -n "$sanitizer_runtime" ] || die "this Rust comes without AddressSanitizer ($folder has no librustc-*_rt.asan.a): Debian's does,
the one of https://rustup.rs has it"
}

use_sanitizer() {
  local name=${triple//-/_}
  # The stable compiler has what it takes, but only talks of it to its own makers.
  export RUSTC_BOOTSTRAP=1
  export RUSTFLAGS="-Zsanitizer=address -Cforce-frame-pointers=yes"
  # libzmq, libsodium and liblz4: gcc's instrumentation calls the same runtime. It names symbols of it, which a shared library can only
  # do with -fPIC: libsodium would add -fPIE.
  export SODIUM_DISABLE_PIE=1
  local flags="-fsanitize=address -fno-omit-frame-pointer -fPIC"
  export "CFLAGS_$name=$flags" "CXXFLAGS_$name=$flags"
}
