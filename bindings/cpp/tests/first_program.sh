#!/usr/bin/env bash
# first_program receives what replay_server sends: one recorded frame, whose checksum zlib knows. It looks on all
# interfaces, so this runs in a network namespace that has a loopback interface only.
#
#   first_program.sh FIRST_PROGRAM REPLAY_SERVER
#
# Exit status 77: this machine does not let us make a namespace (it takes root).
set -euo pipefail
if [ "${1:-}" != --inside ]; then
  [ $# = 2 ] || { sed -n '2,7s/^# \{0,1\}//p' "$0" >&2; exit 2; }
  unshare --net true 2>/dev/null && command -v ip >/dev/null || { echo "no network namespaces here"; exit 77; }
  exec unshare --net "$0" --inside "$1" "$2"
fi
first_program=$2 replay_server=$3
# shellcheck source=../../../scripts/lib/processes.sh
. "$(dirname "$0")/../../../scripts/lib/processes.sh"
ip link set lo up
room=$(mktemp -d)
cleanup_more='rm -rf '$room
cd "$room"

fail() {
  echo "FAILED: $*" >&2
  tail -n 20 ./*.log >&2
  exit 1
}

head -c 434176 /dev/urandom >frame.u16 # 512x424 of any 16-bit values
checksum=$(python3 -c 'import zlib; print("%08x" % zlib.crc32(open("frame.u16", "rb").read()))')
start_process server.log "$replay_server" --name Recorded frame.u16
wait_for_line server.log "frames.depth tcp://" 10 "$started" || fail "replay_server did not start"

"$first_program" Recorded 10 >out.log 2>&1 || fail "first_program ended with $?"
[ "$(head -n 1 out.log)" = pong ] || fail "no pong first"
[ "$(grep -cE "^depth [0-9]+ $checksum$" out.log)" = 10 ] && [ "$(wc -l <out.log)" = 11 ] || fail "not 10 frames with $checksum"
status=0
"$first_program" >out.log 2>&1 || status=$?
[ $status = 1 ] && grep -q "^usage: " out.log || fail "no usage"
echo "first_program: fine"
