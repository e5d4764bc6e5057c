#!/usr/bin/env bash
# Runs all tests of the Python binding, about half a minute; says something only when one fails.
#
#   bindings/python/test.sh NATIVE_DIR [WORK_DIR]
#
# NATIVE_DIR has lib/libstreamkinect2.so and include/streamkinect2.h. WORK_DIR gets logs and what is built (default: a folder that is
# removed). The variable PYTHON names an interpreter with the packages of tests/requirements.txt (default: python3). Where network
# namespaces can be made, the tests run in some of their own; else what serves on all interfaces is skipped.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)

if [ $# -lt 1 ] || [ $# -gt 2 ]; then
  sed -n '2,/^set /{/^set /d;s/^# \{0,1\}//p}' "$0" >&2
  exit 2
fi
native=$(cd "$1" && pwd)
python=${PYTHON:-python3}
if [ $# = 2 ]; then
  mkdir -p "$2"
  work=$(cd "$2" && pwd)
else
  work=$(mktemp -d)
fi
"$python" -c 'import blinker, numpy, pytest, tornado' || {
  echo "test.sh: $python needs the packages of $here/tests/requirements.txt; PYTHON names another interpreter" >&2
  exit 1
}

export STREAMKINECT2_LIBRARY_DIR=$native/lib STREAMKINECT2_INCLUDE_DIR=$native/include
export PYTHONPATH=$here/src PYTHONDONTWRITEBYTECODE=1 PYTHONFAULTHANDLER=1 PYTHONUTF8=1
isolated=()
if unshare --net sh -c 'ip link set lo up' 2>/dev/null; then
  # shellcheck disable=SC2016
  isolated=(unshare --net sh -c 'ip link set lo up && exec "$@"' -)
fi

# Most tests wait more than they work, so groups of them run side by side.
groups=("lifetime wheel" "programs loops" "abi client compress documentation server signals")
[ "$(find "$here/tests" -name 'test_*.py' | wc -l)" = "$(wc -w <<<"${groups[*]}")" ] || {
  echo "test.sh: a file of tests is in no group" >&2
  exit 1
}
running=()
trap 'kill "${running[@]}" 2>/dev/null || true; [ $# = 2 ] || rm -rf "$work"' EXIT
for number in "${!groups[@]}"; do
  files=()
  for name in ${groups[$number]}; do files+=("$here/tests/test_$name.py"); done
  "${isolated[@]}" timeout --kill-after=10 150 "$python" -m pytest --quiet -p no:cacheprovider -W error --color=no \
    --rootdir="$here" --basetemp="$work/pytest-$number" "${files[@]}" >"$work/$number.log" 2>&1 &
  running+=($!)
done
if "$python" -c 'import mypy' 2>/dev/null; then
  (cd "$here" && exec "$python" -m mypy --cache-dir="$work/mypy") >"$work/${#running[@]}.log" 2>&1 &
  running+=($!)
fi
status=0
for number in "${!running[@]}"; do
  wait "${running[$number]}" || {
    cat "$work/$number.log" >&2
    status=1
  }
done
running=()
exit $status
