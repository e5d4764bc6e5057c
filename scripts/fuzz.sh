#!/usr/bin/env bash
# Feeds the readers of what comes from the network with made-up input, under AddressSanitizer: control messages, me messages, endpoints,
# frame headers, and every codec. What must hold is in fuzz/src; fuzz/corpus is where it starts from.
#
#   scripts/fuzz.sh [--minutes N] [TARGET...]
#
#   --minutes N   how long each target (10)
#   --list        names of the targets
#   --help        show this
#
# Without a TARGET all of them, one after the other. What a run finds new is kept in fuzz/target and used by the next one; input that
# breaks something is left in fuzz/artifacts. Exit status: 0 if nothing broke, 1 if something did.
set -euo pipefail
top=$(cd "$(dirname "$0")/.." && pwd)
cd "$top"
for part in messages needs sanitizer; do
  # shellcheck source=/dev/null
  . "$top/scripts/lib/$part.sh"
done

all=()
for file in fuzz/fuzz_targets/*.rs; do all+=("$(basename "$file" .rs)"); done
minutes=10 targets=()
while [ $# -gt 0 ]; do
  case $1 in
    --help | -h)
      sed -n '2,/^set /{/^set /d;s/^# \{0,1\}//p}' "$0"
      exit 0
      ;;
    --list)
      printf '%s\n' "${all[@]}"
      exit 0
      ;;
    --minutes)
      [[ ${2:-} =~ ^[1-9][0-9]{0,3}$ ]] || refuse "--minutes wants a number"
      minutes=$2
      shift
      ;;
    -*) refuse "unknown option \"$1\"" ;;
    *)
      [ -f "fuzz/fuzz_targets/$1.rs" ] || refuse "there is no target \"$1\", there are: ${all[*]}"
      targets+=("$1")
      ;;
  esac
  shift
done
[ ${#targets[@]} -gt 0 ] || targets=("${all[@]}")

need ca-certificates
need gcc cc
need g++ c++
need make make
need_rust Cargo.toml
install_needs
need_sanitizer

export PATH=$top/target/tools/bin:$PATH
if ! cargo fuzz --version >/dev/null 2>&1; then
  say "Installing cargo-fuzz in target/tools"
  cargo install --quiet --locked --root "$top/target/tools" --version '^0.13' cargo-fuzz
fi

say "Building ${#targets[@]} targets"
use_sanitizer
unset RUSTFLAGS # cargo-fuzz has its own, with the sanitizer among them
logs=$top/fuzz/target/logs
mkdir -p "$logs"
for target in "${targets[@]}"; do
  cargo fuzz build --target "$triple" "$target" >"$logs/build.log" 2>&1 || {
    cat "$logs/build.log" >&2
    die "the target $target could not be built"
  }
done

broken=()
for target in "${targets[@]}"; do
  say "$target, $minutes minutes"
  found=$top/fuzz/target/found/$target
  mkdir -p "$found"
  options=(-max_total_time=$((60 * minutes)) -timeout=10 -malloc_limit_mb=16 -rss_limit_mb=2048 -max_len=8192 -print_final_stats=1)
  if [ -f "fuzz/dictionaries/$target.dict" ]; then options+=("-dict=fuzz/dictionaries/$target.dict"); fi
  if cargo fuzz run --target "$triple" "$target" "$found" "fuzz/corpus/$target" -- "${options[@]}" >"$logs/$target.log" 2>&1; then
    sed -n 's/^stat::number_of_executed_units: */   runs: /p; s/^stat::average_exec_per_sec: */   a second: /p' "$logs/$target.log"
    # The last line of progress: edges and features reached, inputs kept.
    sed -n 's/^#[0-9]*.* \(cov: [0-9]* ft: [0-9]* corp: [0-9]*\).*/   \1/p' "$logs/$target.log" | tail -n 1
  else
    tail -n 60 "$logs/$target.log" | sed 's/^/    /'
    broken+=("$target")
  fi
done
[ ${#broken[@]} = 0 ] || die "broken: ${broken[*]}; see fuzz/artifacts and $logs"
