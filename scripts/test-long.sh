#!/usr/bin/env bash
# What takes too long for every run. Run by hand before a release; docs/quality.md has its last result.
#
#   scripts/test-long.sh [--cases N] [--minutes N] [PART...]
#
# Parts, without names all of them in this order:
#   properties   of codecs and parsers, with many cases
#   faults       the C tests three times in a row, among them loss, stalls, freezing, restarts and many cycles
#   interop      the interoperability tests three times
#   network      the tests in network namespaces three times
#   coverage     which lines of src/ the tests run, 85 % at least
#   asan         Rust and C tests under AddressSanitizer
#   fuzz         made-up input for all that reads what others send
#   soak         an hour of devices and clients that come and go
#   cost         what streaming costs, beside bare libzmq
#   instructions instructions for each pixel that the codecs take, beside those written down
#   codecs       ratio and speed of the depth codec on recorded frames, beside their limits
#
#   --cases N     cases of each property (20000)
#   --minutes N   how long each fuzz target runs (10)
#   --list        names of the parts
#   --help        show this
#
# Needs what scripts/test.sh has installed and built. The table at the end is for docs/quality.md. Exit status: 0 if everything passed.
set -euo pipefail
top=$(cd "$(dirname "$0")/.." && pwd)
cd "$top"
# shellcheck source=/dev/null
. "$top/scripts/lib/messages.sh"

build=$top/build/test
all=(properties faults interop network coverage asan fuzz soak cost instructions codecs)
parts=() cases=20000 minutes=10
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
    --cases | --minutes)
      [[ ${2:-} =~ ^[1-9][0-9]*$ ]] || refuse "$1 wants a number"
      declare "${1#--}=$2"
      shift
      ;;
    -*) refuse "unknown option \"$1\"" ;;
    *)
      [[ " ${all[*]} " == *" $1 "* ]] || refuse "there is no part \"$1\", there are: ${all[*]}"
      parts+=("$1")
      ;;
  esac
  shift
done
[ ${#parts[@]} -gt 0 ] || parts=("${all[@]}")
[ -x "$build/examples-c/depth_client" ] || die "run scripts/test.sh first: it installs and builds what this needs"

three_times() {
  local round
  for round in 1 2 3; do
    echo "round $round of 3"
    "$@" || return
  done
}

# Inputs that a codec has no room for are thrown away: a share of all, so their number grows with the cases.
properties() {
  PROPTEST_CASES=$cases PROPTEST_MAX_GLOBAL_REJECTS=$cases \
    cargo test --locked --release --quiet --test codecs --test protocol_properties
}
faults() { three_times ctest --test-dir "$build" --output-on-failure -L c; }
interop() { three_times tests/interop/run.sh "$build/examples-c"; }
network() { tests/network/run.sh --rounds 3 "$build/examples-c"; }
coverage() { scripts/coverage.sh; }
asan() { scripts/asan.sh; }
fuzz() { scripts/fuzz.sh --minutes "$minutes"; }
soak() { "$build/tests/c/soak" 3600; }
cost() { scripts/bench.sh --quick --check "$logs/bench"; }
instructions() { scripts/instructions.sh; }
codecs() { scripts/bench-codecs.sh --check; }

# The line of a part's output that says most, for the table.
result() {
  case $1 in
    faults) echo "3 times $(grep -o 'tests passed.* out of [0-9]*' "$2" | tail -n 1)" ;;
    interop) echo "3 times $(grep -o '^Ran [0-9]* tests' "$2" | tail -n 1)" ;;
    network) echo "3 rounds, $(grep -c '^passed ' "$2") tests passed" ;;
    coverage) awk '/^src\/ /{print $4 " % of " $2 " lines"}' "$2" ;;
    fuzz) echo "$(grep -c '^ *runs:' "$2") targets, $minutes minutes each, $(awk '/^ *runs:/{n += $2} END{print n}' "$2") runs" ;;
    cost) echo "the library's own part of the latency is $(grep '^| the rest : bare' "$2" | cut -d '|' -f 3,4 | tr '|' ',') times that of bare libzmq (p50, p90)" ;;
    properties) echo "$cases cases each" ;;
    *) echo "passed" ;;
  esac
}

logs=$top/build/long
mkdir -p "$logs"
table=() failed=()
for part in "${parts[@]}"; do
  say "$part"
  began=$SECONDS status=0
  "$part" 2>&1 | tee "$logs/$part.log" || status=$?
  took="$(((SECONDS - began) / 60)) min $(((SECONDS - began) % 60)) s"
  if [ $status = 0 ]; then
    table+=("| $part | $(result "$part" "$logs/$part.log") | $took |")
  else
    table+=("| $part | **failed**, status $status | $took |")
    failed+=("$part")
  fi
done

say "scripts/test-long.sh ${parts[*]}, $(date +%F), commit $(git rev-parse --short HEAD 2>/dev/null || echo unknown)$(git diff --quiet HEAD 2>/dev/null || echo " with changes")"
printf '\n| part | result | took |\n|---|---|---|\n'
printf '%s\n' "${table[@]}"
[ ${#failed[@]} = 0 ] || die "failed: ${failed[*]}"
