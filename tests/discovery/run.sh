#!/usr/bin/env bash
# Discovery between two hosts, the same tests for each kind: the embedded responder, the system's service, and the choice between them.
# The hosts are network namespaces with two links between them, each with a name and an avahi-daemon of its own.
#
#   tests/discovery/run.sh [KIND...]      embedded, system, auto (all three, of auto only what it alone does: going over)
#
# Needs root, iproute2, avahi-daemon, avahi-utils, dbus and cargo. Exit status: 0 all passed; 77: no network namespaces here.
set -euo pipefail
top=$(cd "$(dirname "$0")/../.." && pwd)
case ${1:-} in
  --help | -h) sed -n '2,7s/^# \{0,1\}//p' "$0" && exit 0 ;;
esac
kinds=("$@")
[ $# -gt 0 ] || kinds=(embedded system)
# shellcheck source=../support/venv.sh
. "$top/tests/support/venv.sh"
unshare --net --mount --uts true 2>/dev/null && command -v ip >/dev/null || { echo "no network namespaces here"; exit 77; }

program=$(cargo test --locked --quiet --manifest-path "$top/Cargo.toml" --test discovery_hosts --no-run --message-format=json |
  sed -n 's/.*"executable":"\([^"]*discovery_hosts[^"]*\)".*/\1/p')
[ -x "$program" ] || { echo "cargo built no discovery_hosts" >&2; exit 1; }

need_venv || exit 1
export KINECT2_TEST_PYTHON=$venv/bin/python

here=sk2a$$ there=sk2b$$
room=$(mktemp -d)
processes=()
cleanup() {
  for pid in "${processes[@]}"; do kill "$pid" 2>/dev/null || true; done
  for host in "$here" "$there"; do ip netns delete "$host" 2>/dev/null || true; done
  rm -rf "$room"
}
trap cleanup EXIT
trap 'exit 130' INT TERM

# wait_until WHAT CONDITION...: for ten seconds.
wait_until() {
  local what=$1
  shift
  for _ in {1..100}; do
    if "$@" 2>/dev/null; then return; fi
    sleep 0.1
  done
  echo "$what: waited in vain" >&2
  exit 1
}

# A host's names for mounts and for itself live as long as this process of it.
start_host() {
  local host=$1
  ip netns add "$host"
  ip netns exec "$host" unshare --mount --uts bash -c '
    set -e
    hostname "$0"
    mount -t tmpfs tmpfs /run
    mkdir -p /run/dbus /run/avahi-daemon
    chown avahi: /run/avahi-daemon
    echo $$ >"$1/$0.pid"
    exec sleep 3600' "$host" "$room" &
  processes+=("$!")
  wait_until "$host" test -s "$room/$host.pid"
}

# The words that run a command on a host.
on() { echo "nsenter --target $(cat "$room/$1.pid") --net --mount --uts"; }

start_daemon() {
  local host=$1
  # shellcheck disable=SC2046
  $(on "$host") avahi-daemon --no-drop-root --no-rlimits --no-chroot >"$room/$host.avahi.log" 2>&1 &
  processes+=("$!")
  daemon=$!
  # shellcheck disable=SC2046
  wait_until "avahi-daemon on $host" $(on "$host") test -S /run/avahi-daemon/socket
  # shellcheck disable=SC2046
  wait_until "avahi-daemon on $host" $(on "$host") avahi-browse -t _kinect2._tcp >/dev/null
}

start_bus() {
  # shellcheck disable=SC2046
  $(on "$1") dbus-daemon --system --nofork --nopidfile >"$room/$1.dbus.log" 2>&1 &
  processes+=("$!")
  # shellcheck disable=SC2046
  wait_until "dbus on $1" $(on "$1") test -S /run/dbus/system_bus_socket
}

start_host "$here"
start_host "$there"
for link in 1 2; do
  ip link add "eth$link" netns "$here" type veth peer name "eth$link" netns "$there"
  ip -n "$here" address add "10.77.$link.1/24" dev "eth$link"
  ip -n "$there" address add "10.77.$link.2/24" dev "eth$link"
done
for host in "$here" "$there"; do
  for link in lo eth1 eth2; do ip -n "$host" link set "$link" up; done
  start_bus "$host"
done
start_daemon "$there"
start_daemon "$here"
sleep 2 # addresses of IPv6 are looked at by their hosts before they are used

export KINECT2_TEST_ADDRESS=10.77.1.1
KINECT2_TEST_OTHER_HOST=$(on "$there")
export KINECT2_TEST_OTHER_HOST

# run KIND ARGUMENTS...: tests on this side.
run() {
  local kind=$1
  shift
  # shellcheck disable=SC2046
  KINECT2_TEST_DISCOVERY=$kind KINECT2_TEST_DAEMON=$daemon timeout --kill-after=5 300 \
    $(on "$here") "$program" --ignored --test-threads=1 --skip what_the_other_host_runs "$@"
}

for kind in "${kinds[@]}"; do
  echo "== $kind"
  run "$kind" --skip a_daemon_that_dies
done
if [ $# = 0 ] || [[ " $* " = *" auto "* ]]; then
  echo "== auto, and the daemon is killed"
  run auto --nocapture a_daemon_that_dies
fi
