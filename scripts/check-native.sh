#!/usr/bin/env bash
# Checks a shared library as packages carry it, from the file itself: that it runs wherever it says that it runs, and that programs can link
# what the header declares.
#
#   scripts/check-native.sh [--target NAME] FILE
#
#   --target NAME    the system that it is for: linux-x64 (the default, and the only one so far)
#   --symbols FILE   the names that it must export (abi/symbols.txt)
#   --soname NAME    the name that programs ask the loader for (from Cargo.toml's version)
#   --help           show this
#
# Says everything that is wrong. Exit status: 0 if nothing is.
set -euo pipefail
top=$(cd "$(dirname "$0")/.." && pwd)
for part in messages platforms; do
  # shellcheck source=/dev/null
  . "$top/scripts/lib/$part.sh"
done

target=linux-x64 symbols=$top/abi/symbols.txt soname='' file=''
while [ $# -gt 0 ]; do
  case $1 in
    --help | -h)
      sed -n '2,/^set /{/^set /d;s/^# \{0,1\}//p}' "$0"
      exit 0
      ;;
    --target | --symbols | --soname)
      [ -n "${2:-}" ] || refuse "$1 wants a name"
      declare "${1#--}=$2"
      shift
      ;;
    -*) refuse "unknown option \"$1\"" ;;
    *)
      [ -z "$file" ] || refuse "one file at a time"
      file=$1
      ;;
  esac
  shift
done
[ -n "$file" ] || refuse "no file is given"
[ -f "$file" ] || die "there is no file $file"
platform "$target"
[ -n "$soname" ] || soname=$(library_soname)
command -v readelf >/dev/null || die "readelf is missing; on Debian: apt-get install binutils"

export LC_ALL=C
header=$(readelf --wide --file-header "$file" 2>/dev/null) || die "$file is not a library: no ELF file"
segments=$(readelf --wide --program-headers "$file")
dynamic=$(readelf --wide --dynamic "$file")
# "NAME", or "NAME@VERSION" for what other libraries have to give.
names=$(readelf --wide --dyn-syms "$file")
sections=$(readelf --wide --section-headers "$file")

faults=0
fault() {
  printf '%s: %s\n' "$file" "$*" >&2
  faults=$((faults + 1))
}

[[ $header == *"Machine: "*"$elf_machine"* ]] || fault "it is not for $elf_machine"
[[ $header == *"Type: "*"DYN"* ]] || fault "it is not a shared library"

# The libraries that it needs: the C library's own, which every system of that kind has.
needed=$(sed -n 's/.*(NEEDED).*\[\(.*\)\]/\1/p' <<<"$dynamic")
for library in $needed; do
  [[ " $system_libraries " == *" $library "* ]] || fault "it needs $library, which a system need not have (allowed: $system_libraries)"
done

# The newest version of them that it needs. Names without a number (GLIBC_PRIVATE) are no promise of any version.
required=$(sed -n 's/.*@\(GLIBC_[A-Z0-9._]*\).*/\1/p' <<<"$names" | sort -uV)
for version in $required; do
  if ! [[ $version =~ ^GLIBC_[0-9.]+$ ]]; then
    fault "it needs $version, which belongs to the C library itself"
  elif [ "$(printf '%s\n' "${version#GLIBC_}" "$newest_glibc" | sort -V | tail -n 1)" != "$newest_glibc" ]; then
    fault "it needs $version, newer than $newest_glibc: $(sed -n "s/.* \([^ ]*\)@$version.*/\1/p" <<<"$names" | tr '\n' ' ')"
  fi
done
[ -n "$required" ] || fault "it names no version of the C library: is it linked with one?"

# What it exports: what the header declares, no more and no less.
exported=$(awk '$5 != "LOCAL" && $7 != "UND" && $8 != "" && $1 ~ /^[0-9]+:$/ { sub(/@.*/, "", $8); print $8 }' <<<"$names" | sort -u)
differences=$(diff <(sort -u "$symbols") <(printf '%s\n' "$exported")) || true
missing=$(sed -n 's/^< //p' <<<"$differences" | tr '\n' ' ')
foreign=$(sed -n 's/^> //p' <<<"$differences" | tr '\n' ' ')
[ -z "${missing// /}" ] || fault "it does not export: $missing"
[ -z "${foreign// /}" ] || fault "it exports what the header does not declare: $foreign"

# How it is loaded.
found=$(sed -n 's/.*(SONAME).*\[\(.*\)\]/\1/p' <<<"$dynamic")
[ "$found" = "$soname" ] || fault "its soname is \"$found\" and not $soname"
[[ $dynamic != *"(RPATH)"* && $dynamic != *"(RUNPATH)"* ]] || fault "it has a search path of its own (RPATH or RUNPATH)"
[[ $dynamic != *"(TEXTREL)"* ]] || fault "it has relocations in its code (TEXTREL)"
stack=$(grep -m 1 GNU_STACK <<<"$segments" || true)
[[ $stack == *" RW "* ]] || fault "it wants an executable stack${stack:+ (${stack#"${stack%%[! ]*}"})}"
[[ $segments == *GNU_RELRO* ]] || fault "its relocated data stay writable (no RELRO)"

# What belongs beside it and not into it.
[[ $sections != *" .debug_"* ]] || fault "it carries debug information"
[ -z "${HOME:-}" ] || [ "$HOME" = / ] || ! grep -qaF "$HOME/" "$file" || fault "it has paths of the machine that built it ($HOME)"

if [ "$faults" != 0 ]; then exit 1; fi
printf '%s: for %s, glibc %s; needs %s; %s functions, %s\n' "${file##*/}" "$target" "$(tail -n 1 <<<"$required" | sed 's/GLIBC_//')" \
  "$(tr '\n' ' ' <<<"$needed" | sed 's/ $//')" "$(wc -l <<<"$exported")" "$soname"
