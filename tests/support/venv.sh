# venv.sh - the Python packages of the tests, in a virtual environment. Source it.
#
#   need_venv          makes the environment at TEST_VENV (default: target/test-venv) where it is not there or not complete, and sets
#                      `venv` to its folder; returns 1 and says why where it cannot
# shellcheck shell=bash

need_venv() {
  local top file requirements=()
  top=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
  for file in tests/interop bindings/python/tests bindings/csharp/tests; do requirements+=("$top/$file/requirements.txt"); done
  venv=${TEST_VENV:-$top/target/test-venv}
  # The copy of the requirements is left by a complete installation only.
  if cmp -s <(cat "${requirements[@]}") "$venv/requirements.txt" && "$venv/bin/python" -c 'import zmq, numpy' 2>/dev/null; then return 0; fi
  local trouble=
  if ! command -v python3 >/dev/null; then
    trouble="python3 is missing; on Debian: apt-get install python3 python3-venv"
  elif ! python3 -c 'import sys; sys.exit(sys.version_info < (3, 11))'; then
    trouble="Python 3.11 or later is needed, found $(python3 -V)"
  elif ! python3 -m venv --clear "$venv"; then
    trouble="no virtual environment; on Debian: apt-get install python3-venv"
  elif ! "$venv/bin/pip" install --quiet --disable-pip-version-check --only-binary :all: "${requirements[@]/#/--requirement=}"; then
    trouble="pip could not install what is in ${requirements[*]}"
  fi
  if [ -n "$trouble" ]; then
    echo "$trouble" >&2
    return 1
  fi
  cat "${requirements[@]}" >"$venv/requirements.txt"
}
