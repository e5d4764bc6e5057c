#!/usr/bin/env bash
# Runs the interoperability tests: an independent peer, written from the documentation of 2014 alone, with the C examples.
#
#   tests/interop/run.sh [EXAMPLES_DIR]      the folder with the built examples (or the variable EXAMPLES)
#
# The Python packages go into a virtual environment at TEST_VENV (default: target/test-venv).
# Exit code: 0 all passed, 1 a test failed, 2 the tests could not be run, 124 they took too long.
set -euo pipefail

give_up() { echo "interop: $*" >&2; exit 2; }

case ${1:-} in -h | --help) sed -n '2,7s/^# \{0,1\}//p' "$0"; exit 0 ;; esac
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=../support/venv.sh
. "$here/../support/venv.sh"
EXAMPLES=${1:-${EXAMPLES:-}}
[ -n "$EXAMPLES" ] || give_up "name the folder with the built C examples as argument or in EXAMPLES"
for program in discover ping_client mock_server replay_server depth_client; do
  [ -x "$EXAMPLES/$program" ] || give_up "$EXAMPLES/$program is missing; build the C examples first"
done
EXAMPLES=$(cd "$EXAMPLES" && pwd)
export EXAMPLES PYTHONDONTWRITEBYTECODE=1 PYTHONPATH=$here/../support

need_venv || exit 2

# Its own process group lets timeout end the examples too, should Python not get to it.
timeout --kill-after=10 170 "$venv/bin/python" -m unittest discover --start-directory "$here" "${@:2}" &
tests=$!
trap 'kill "$tests" 2>/dev/null' INT TERM
status=0
wait "$tests" || status=$?
# A signal only interrupts the wait; the tests then end their programs first.
while kill -0 "$tests" 2>/dev/null; do status=0; wait "$tests" || status=$?; done
exit "$status"
