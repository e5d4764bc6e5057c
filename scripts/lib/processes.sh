# processes.sh - processes that run beside a script and end with it, on every way out of it. Source
# it. They are ended by their process ids, never by name.
# shellcheck shell=bash

processes=()
started=

# start_process LOG COMMAND...: its id is then in $started, its output goes to LOG.
start_process() {
  local log=$1
  shift
  "$@" >"$log" 2>&1 &
  started=$!
  processes+=("$started")
}

# stop_process PID [SIGNAL]: asks it to end, waits at most 5 s, kills it then. Returns its status.
stop_process() {
  local pid=$1 i
  kill -s "${2:-TERM}" "$pid" 2>/dev/null || true
  for ((i = 0; i < 50; i++)); do
    kill -0 "$pid" 2>/dev/null || break
    sleep 0.1
  done
  kill -s KILL "$pid" 2>/dev/null || true
  wait "$pid" 2>/dev/null
}

stop_processes() {
  local pid
  for pid in "${processes[@]}"; do stop_process "$pid" || true; done
  processes=()
}

# wait_for_line LOG TEXT SECONDS PID: until a line of LOG begins with TEXT. False when it does not
# come in time, or when the process has ended without it.
wait_for_line() {
  local i
  for ((i = 0; i < $3 * 10; i++)); do
    if grep -q "^$2" "$1" 2>/dev/null; then return 0; fi
    kill -0 "$4" 2>/dev/null || break
    sleep 0.1
  done
  grep -q "^$2" "$1" 2>/dev/null
}

# A signal becomes an ordinary end of the script, and every end stops the processes. A script that
# has more to clean up does that in a function of its own that it names in cleanup_more.
cleanup_more=:
trap 'stop_processes; $cleanup_more' EXIT
trap 'exit 129' HUP
trap 'exit 130' INT
trap 'exit 143' TERM
