#!/usr/bin/env bash
# Installs a build, moves the installed tree, and builds and runs projects that use it there: with
# CMake in C and C++, and with pkg-config.
#
#   tests/consumer/run.sh BUILD_DIR
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
if [ $# != 1 ] || ! [ -f "$1/CMakeCache.txt" ]; then
  sed -n '2,5s/^# \{0,1\}//p' "$0" >&2
  exit 2
fi
build=$(cd "$1" && pwd)

room=$(mktemp -d)
trap 'rm -rf "$room"' EXIT

fail() {
  echo "FAILED: $*" >&2
  exit 1
}

# quietly WHAT COMMAND...: its output is shown only when it fails.
quietly() {
  local what=$1
  shift
  "$@" >"$room/log" 2>&1 || {
    cat "$room/log"
    fail "$what"
  }
}

quietly "cannot install" cmake --install "$build" --prefix "$room/first"
mv "$room/first" "$room/moved"
prefix=$room/moved

# The links and the soname: what is linked is the file, what is loaded is the soname.
library=$(find "$prefix" -name libstreamkinect2.so)
[ -n "$library" ] || fail "libstreamkinect2.so is not installed"
libdir=$(dirname "$library")
soname=$(objdump -p "$library" | sed -n 's/^ *SONAME *//p')
[ "$(readlink "$library")" = "$soname" ] || fail "libstreamkinect2.so is not a link to $soname"
[ -f "$libdir/$(readlink "$libdir/$soname")" ] || fail "$soname is not a link to the library"
if grep -rIF -e "$room/first" -e "$build" "$libdir/cmake" "$libdir/pkgconfig"; then fail "absolute paths in the package"; fi

# The self-contained build needs the runtimes of C and C++ and nothing else.
if ! grep -q '^STREAMKINECT2_SYSTEM_DISCOVERY:BOOL=ON' "$build/CMakeCache.txt"; then
  for needed in $(objdump -p "$library" | sed -n 's/^ *NEEDED *//p'); do
    case $needed in
      libstdc++.so.* | libgcc_s.so.* | libm.so.* | libc.so.* | ld-linux*) ;;
      *) fail "the library needs $needed" ;;
    esac
  done
fi

for language in c cpp; do
  quietly "cannot configure" cmake -S "$here/$language" -B "$room/$language" -DCMAKE_PREFIX_PATH="$prefix"
  quietly "cannot build" cmake --build "$room/$language"
  for kind in shared static streamkinect2; do
    echo "== $language, streamkinect2::$kind"
    "$room/$language/consumer_$kind"
  done
  loaded=$(ldd "$room/$language/consumer_shared") # not in a pipe: grep -q would end ldd early, which is a failure
  [[ $loaded == *"$libdir/$soname"* ]] || fail "consumer_shared loads another library:
$loaded"
  [[ $(ldd "$room/$language/consumer_static") != *libstreamkinect2* ]] || fail "consumer_static is not static"
done
quietly "cannot configure" cmake -S "$here/c" -B "$room/c" -DSTREAMKINECT2_STATIC=ON
quietly "cannot build" cmake --build "$room/c"
[[ $(ldd "$room/c/consumer_streamkinect2") != *libstreamkinect2* ]] || fail "STREAMKINECT2_STATIC was ignored"

export PKG_CONFIG_PATH=$libdir/pkgconfig
cc=${CC:-cc}
echo "== C, pkg-config"
# shellcheck disable=SC2046
"$cc" -std=c11 "$here/c/main.c" $(pkg-config --cflags --libs streamkinect2) -o "$room/with_pc"
LD_LIBRARY_PATH=$libdir "$room/with_pc"

# --static is for a tree that has only the static library: linkers prefer the shared one.
echo "== C, pkg-config --static"
rm "$libdir"/libstreamkinect2.so*
# shellcheck disable=SC2046
"$cc" -std=c11 "$here/c/main.c" $(pkg-config --static --cflags --libs streamkinect2) -o "$room/with_static_pc"
"$room/with_static_pc"
echo "consumer projects: fine"
