#!/usr/bin/env bash
# Measures ratio and speed of depth codecs, the library's and others, and leaves tables and plots. Needs a quiet machine.
#
#   scripts/bench-codecs.sh [--quick] [--frames FRAMES] [FOLDER]
#   scripts/bench-codecs.sh --check [--frames FOLDER OF FRAMES]
#
#   FOLDER            where results.md, results.json and codecs.png and .svg go (build/bench-codecs)
#   --quick           ten seconds instead of half a minute
#   --frames FRAMES   a folder of recorded frames (.u16 files; their size in the name, as depth_640x576.u16, or else 512x424),
#                     measured beside the mock's room, or realistic: that room alone; usually the recorded frames are those of
#                     ../shared/data or of the folder that KINECT2_TEST_FRAMES names, as in the tests
#   --check           measure K2D and RVL alone and fail unless K2D keeps its limits on depth frames of a real Kinect v2
#   --help            show this
#
# The plots are made with matplotlib, in a virtual environment at target/bench-venv. Exit status: 0 measured, 1 failed.
set -euo pipefail
top=$(cd "$(dirname "$0")/.." && pwd)
for part in messages needs plots; do
  # shellcheck source=/dev/null
  . "$top/scripts/lib/$part.sh"
done

options=() check='' folder=''
while [ $# -gt 0 ]; do
  case $1 in
    --help | -h)
      sed -n '2,/^set /{/^set /d;s/^# \{0,1\}//p}' "$0"
      exit 0
      ;;
    --quick) options+=(--rounds 5) ;;
    --check) check=1 ;;
    --frames)
      [ -n "${2:-}" ] || refuse "$1 wants a value"
      frames=$2
      if [ "$frames" != realistic ]; then
        [ -d "$frames" ] || refuse "there is no folder \"$frames\""
        frames=$(cd "$frames" && pwd)
      fi
      options+=(--frames "$frames")
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
if [ -n "$check" ] && [ -n "$folder" ]; then refuse "--check leaves no results in a folder"; fi

need ca-certificates # cargo fetches the crates over HTTPS
need gcc cc
need g++ c++ # for libzmq and CharLS, which cargo builds from source
need cmake cmake # CharLS
need make make
[ -n "$check" ] || need_plots
need_rust "$top/benches/codecs/Cargo.toml"
install_needs

say "Building (the first time this takes some minutes)"
target=$top/target/bench-codecs
cargo build --release --locked --quiet --manifest-path "$top/benches/codecs/Cargo.toml" --target-dir "$target" --bin codecs

if [ -n "$check" ]; then
  say "Checking"
  exec "$target/release/codecs" --check "${options[@]}"
fi

install_plots
folder=${folder:-$top/build/bench-codecs}
mkdir -p "$folder"
folder=$(cd "$folder" && pwd)
say "Measuring"
"$target/release/codecs" "${options[@]}" --out "$folder"
plot "$top/benches/codecs/plot.py" "$folder"
say "Look at $folder/results.md and codecs.png"
