#!/usr/bin/env bash
# Streams depth frames from one process to another and shows what arrives.
#
#   scripts/demo.sh [--lan] [--seconds S] [FOLDER]
#
# Installs what is missing, builds the library, starts a server and a client as two processes that
# find each other by Zeroconf on 127.0.0.1, and leaves a picture of the last frame.
#
#   FOLDER         with recorded frames (raw little-endian 16-bit values in .u16 files, see
#                  replay_server --help): these are streamed, and each received frame is compared
#                  with them, bit for bit. Without it a simulated Kinect is streamed.
#   --lan          use all network interfaces, not only 127.0.0.1
#   --seconds S    how long to receive, 1 to 600 (5)
#   --help         show this
set -euo pipefail
top=$(cd "$(dirname "$0")/.." && pwd)
for part in messages needs processes; do
  # shellcheck source=/dev/null
  . "$top/scripts/lib/$part.sh"
done

folder='' seconds=5 address=127.0.0.1
while [ $# -gt 0 ]; do
  case $1 in
    --help | -h)
      sed -n '2,/^set /{/^set /d;s/^# \{0,1\}//p}' "$0"
      exit 0
      ;;
    --lan) address='' ;;
    --seconds)
      [ $# -gt 1 ] || refuse "--seconds wants a number"
      seconds=$2
      shift
      ;;
    -*) refuse "unknown option \"$1\"" ;;
    *)
      [ -z "$folder" ] || refuse "only one folder can be streamed: \"$folder\" or \"$1\""
      [ -n "$1" ] || refuse "the folder's name is empty"
      folder=$1
      ;;
  esac
  shift
done
if ! [[ $seconds =~ ^[0-9]{1,3}$ ]] || ((10#$seconds < 1 || 10#$seconds > 600)); then
  refuse "--seconds wants a whole number from 1 to 600, not \"$seconds\""
fi
if [ -n "$folder" ]; then
  [ -d "$folder" ] || refuse "there is no folder \"$folder\""
  folder=$(cd "$folder" && pwd)
  [ -n "$(find "$folder" -maxdepth 1 -name '*.u16' ! -name '*infrared*' -print -quit)" ] ||
    refuse "\"$folder\" has no depth recordings (.u16 files whose names do not say infrared)"
fi

need ca-certificates # cargo fetches the crates over HTTPS
need gcc cc
need g++ c++ # for libzmq, which cargo builds from source
need make make
need cmake cmake
need libpng-dev
need_rust "$top/Cargo.toml"
install_needs

build=$top/build/demo
say "Building (the first time this takes some minutes)"
mkdir -p "$build"
cmake -S "$top" -B "$build" -DSTREAMKINECT2_BUILD_TESTS=OFF >"$build/cmake.log" 2>&1 || {
  cat "$build/cmake.log" >&2
  die "CMake failed"
}
cmake --build "$build" --target streamkinect2_examples || die "the build failed"
programs=$build/examples-c

name="Demo $$"
on=(${address:+--address "$address"})
# Should this script be killed outright, the server ends by itself.
serving=(--name "$name" "${on[@]}" --seconds $((10#$seconds + 120)))
if [ -n "$folder" ]; then
  say "Serving the recordings in $folder"
  start_process "$build/server.log" "$programs/replay_server" "${serving[@]}" "$folder"
else
  say "Serving a simulated Kinect"
  start_process "$build/server.log" "$programs/mock_server" "${serving[@]}"
fi
server=$started
wait_for_line "$build/server.log" "frames.depth " 20 "$server" || {
  cat "$build/server.log" >&2
  die "the server did not start"
}
cat "$build/server.log"

say "Receiving in another process"
receiving=(--server "$name" "${on[@]}" --seconds "$seconds" --timeout 20 --save "$build/depth")
if [ -n "$folder" ]; then receiving+=(--verify "$folder"); fi
# In the background, so that Ctrl-C here ends both at once.
timeout --kill-after=5 $((10#$seconds + 60)) "$programs/depth_client" "${receiving[@]}" &
client=$!
processes+=("$client")
status=0
wait "$client" || status=$?
case $status in
  0) ;;
  3) die "the client found no server or got no frames; what the server said is in $build/server.log" ;;
  4) die "a received frame is not what was recorded" ;;
  *) die "the client failed (status $status)" ;;
esac

say "Look at $build/depth-color.png"
