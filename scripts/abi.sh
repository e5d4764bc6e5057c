#!/usr/bin/env bash
# Compares the shared library's binary interface with the one written down in abi/: exported functions, their parameters and
# results, the structures that they use with every member's place and type, and the header's constants.
#
#   scripts/abi.sh [--bless]
#
#   --bless             writes abi/ anew, after telling what changes
#   --reference FOLDER  instead of abi/
#   --library FILE      instead of the one that cargo builds
#   --header FILE       instead of include/streamkinect2.h
#   --help              show this
#
# The library must have full debug information (debug = 2): with less, a changed member passes as equal.
# Exit status: 0 if nothing differs, 1 if something does.
set -euo pipefail
top=$(cd "$(dirname "$0")/.." && pwd)
for part in messages needs; do
  # shellcheck source=/dev/null
  . "$top/scripts/lib/$part.sh"
done

bless='' reference=$top/abi library='' header=$top/include/streamkinect2.h
while [ $# -gt 0 ]; do
  case $1 in
    --help | -h)
      sed -n '2,/^set /{/^set /d;s/^# \{0,1\}//p}' "$0"
      exit 0
      ;;
    --bless) bless=1 ;;
    --reference | --library | --header)
      [ -n "${2:-}" ] || refuse "$1 wants a name"
      declare "${1#--}=$2"
      shift
      ;;
    *) refuse "unknown option \"$1\"" ;;
  esac
  shift
done

need gcc cc
need binutils nm
need python3 python3
need abigail-tools abidiff
if [ -z "$library" ]; then need_rust "$top/Cargo.toml"; fi
install_needs

# What cargo's dev profile has anyway, unless someone's configuration says otherwise.
if [ -z "$library" ]; then
  (cd "$top" && CARGO_PROFILE_DEV_DEBUG=2 CARGO_PROFILE_DEV_STRIP=none cargo build --locked --quiet --lib)
  library=${CARGO_TARGET_DIR:-$top/target}/debug/libstreamkinect2.so
fi
for file in "$library" "$header"; do [ -f "$file" ] || die "there is no file $file"; done

found=$(mktemp -d)
trap 'rm -rf "$found"' EXIT

# The names that programs are linked with, those of the dynamic symbol table.
nm -D --defined-only "$library" | sed 's/.* //' | LC_ALL=C sort >"$found/symbols.txt"

# Numbers that are compiled into programs. Those of the version change with every version.
constants() {
  cc -x c -dM -E "$header" | sed -n 's/^#define \(KINECT2_[A-Z0-9_]* .\)/\1/p' | grep -v '^KINECT2_VERSION_' | LC_ALL=C sort
}
constants >"$found/constants.txt"
[ -s "$found/constants.txt" ] || die "$header has no constants"

abidw --no-corpus-path --no-comp-dir-path --no-show-locs --no-elf-needed --out-file "$found/abidw.xml" "$library"
"$top/scripts/lib/public_abi.py" <"$found/abidw.xml" >"$found/interface.xml"

different=
differs() {
  if [ -z "$different" ]; then say "The interface is not that of $reference:"; fi
  different=1
  printf '\n   %s:\n' "$1"
  sed 's/^/   /' "$found/report"
}
compare_lines() { diff -U 0 --label before --label now "$reference/$1" "$found/$1" >"$found/report" || differs "$1"; }

write_down() {
  mkdir -p "$reference"
  cp "$found/interface.xml" "$found/symbols.txt" "$found/constants.txt" "$reference/"
  say "Written down in $reference"
}
if [ ! -e "$reference/interface.xml" ]; then
  [ -n "$bless" ] || die "nothing is written down in $reference: $0 --bless does that"
  write_down
  exit
fi
compare_lines symbols.txt
compare_lines constants.txt
status=0
abidiff "$reference/interface.xml" "$found/interface.xml" >"$found/report" 2>&1 || status=$?
case $status in
  0) compare_lines interface.xml ;; # what abidiff calls harmless is not so for who compiles: a member's name
  *) differs "abidiff (status $status)" ;;
esac

if [ -z "$different" ]; then
  echo "$(wc -l <"$found/symbols.txt") functions, $(grep -c '<class-decl' "$found/interface.xml") structures and handles," \
    "$(wc -l <"$found/constants.txt") constants: as written down"
elif [ -n "$bless" ]; then
  write_down
else
  printf '\n%s\n' "Within one soname nothing may be removed or changed, see docs/conventions.md: functions and constants are added, structures
grow at their end. What is meant is written down by $0 --bless, and belongs into CHANGELOG.md."
  exit 1
fi
