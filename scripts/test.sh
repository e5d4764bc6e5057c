#!/usr/bin/env bash
# Installs what the tests need and runs all of them: 25 minutes at most on a cold machine with two cores.
#
#   scripts/test.sh [--strict]
#
#   --strict   a check that must be skipped on this machine fails the run (for CI)
#   --help     show this
#
# What takes longer is in scripts/test-long.sh. Exit status: 0 if everything passed.
set -euo pipefail
top=$(cd "$(dirname "$0")/.." && pwd)
cd "$top"
for part in messages needs; do
  # shellcheck source=/dev/null
  . "$top/scripts/lib/$part.sh"
done

# With the minutes and seconds since the beginning: what takes how long.
say() { printf '\n== [%2d:%02d] %s\n' $((SECONDS / 60)) $((SECONDS % 60)) "$*"; }

strict=
case ${1:-} in
  '') ;;
  --strict) strict=1 ;;
  --help | -h)
    sed -n '2,/^set /{/^set /d;s/^# \{0,1\}//p}' "$0"
    exit 0
    ;;
  *) refuse "unknown option \"$1\"" ;;
esac

skipped=()
skip() {
  printf '\n== SKIPPED: %s\n' "$*"
  skipped+=("$*")
}

need ca-certificates
need gcc cc
need g++ c++
need make make
need cmake cmake
need pkg-config pkg-config
need libpng-dev
need binutils readelf
need python3 python3
need python3-venv
need valgrind valgrind
need iproute2 ip
need util-linux chrt
need nftables nft
need libavahi-client-dev
need libclang-dev
need avahi-daemon avahi-daemon
need avahi-utils avahi-browse
need dbus dbus-daemon
need abigail-tools abidiff
need clang clang++
need mono-mcs mcs
need mono-runtime mono
need libmono-cil-dev
need libmono-cecil-private-cil
need glslang-tools glslangValidator
need libc6-dbg # valgrind knows the loader's tricks by its symbols
need_rust Cargo.toml
install_needs

say "Toolchain: $(rustc --version), $(cc --version | head -n 1), $(cmake --version | head -n 1)"

say "Scripts parse"
for script in scripts/*.sh scripts/lib/*.sh tests/*/*.sh bindings/*/*.sh bindings/*/*/*.sh .ci/run; do bash -n "$script"; done

say "One version everywhere, and the third-party notices are current"
scripts/version.py >/dev/null
tests/version/run.sh
scripts/third_party.py --check

if cargo fmt --version >/dev/null 2>&1; then
  say "rustfmt"
  cargo fmt --all --check
else
  skip "rustfmt: this Rust has none (Debian's rustc-web comes without)"
fi
if cargo clippy --version >/dev/null 2>&1; then
  say "clippy"
  cargo clippy --locked --quiet --workspace --all-targets -- -D warnings
else
  skip "clippy: this Rust has none (Debian's rustc-web comes without)"
fi

say "Rust: unit, property and integration tests; header, contract and exports"
cargo test --locked --quiet --workspace
say "Rust: the self-contained build, without the system's discovery"
cargo test --locked --quiet --no-default-features --lib

# What is written down has sizes and places of 64-bit machines with Linux.
if [ "$(uname -m)" = x86_64 ]; then
  say "ABI: the interface is as written down, and every change of it would be found"
  scripts/abi.sh
  tests/abi_reference/run.sh
else
  skip "ABI: the interface is written down for x86-64 only"
fi

if rustdoc --version >/dev/null 2>&1; then
  say "Documentation builds without warnings"
  RUSTDOCFLAGS="-D warnings" cargo doc --locked --quiet --no-deps
else
  skip "documentation: this Rust has no rustdoc"
fi

say "Python packages of the tests"
# shellcheck source=/dev/null
. "$top/tests/support/venv.sh"
need_venv || die "without these packages interoperability and the bindings cannot be tested"

build=$top/build/test
mkdir -p "$build"
say "Bench: it measures all that it is to measure (its figures say nothing here)"
bench=(cargo bench --locked --quiet --profile dev --bench streaming)
scripts/bench.sh --help >/dev/null
timeout 600 "${bench[@]}" -- --help | grep -q '^usage: '
timeout 120 "${bench[@]}" -- --effort smoke --out "$build/bench" >"$build/bench.log" 2>&1 || {
  cat "$build/bench.log" >&2
  die "the bench failed"
}
for heading in Latency "Processor time and memory" "Highest rate"; do
  grep -q "^## $heading$" "$build/bench/results.md" || die "the bench has not measured: $heading"
done

say "C and C++: examples, tests and consumer projects, built by CMake"
cmake -S . -B "$build" >"$build/cmake.log" || {
  cat "$build/cmake.log" >&2
  die "CMake failed"
}
cmake --build "$build" --parallel 2 >"$build/build.log" 2>&1 || {
  cat "$build/build.log" >&2
  die "the build failed"
}
! grep -n "warning:" "$build/build.log" || die "the build has warnings"

trap 'kill $(jobs -p) 2>/dev/null || true' EXIT # what runs beside the others, if one of these fails
# Packages take minutes to build, and nothing waits for them: they get what the tests that follow leave of the processor.
packages=
if [ "$(uname -m)" = x86_64 ]; then
  chrt --idle 0 scripts/package.sh "$build/packages" >"$build/packages.log" 2>&1 &
  packages=$!
fi

say "C and C++: ctest"
(cd "$build" && ctest --output-on-failure --parallel 4)

say "Bindings: C++ by two compilers, C# on Mono and CoreCLR, Unity's package on a stub of it, Python"
cmake --install "$build" --prefix "$build/native" >"$build/install.log"
{ bindings/cpp/test.sh "$build/native" "$build/cpp" && bindings/unity/test.sh "$build/native" "$build/unity"; } >"$build/bindings.log" 2>&1 &
bindings=$!
DOTNETCORE2=$(echo "$venv"/lib/python3*/site-packages/dotnetcore2/bin)
export DOTNETCORE2
bindings/csharp/test.sh "$build/native" "$build/csharp"
PYTHON=$venv/bin/python bindings/python/test.sh "$build/native" "$build/python"
wait "$bindings" || {
  cat "$build/bindings.log"
  die "failed: the C++ interface or Unity's package"
}
cat "$build/bindings.log"

# Runs a test that takes network namespaces; its exit status 77 says that there are none here.
in_namespaces() {
  local what=$1 status=0
  say "$what"
  "${@:2}" || status=$?
  case $status in
    0) ;;
    77) skip "$what: no network namespaces here" ;;
    *) die "failed: $what" ;;
  esac
}
# Both wait more than they work, so they run side by side.
tests/interop/run.sh "$build/examples-c" >"$build/interop.log" 2>&1 &
interop=$!
in_namespaces "Discovery between two hosts: embedded, by the system's service, and from the one to the other" tests/discovery/run.sh
say "Interoperability: an independent peer, written from the documentation of 2014"
wait "$interop" || {
  cat "$build/interop.log"
  die "failed: interoperability"
}
tail -n 3 "$build/interop.log"
# Memcheck works while these tests wait, and only then: what they measure must not depend on it.
chrt --idle 0 tests/c/valgrind.sh "$build" >"$build/valgrind.log" 2>&1 &
valgrind=$!
in_namespaces "Streams between hosts: cables pulled, addresses changed, links that are lossy, slow or long" \
  tests/network/run.sh "$build/examples-c"
say "C tests under valgrind"
wait "$valgrind" || {
  cat "$build/valgrind.log"
  die "failed: C tests under valgrind"
}
tail -n 1 "$build/valgrind.log"

if [ -n "$packages" ]; then
  say "Packages: what their library needs and exports, and that the check of that would find it"
  wait "$packages" || {
    cat "$build/packages.log"
    die "the packages cannot be built"
  }
  tests/native/run.sh
  in_namespaces "Packages: installed alone, a program in each language receives what is sent" \
    tests/packages/run.sh "$build/packages" "$build/packages-tested"
else
  skip "packages: they are for x86-64 only"
fi

if [ ${#skipped[@]} -gt 0 ]; then
  say "Everything that ran passed; skipped here: ${#skipped[@]}"
  printf '   %s\n' "${skipped[@]}"
  [ -z "$strict" ] || die "with --strict nothing may be skipped"
else
  say "Everything passed"
fi
