#!/usr/bin/env bash
# Measures what streaming depth costs, beside bare libzmq in the same run, and leaves tables and plots. Needs a quiet machine.
#
#   scripts/bench.sh [--quick] [--check] [--frames FRAMES] [--codec CODEC] [--profile PROFILE] [--only WHAT] [FOLDER]
#
#   FOLDER            where results.md, results.json and performance.png and .svg go (build/bench)
#   --quick           a minute instead of five
#   --check           fail if the library's own part of the latency is over its limit
#   --frames FRAMES   what is streamed: scene (the mock's, the default), realistic (the mock's room), or a
#                     folder with recorded depth frames
#   --codec CODEC     auto (the library's choice, the default), k2d, raw, lz4-packed or rvl
#   --profile PROFILE of K2D: auto (the library's choice, the default), speed or ratio
#   --only WHAT       latency, loads (processor time and memory) or rates
#   --help            show this
#
# The plots are made with matplotlib, in a virtual environment at target/bench-venv. Exit status: 0 measured, 1 failed.
set -euo pipefail
top=$(cd "$(dirname "$0")/.." && pwd)
for part in messages needs plots; do
  # shellcheck source=/dev/null
  . "$top/scripts/lib/$part.sh"
done

options=(--effort full) folder=''
while [ $# -gt 0 ]; do
  case $1 in
    --help | -h)
      sed -n '2,/^set /{/^set /d;s/^# \{0,1\}//p}' "$0"
      exit 0
      ;;
    --quick) options+=(--effort quick) ;;
    --check) options+=(--check) ;;
    --frames | --codec | --profile | --only)
      [ -n "${2:-}" ] || refuse "$1 wants a value"
      value=$2
      if [ "$1" = --frames ] && [ -d "$value" ]; then value=$(cd "$value" && pwd); fi
      options+=("$1" "$value")
      shift
      ;;
    -*) refuse "unknown option \"$1\"" ;;
    *)
      [ -z "$folder" ] || refuse "only one folder can take the results: \"$folder\" or \"$1\""
      [ -n "$1" ] || refuse "the folder's name is empty"
      folder=$1
      ;;
  esac
  shift
done
folder=${folder:-$top/build/bench}
mkdir -p "$folder"
folder=$(cd "$folder" && pwd)
cd "$top"

need ca-certificates # cargo fetches the crates over HTTPS
need gcc cc
need g++ c++ # for libzmq, which cargo builds from source
need make make
need_plots
need_rust Cargo.toml
install_needs

say "Building (the first time this takes some minutes)"
bench=(cargo bench --locked --quiet --no-default-features --bench streaming)
"${bench[@]}" -- --help >/dev/null || die "the build failed"

install_plots

say "Measuring"
status=0
"${bench[@]}" -- "${options[@]}" --out "$folder" || status=$?
[ -f "$folder/results.json" ] || die "nothing was measured"
plot benches/plot.py "$folder"
say "Look at $folder/results.md and performance.png"
exit "$status"
