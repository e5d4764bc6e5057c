#!/usr/bin/env bash
# Servers and clients on all interfaces find those on loopback alone, and the other way round. Multicast on all interfaces is nobody
# else's business, so this runs in a network namespace of its own that has a loopback interface only.
#
#   tests/examples/all_interfaces.sh PROGRAMS_DIR
#
# Exit status 77: this machine does not let us make a namespace (it takes root).
set -euo pipefail
if [ "${1:-}" != --inside ]; then
  [ $# = 1 ] && [ -x "$1/discover" ] || { sed -n '2,7s/^# \{0,1\}//p' "$0" >&2; exit 2; }
  unshare --net true 2>/dev/null && command -v ip >/dev/null || { echo "no network namespaces here"; exit 77; }
  exec unshare --net "$0" --inside "$(cd "$1" && pwd)"
fi
programs=$2
top=$(cd "$(dirname "$0")/../.." && pwd)
# shellcheck source=../../scripts/lib/processes.sh
. "$top/scripts/lib/processes.sh"
ip link set lo up
room=$(mktemp -d)
cleanup_more='rm -rf '$room
cd "$room"

fail() {
  echo "FAILED: $*" >&2
  tail -n 20 ./*.log >&2
  exit 1
}

# serve NAME ARGUMENTS...: a mock server that is up when this returns.
serve() {
  local name=$1
  shift
  start_process "$name.log" "$programs/mock_server" --name "$name" "$@"
  wait_for_line "$name.log" "frames.depth " 10 "$started" || fail "$name did not start"
}

# receives ARGUMENTS...: depth_client gets frames.
receives() {
  timeout --kill-after=2 40 "$programs/depth_client" --frames 10 --timeout 20 "$@" >client.log 2>&1 || fail "no frames with $*"
}

# A machine without a network: everything still works on its loopback interface.
serve bound --address 127.0.0.1
serve everywhere
receives --server bound
receives --server everywhere
receives --server everywhere --address 127.0.0.1
receives
timeout 10 "$programs/discover" --seconds 4 >discover.log 2>&1 || fail "discover"
[ "$(grep -c '^+ ' discover.log)" = 2 ] || fail "each server is listed once"
echo "all passed"
