#!/usr/bin/env bash
# Runs the Rust and the C tests under AddressSanitizer: accesses outside of memory or after its end, and leaks. The Rust code, the C and
# C++ linked into the library, and the C tests are all watched.
#
#   scripts/asan.sh [rust|c]
#
#   rust     the Rust tests only
#   c        the C tests only
#   --help   show this
#
# Needs a Rust that has the sanitizer: that of rustup does, Debian's does not. Exit status: 0 if nothing was found.
set -euo pipefail
top=$(cd "$(dirname "$0")/.." && pwd)
cd "$top"
for part in messages needs sanitizer instrumented; do
  # shellcheck source=/dev/null
  . "$top/scripts/lib/$part.sh"
done

which=both
case ${1:-} in
  '') ;;
  --help | -h)
    sed -n '2,/^set /{/^set /d;s/^# \{0,1\}//p}' "$0"
    exit 0
    ;;
  rust | c) which=$1 ;;
  *) refuse "\"$1\" is neither rust nor c" ;;
esac

need ca-certificates
need gcc cc
need g++ c++
need make make
need cmake cmake
need_rust Cargo.toml
install_needs
need_sanitizer
use_sanitizer
export CARGO_TARGET_DIR=$top/target/asan
# A little optimisation: most of what is slow then is the checking.
export CARGO_PROFILE_DEV_OPT_LEVEL=1

if [ $which != c ]; then
  say "Rust tests under AddressSanitizer"
  rust_tests "$triple"
fi

if [ $which != rust ]; then
  say "C tests under AddressSanitizer"
  build_c_tests "$triple" "$CARGO_TARGET_DIR/c" -DKINECT2_TEST_SLOWNESS=4 -DCMAKE_C_FLAGS="-fsanitize=address -fno-omit-frame-pointer"
  # These measure memory, of which the sanitizer keeps 256 MB that were freed, or look for signal handlers, of which it sets three: they
  # run with little of the one and without the other.
  modest='^c_(guarantee_12_nothing_before|stalled_callback|flood|frozen_client|soak_short)$'
  cd "$CARGO_TARGET_DIR/c"
  # A test that preloads a clock of its own comes before the sanitizer, which would refuse that.
  ASAN_OPTIONS=verify_asan_link_order=0 ctest --output-on-failure --parallel 4 --exclude-regex "$modest"
  ASAN_OPTIONS=quarantine_size_mb=1:thread_local_quarantine_size_kb=16:handle_segv=0:handle_sigbus=0:handle_sigfpe=0 \
    ctest --output-on-failure --tests-regex "$modest"
fi
