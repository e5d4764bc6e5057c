#!/usr/bin/env bash
# Runs the C programs against each other on 127.0.0.1 and looks at output, files and exit codes.
#
#   tests/examples/run.sh PROGRAMS_DIR
set -euo pipefail
top=$(cd "$(dirname "$0")/../.." && pwd)
# shellcheck source=../../scripts/lib/processes.sh
. "$top/scripts/lib/processes.sh"
if [ $# != 1 ] || ! [ -x "$1/discover" ]; then
  sed -n '2,4s/^# \{0,1\}//p' "$0" >&2
  exit 2
fi
programs=$(cd "$1" && pwd)
room=$(mktemp -d)
cleanup_more='rm -rf '$room
cd "$room"
name="Examples $$" # others may be testing on this machine too

fail() {
  echo "FAILED: $*" >&2
  tail -n 20 ./*.log >&2
  exit 1
}

# expect STATUS PROGRAM ARGUMENTS...: runs it, output in out.log.
expect() {
  local wanted=$1 program=$2 status=0
  shift 2
  timeout --kill-after=2 40 "$programs/$program" "$@" >out.log 2>&1 || status=$?
  [ "$status" = "$wanted" ] || fail "$program $* ended with $status, not $wanted"
}

out_has() { grep -qE -e "$1" out.log || fail "no line like: $1"; }

# stop_server: SIGTERM or SIGINT must be a clean end.
stop_server() { stop_process "$started" "$1" || fail "the server ended with $? after SIG$1"; }

echo "== arguments"
for program in discover mock_server ping_client replay_server depth_client poll_loop game_loop; do
  expect 0 $program --help
  out_has "^usage: $program"
  expect 2 $program --no-such-option
  out_has 'unknown option "--no-such-option"'
  expect 2 $program --seconds nine
  out_has 'number from 0, not "nine"'
  expect 2 $program --seconds
done
expect 2 replay_server
expect 2 mock_server operand
expect 2 mock_server --port 65536
expect 2 mock_server --seed 4294967296
expect 2 depth_client one two
expect 2 poll_loop 1 2 3 4 5 6 7 8 9 10 11
expect 1 poll_loop --address 127.0.0.1 not.an.endpoint
expect 2 game_loop one two
expect 2 game_loop --rate 0
expect 1 mock_server --no-announce --address not.an.address

echo "== nothing to find"
expect 3 depth_client --server "nobody $$" --address 127.0.0.1 --timeout 1
expect 3 depth_client tcp://127.0.0.1:9 --timeout 1
expect 3 poll_loop tcp://127.0.0.1:9 --address 127.0.0.1 --seconds 1
expect 3 game_loop tcp://127.0.0.1:9 --seconds 1
out_has '^step [0-9]+  no frame yet$'

echo "== mock_server, discover, ping_client, depth_client"
start_process server.log "$programs/mock_server" --name "$name" --address 127.0.0.1 --id mock-kinect
wait_for_line server.log "frames.depth tcp://127.0.0.1:" 10 "$started" || fail "mock_server did not start"
grep -q "^kinect mock-kinect$" server.log || fail "no line about the kinect"
grep -q "^depth tcp://127.0.0.1:" server.log || fail "no version 1 endpoint"
endpoint=$(sed -n 's/^serving ".*" at //p' server.log)
expect 0 discover --address 127.0.0.1 --seconds 4
out_has "^\+ $name $endpoint$"
expect 0 ping_client --address 127.0.0.1 --seconds 4
out_has "^Discovered server \"$name\" at \"$endpoint\"$"
out_has "^Got pong from \"$name\" after [0-9.]+ ms$"
expect 0 depth_client --server "$name" --address 127.0.0.1 --seconds 2.5 --save picture
out_has '^fps [0-9.]+  Mbit/s [0-9.]+  lost [0-9]+  dropped [0-9]+  corrupt 0  latency p50 [0-9.]+ ms  p99 [0-9.]+ ms$'
for picture in picture.png picture-color.png; do
  [ "$(head -c 8 $picture | od -An -tx1 | tr -d ' ')" = 89504e470d0a1a0a ] || fail "$picture is no PNG file"
done
expect 0 depth_client "$endpoint" --kinect mock-kinect --frames 5
out_has '^received 5 frames$'
expect 3 depth_client "$endpoint" --kinect another --timeout 1

echo "== poll_loop, game_loop"
ten=("$endpoint" "$endpoint" "$endpoint" "$endpoint" "$endpoint" "$endpoint" "$endpoint" "$endpoint" "$endpoint" "$endpoint")
expect 0 poll_loop --address 127.0.0.1 --frames 45 --seconds 30 "${ten[@]}"
for number in 1 2 3 4 5 6 7 8 9 10; do
  out_has "^client $number connected to $endpoint$"
  out_has "^client $number kinect mock-kinect$"
  out_has "^client $number fps [0-9.]+$"
  out_has "^client $number received [0-9]+ frames$"
done
out_has "^woken up [0-9]+ times, 0 times for nothing$"
expect 0 game_loop "$endpoint" --seconds 2.5
out_has '^connected$'
out_has '^step 120  nearest [0-9]+ mm  sequence [0-9]+  age [0-9.]+ ms$' # what was late was made up for
out_has '^steps 1[0-9][0-9]  late [0-9]+  frames [0-9]+  longest in the library [0-9.]+ ms$'
expect 0 game_loop "$endpoint" --rate 200 --frames 5
stop_server TERM

start_process server.log "$programs/mock_server" --realistic --seed 5 --name "$name" --address 127.0.0.1
wait_for_line server.log "frames.infrared tcp://127.0.0.1:" 10 "$started" || fail "mock_server --realistic did not start"
expect 0 depth_client --server "$name" --address 127.0.0.1 --frames 5 --save room
out_has '^received 5 frames$'
stop_server TERM

echo "== a server that comes and goes"
start_process ping.log "$programs/ping_client" --address 127.0.0.1
pinger=$started
start_process loop.log "$programs/poll_loop" --address 127.0.0.1
looper=$started
start_process server.log "$programs/mock_server" --name "$name" --address 127.0.0.1 --seconds 60
wait_for_line ping.log "Got pong from \"$name\"" 10 "$pinger" || fail "no pong"
wait_for_line loop.log "client [0-9]* fps [1-9]" 10 "$looper" || fail "poll_loop does not receive"
stop_server INT
wait_for_line ping.log "Server \"$name\" at " 10 "$pinger" || fail "not noticed that the server went away"
stop_process "$pinger" INT || fail "ping_client ended with $?"
wait_for_line loop.log "- $name tcp://" 10 "$looper" || fail "poll_loop did not notice that the server went away"
wait_for_line loop.log "client [0-9]* received [1-9][0-9]* frames" 5 "$looper" || fail "poll_loop kept a client without a server"
stop_process "$looper" INT || fail "poll_loop ended with $?"
grep -q "^+ $name tcp://" loop.log || fail "poll_loop did not list the server"

echo "== replay_server, depth_client --verify"
mkdir recordings changed
head -c 434176 /dev/urandom >recordings/depth_1.u16 # 512x424 of any 16-bit values
head -c 434176 /dev/urandom >recordings/depth_2.u16
head -c 434176 /dev/urandom >recordings/infrared_1.u16
start_process server.log "$programs/replay_server" --name "$name" --address 127.0.0.1 --rate 60 recordings
wait_for_line server.log "frames.infrared tcp://127.0.0.1:" 10 "$started" || fail "replay_server did not start"
expect 0 depth_client --server "$name" --address 127.0.0.1 --frames 20 --verify recordings
out_has '^verified 20 frames: bit-exact$'
cp recordings/depth_1.u16 changed
expect 4 depth_client --server "$name" --address 127.0.0.1 --frames 20 --verify changed
out_has 'is none of the recorded ones: nearest is changed/depth_1.u16'
stop_server TERM

start_process server.log "$programs/replay_server" --address 127.0.0.1 --no-announce --rate 100 --loops 3 recordings
status=0
wait "$started" || status=$?
[ $status = 0 ] || fail "replay_server --loops ended with $status"

echo "== recordings that cannot be used"
head -c 1000 /dev/zero >short.u16
expect 1 replay_server short.u16
out_has 'short.u16: 1000 bytes, but a 512x424 frame of 16-bit values has 434176'
head -c 24 /dev/zero >small_4x3.u16
expect 0 replay_server --address 127.0.0.1 --no-announce --seconds 0.2 small_4x3.u16
expect 1 replay_server nowhere
mkdir empty
expect 1 replay_server empty
out_has 'no .u16 files'
expect 2 depth_client --verify empty
echo "example programs: fine"
