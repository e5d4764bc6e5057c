#!/usr/bin/env bash
# Builds every package into one folder.
#
#   scripts/package.sh [--native DIR] OUTDIR
#
#   --native DIR   with the library that scripts/native.sh left there, instead of building it
#   --help         show this
#
# OUTDIR gets, for Linux on x86-64:
#
#   libstreamkinect2-VERSION-linux-x64.tar.gz         library, headers for C and C++, CMake package, pkg-config file
#   libstreamkinect2-VERSION-linux-x64-debug.tar.gz   the debug information of that library
#   StreamKinect2.VERSION.nupkg                       C#
#   org.streamkinect2.streamkinect2-VERSION.tgz       Unity
#   streamkinect2-VERSION-py3-none-manylinux_*.whl    Python
#
# All carry the same library, which is self-contained, the licences and THIRD-PARTY-NOTICES.txt. docs/packages.md tells what is in them.
# The same sources make the same archives: files are sorted and dated with the last commit, or with SOURCE_DATE_EPOCH.
set -euo pipefail
top=$(cd "$(dirname "$0")/.." && pwd)
for part in messages needs platforms; do
  # shellcheck source=/dev/null
  . "$top/scripts/lib/$part.sh"
done

target=linux-x64 native='' out=''
while [ $# -gt 0 ]; do
  case $1 in
    --help | -h)
      sed -n '2,/^set /{/^set /d;s/^# \{0,1\}//p}' "$0"
      exit 0
      ;;
    --native)
      [ -n "${2:-}" ] || refuse "--native wants a folder"
      native=$2
      shift
      ;;
    -*) refuse "unknown option \"$1\"" ;;
    *)
      [ -z "$out" ] || refuse "one OUTDIR at a time"
      out=$1
      ;;
  esac
  shift
done
[ -n "$out" ] || refuse "no OUTDIR is given"
need cmake cmake
need make make
need gcc cc # CMake asks it for the layout of folders
need binutils readelf
need python3 python3
need python3-venv
need mono-mcs mcs # C#
need mono-runtime mono
need libmono-cil-dev
need libmono-cecil-private-cil
need_rust "$top/Cargo.toml"
install_needs

version=$("$top/scripts/version.py") || die "the version is not the same everywhere; scripts/version.py --set makes it so"
"$top/scripts/third_party.py" --check
if [ -z "${SOURCE_DATE_EPOCH:-}" ]; then
  SOURCE_DATE_EPOCH=$(git -C "$top" log -1 --format=%ct 2>/dev/null) || die "these sources have no git history: set SOURCE_DATE_EPOCH"
fi
export SOURCE_DATE_EPOCH

mkdir -p "$out"
out=$(cd "$out" && pwd)
room=$(mktemp -d)
trap 'rm -rf "$room"' EXIT
if [ -z "$native" ]; then
  native=$room/native
  "$top/scripts/native.sh" --target "$target" "$native"
else
  "$top/scripts/check-native.sh" --target "$target" "$native/lib/libstreamkinect2.so.$version"
fi
native=$(cd "$native" && pwd)
library=$native/lib/libstreamkinect2.so.$version

# archive NAME: $room/NAME as $out/NAME.tar.gz.
archive() {
  chmod -R u=rwX,go=rX "$room/$1"
  tar --create --directory "$room" --sort=name --owner=0 --group=0 --numeric-owner --mtime="@$SOURCE_DATE_EPOCH" --format=ustar "$1" |
    gzip --best --no-name >"$out/$1.tar.gz"
  echo "$1.tar.gz"
}

say "For C and C++"
name=libstreamkinect2-$version-$target
{ cmake -S "$top" -B "$room/cmake" -DSTREAMKINECT2_PREBUILT="$library" -DSTREAMKINECT2_BUILD_TESTS=OFF \
  -DSTREAMKINECT2_BUILD_EXAMPLES=OFF -DCMAKE_INSTALL_LIBDIR=lib && cmake --install "$room/cmake" --prefix "$room/$name"; } \
  >"$room/log" 2>&1 || {
  cat "$room/log" >&2
  die "CMake could not install the library"
}
cp "$top/cmake/package-readme.md" "$room/$name/README.md"
archive "$name"
mkdir "$room/$name-debug"
cp "$native"/debug/*.debug "$room/$name-debug/"
archive "$name-debug"

for binding in csharp unity python; do
  say "bindings/$binding"
  "$top/bindings/$binding/pack.sh" "$library" "$out"
done
