#!/usr/bin/env bash
# Runs the tests in network namespaces: hosts with cables between them that are pulled, lossy, slow or long, on which the example
# programs and some of this folder run.
#
#   tests/network/run.sh [--rounds N] BUILD_EXAMPLES_DIR [TEST...]
#
#   BUILD_EXAMPLES_DIR   the folder with the built examples; ../tests/network beside it has this folder's programs
#   TEST                 part of a test's name, such as Cuts or two_hosts (all)
#   --rounds N           all of it N times (1)
#   --help               show this
#
# It takes root, or a system that lets users have namespaces (unshare -rn). Namespaces and processes are gone when this ends, however
# it ends. Exit status: 0 all passed, 1 a test failed, 2 wrong arguments, 77 this system does not let us make namespaces.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)

if [ "${1:-}" = --inside ]; then
  # `ip netns` keeps its names here, where nobody else sees them.
  mount -t tmpfs -o mode=755 none /run
  exec python3 "$here/main.py" "${@:2}"
fi

give_up() { echo "network: $*" >&2; exit 2; }

rounds=1
while [[ ${1:-} = -* ]]; do
  case $1 in
    --help | -h) sed -n '2,/^set /{/^set /d;s/^# \{0,1\}//p}' "$0"; exit 0 ;;
    --rounds)
      [[ ${2:-} =~ ^[1-9][0-9]*$ ]] || give_up "--rounds wants a number"
      rounds=$2
      shift 2
      ;;
    *) give_up "unknown option \"$1\" (see $0 --help)" ;;
  esac
done
[ $# -ge 1 ] || give_up "name the folder with the built C examples (see $0 --help)"
for program in "$1"/{discover,mock_server} "$1"/../tests/network/{frame_source,frame_sink,delay_link}; do
  [ -x "$program" ] || give_up "$program is missing; build the C programs first"
done
for command in ip tc nft unshare python3; do
  command -v "$command" >/dev/null || give_up "$command is missing; on Debian: apt-get install iproute2 nftables python3"
done
EXAMPLES=$(cd "$1" && pwd)
export EXAMPLES PYTHONDONTWRITEBYTECODE=1 PYTHONPATH=$here/../support
shift

# Processes of all hosts are below one that is killed with this script, and with the last of them the namespaces go.
alone=(unshare --net --mount --pid --fork --kill-child --mount-proc)
if ! "${alone[@]}" true 2>/dev/null; then
  alone=("${alone[0]}" --user --map-root-user "${alone[@]:1}")
  "${alone[@]}" true 2>/dev/null || { echo "no network namespaces here: it takes root, or user namespaces"; exit 77; }
fi
exec "${alone[@]}" "$0" --inside --rounds "$rounds" "$@"
