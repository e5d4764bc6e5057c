#!/usr/bin/env bash
# Runs the C tests with the label "valgrind" under memcheck, two at a time.
#
#   tests/c/valgrind.sh BUILD_DIR      a CMake build of the whole project
#
# An invalid access, a use of what is not initialised or a definite leak fails the run.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
build=${1:?name the build folder}
logs=$build/valgrind
mkdir -p "$logs"

# Everything is some thirty times slower under memcheck.
export KINECT2_TEST_SLOWNESS=${KINECT2_TEST_SLOWNESS:-20}
memcheck=(valgrind --quiet --error-exitcode=99 --leak-check=full --show-leak-kinds=definite
  --errors-for-leak-kinds=definite --fair-sched=yes --num-callers=30)
if [ -f "$here/valgrind.supp" ]; then memcheck+=(--suppressions="$here/valgrind.supp"); fi

# NAME and the command line of each test, one a line.
list() {
  ctest --test-dir "$build" --show-only=json-v1 -L valgrind | python3 -c '
import json, shlex, sys
for test in json.load(sys.stdin)["tests"]:
    print(test["name"], shlex.join(test["command"]))'
}

check() {
  local name=$1 command=$2 status=0 began=$SECONDS
  # shellcheck disable=SC2086
  eval "timeout 600 ${memcheck[*]} $command" >"$logs/$name.log" 2>&1 || status=$?
  if [ $status = 0 ]; then
    echo "clean   $name ($((SECONDS - began)) s)"
  else
    echo "FAILED  $name (status $status):"
    sed 's/^/    /' "$logs/$name.log" | tail -n 60
    return 1
  fi
}

failures=0 running=0 count=0
while read -r name command; do
  check "$name" "$command" &
  count=$((count + 1)) running=$((running + 1))
  if [ $running = 2 ]; then
    wait -n || failures=$((failures + 1))
    running=$((running - 1))
  fi
done < <(list)
while [ $running -gt 0 ]; do
  wait -n || failures=$((failures + 1))
  running=$((running - 1))
done
[ "$count" -gt 0 ] || { echo "no test has the label valgrind in $build" >&2; exit 1; }
echo "$((count - failures)) of $count clean"
[ "$failures" = 0 ]
