#!/usr/bin/env bash
# What takes too long for every run: property tests with many cases, the fault and timing tests three times in a row, the
# interoperability tests three times. Run by hand before a release; docs/quality.md has its last result.
#
#   scripts/test-long.sh [--cases N]
#
#   --cases N   cases of each property (20000)
#   --help      show this
#
# Needs what scripts/test.sh has installed and built. Exit status: 0 if everything passed.
set -euo pipefail
top=$(cd "$(dirname "$0")/.." && pwd)
cd "$top"
# shellcheck source=/dev/null
. "$top/scripts/lib/messages.sh"

cases=20000
case ${1:-} in
  '') ;;
  --help | -h)
    sed -n '2,/^set /{/^set /d;s/^# \{0,1\}//p}' "$0"
    exit 0
    ;;
  --cases)
    [[ ${2:-} =~ ^[1-9][0-9]*$ ]] || refuse "--cases wants a number"
    cases=$2
    ;;
  *) refuse "unknown option \"$1\"" ;;
esac
build=$top/build/test
[ -x "$build/examples-c/depth_client" ] || die "run scripts/test.sh first: it installs and builds what this needs"

say "Properties, $cases cases each"
# Inputs that a codec has no room for are thrown away: a share of all, so their number grows with the cases.
PROPTEST_CASES=$cases PROPTEST_MAX_GLOBAL_REJECTS=$cases cargo test --locked --release --quiet --test codecs --test protocol_properties

for round in 1 2 3; do
  say "Faults, timing and cycles, round $round of 3"
  (cd "$build" && ctest --output-on-failure -L c)
  say "Interoperability, round $round of 3"
  tests/interop/run.sh "$build/examples-c"
done

say "The realistic cost"
cmake --build "$build" --target cost >/dev/null
"$build/benches/cost"

say "Everything passed"
