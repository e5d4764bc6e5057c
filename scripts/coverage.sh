#!/usr/bin/env bash
# Measures which lines of src/ the Rust and the C tests run, and prints a table by file.
#
#   scripts/coverage.sh [--least PERCENT] [--missed FILE]
#
#   --least PERCENT   fails below this share of all lines (85)
#   --missed FILE     also prints the lines of this file that never ran; may be repeated
#   --report          of the last measurement, without running anything
#   --help            show this
#
# Lines of tests are not counted, only what they test. Exit status: 0 if enough ran, 1 if not or if a test failed.
set -euo pipefail
top=$(cd "$(dirname "$0")/.." && pwd)
cd "$top"
for part in messages needs instrumented; do
  # shellcheck source=/dev/null
  . "$top/scripts/lib/$part.sh"
done

least=85 report='' missed=()
while [ $# -gt 0 ]; do
  case $1 in
    --help | -h)
      sed -n '2,/^set /{/^set /d;s/^# \{0,1\}//p}' "$0"
      exit 0
      ;;
    --least)
      [[ ${2:-} =~ ^[0-9]{1,3}$ ]] || refuse "--least wants a number of percent"
      least=$2
      shift
      ;;
    --missed)
      [ -f "${2:-}" ] || refuse "--missed wants a file of src/"
      missed+=(--missed "$2")
      shift
      ;;
    --report) report=1 ;;
    *) refuse "unknown option \"$1\"" ;;
  esac
  shift
done

need ca-certificates
need gcc cc
need g++ c++
need make make
need cmake cmake
need python3 python3
need_rust Cargo.toml
install_needs
# The data has the form of the LLVM that this Rust was built with.
llvm=$(rustc -vV | sed -n 's/^LLVM version: \([0-9]*\).*/\1/p')
need "llvm-$llvm" "llvm-cov-$llvm"
install_needs

triple=$(rustc -vV | sed -n 's/^host: //p')
export RUSTFLAGS=-Cinstrument-coverage CARGO_TARGET_DIR=$top/target/coverage
# Counting and no optimisation together are too slow for the tests in which no frame may get lost.
export CARGO_PROFILE_DEV_OPT_LEVEL=2
counts=$CARGO_TARGET_DIR/counts build=$CARGO_TARGET_DIR/c

if [ -z "$report" ]; then
  rm -rf "$counts"
  mkdir -p "$counts"
  # Eight files for each program; processes that end add to them.
  export LLVM_PROFILE_FILE=$counts/%8m.profraw
  say "Rust tests, counting"
  rust_tests "$triple"
  printf '%s\n' "${rust_programs[@]}" >"$CARGO_TARGET_DIR/programs"
  say "C tests, counting"
  build_c_tests "$triple" "$build" -DKINECT2_TEST_SLOWNESS=2
  # All threads share the counters. Where two clients decode at once that is so slow that frames get lost, which one test must not see.
  (cd "$build" && ctest --output-on-failure --parallel 4 --exclude-regex '^c_stalled_callback$')
  "llvm-profdata-$llvm" merge --sparse --output "$CARGO_TARGET_DIR/counts.profdata" "$counts"/*.profraw
fi

objects=()
while read -r program; do objects+=(--object "$program"); done <"$CARGO_TARGET_DIR/programs"
"llvm-cov-$llvm" export --format lcov --instr-profile "$CARGO_TARGET_DIR/counts.profdata" "${objects[@]}" \
  "$CARGO_TARGET_DIR/$triple/debug/libstreamkinect2.so" --sources "$top/src" >"$CARGO_TARGET_DIR/counts.lcov" 2>"$CARGO_TARGET_DIR/llvm-cov.log" || {
  cat "$CARGO_TARGET_DIR/llvm-cov.log" >&2
  die "llvm-cov failed"
}

say "Lines of src/ that ran"
"$top/scripts/lib/coverage_table.py" --least "$least" "${missed[@]}" <"$CARGO_TARGET_DIR/counts.lcov"
