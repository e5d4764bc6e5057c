#!/usr/bin/env bash
# Counts the processor's instructions for each pixel that the codecs encode and decode, with callgrind, over frames of the mock's room.
# Other than times, counts are the same on a busy machine: a codec that got more than 3 % dearer than in
# benches/codecs/instructions.csv is found. callgrind has no AVX-512.
#
#   scripts/instructions.sh [--bless]
#
#   --bless    write benches/codecs/instructions.csv anew
#   --help     show this
#
# The counts are those of one compiler, which the file names: another one may need a new file. Exit status: 0 if none got dearer.
set -euo pipefail
top=$(cd "$(dirname "$0")/.." && pwd)
for part in messages needs; do
  # shellcheck source=/dev/null
  . "$top/scripts/lib/$part.sh"
done

bless=''
for argument; do
  case $argument in
    --help | -h)
      sed -n '2,/^set /{/^set /d;s/^# \{0,1\}//p}' "$0"
      exit 0
      ;;
    --bless) bless=1 ;;
    *) refuse "unknown argument \"$argument\"" ;;
  esac
done

baselines=$top/benches/codecs/instructions.csv
[ -n "$bless" ] || [ -f "$baselines" ] || die "there is no ${baselines#"$top"/}: $0 --bless makes it"

need ca-certificates # cargo fetches the crates over HTTPS
need gcc cc
need g++ c++ # for libzmq, which cargo builds from source
need make make
need valgrind valgrind
need_rust "$top/benches/codecs/Cargo.toml"
install_needs

say "Building"
target=$top/target/bench-codecs
cargo build --release --locked --quiet --no-default-features --manifest-path "$top/benches/codecs/Cargo.toml" --target-dir "$target" \
  --bin instructions
program=$target/release/instructions
room=$(mktemp -d)
trap 'rm -r "$room"' EXIT
"$program" frames "$room/frames"

# Prints the instructions for each pixel, or nothing where this processor cannot run the codec.
count() {
  local codec=$1 direction=$2 status=0 pixels instructions
  pixels=$(valgrind --tool=callgrind --callgrind-out-file=/dev/null --toggle-collect='instructions::counted*' \
    "$program" "$room/frames" "$codec" "$direction" 2>"$room/log") || status=$?
  if [ "$status" = 3 ]; then return; fi
  instructions=$(sed -n 's/.*Collected : \([0-9]*\).*/\1/p' "$room/log")
  if [ "$status" != 0 ] || [ "${instructions:-0}" = 0 ]; then
    cat "$room/log" >&2
    die "callgrind could not count: $codec, $direction"
  fi
  awk "BEGIN { printf \"%.2f\", $instructions / $pixels }"
}

compiler=$(rustc --version)
compiler=${compiler% (*}
say "Counting instructions per pixel, $compiler"
{
  echo "# Instructions per pixel, as scripts/instructions.sh counts them, with $compiler"
  echo "codec,direction,instructions"
} >"$room/new.csv"
dearer=()
for codec in rvl k2d-s-portable k2d-s-avx2 k2d-r-portable k2d-r-avx2; do
  for direction in encode decode; do
    name=$codec,$direction
    instructions=$(count "$codec" "$direction")
    if [ -z "$instructions" ]; then
      [ -z "$bless" ] || die "this processor cannot run $codec: the file must have all"
      printf '%-24s skipped: this processor does not have it\n' "$name"
      continue
    fi
    echo "$name,$instructions" >>"$room/new.csv"
    before=$([ ! -f "$baselines" ] || sed -n "s/^$name,//p" "$baselines")
    change=$(awk "BEGIN { if (${before:-0}) printf \"%+.1f %%\", 100 * ($instructions / ${before:-1} - 1) }")
    printf '%-24s %8s   before %8s   %s\n' "$name" "$instructions" "${before:--}" "$change"
    if awk "BEGIN { exit !($instructions > 1.03 * ${before:-0}) }"; then dearer+=("$name"); fi
  done
done

if [ -n "$bless" ]; then
  cp "$room/new.csv" "$baselines"
  say "Wrote ${baselines#"$top"/}"
elif [ ${#dearer[@]} -gt 0 ]; then
  grep -q "with $compiler\$" "$baselines" || echo "The counts before are of another compiler: $(sed -n '1s/.*with //p' "$baselines")" >&2
  die "over 3 % more instructions than before, or none known: ${dearer[*]} (if that is right: $0 --bless)"
fi
