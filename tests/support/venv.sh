# venv.sh - the Python packages of the interoperability tests, in a virtual environment. Source it.
#
#   need_venv          makes the environment at INTEROP_VENV (default: target/interop-venv) where it is not there or not complete, and
#                      sets `venv` to its folder; returns 1 and says why where it cannot
# shellcheck shell=bash

need_venv() {
  local top requirements
  top=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
  requirements=$top/tests/interop/requirements.txt
  venv=${INTEROP_VENV:-$top/target/interop-venv}
  # The copy of requirements.txt is left by a complete installation only.
  if cmp -s "$requirements" "$venv/requirements.txt" && "$venv/bin/python" -c 'import zmq, lz4, zeroconf' 2>/dev/null; then return 0; fi
  local trouble=
  if ! command -v python3 >/dev/null; then
    trouble="python3 is missing; on Debian: apt-get install python3 python3-venv"
  elif ! python3 -c 'import sys; sys.exit(sys.version_info < (3, 11))'; then
    trouble="Python 3.11 or later is needed, found $(python3 -V)"
  elif ! python3 -m venv --clear "$venv"; then
    trouble="no virtual environment; on Debian: apt-get install python3-venv"
  elif ! "$venv/bin/pip" install --quiet --disable-pip-version-check --only-binary :all: --requirement "$requirements"; then
    trouble="pip could not install the packages of requirements.txt"
  fi
  if [ -n "$trouble" ]; then
    echo "$trouble" >&2
    return 1
  fi
  cp "$requirements" "$venv/requirements.txt"
}
