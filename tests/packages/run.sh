#!/usr/bin/env bash
# Installs each package into a clean folder and runs a first program in its language from there: it discovers a server, pings it, and gets
# depth frames, whose pixels are those that the server's program says it sends.
#
#   tests/packages/run.sh PACKAGES_DIR WORK_DIR [LANGUAGE...]      c cpp csharp unity python (all of them)
#
# PACKAGES_DIR is what scripts/package.sh has made; what is installed and built goes into WORK_DIR/tested, anew each time. Nothing of the
# build tree is used: not its library, and of its sources only the programs. pip takes what the wheel depends on from where it always does.
# With DOTNETCORE2, the folder of a .NET runtime's program dotnet (PyPI's package dotnetcore2 has one), C# runs on it, too.
#
# Exit status 77: this machine does not let us make a network namespace (it takes root), where discovery concerns nobody else.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
top=$(cd "$here/../.." && pwd)
# shellcheck source=../../scripts/lib/processes.sh
. "$top/scripts/lib/processes.sh"
frames=30 # of each program: a second
all=(c cpp csharp unity python)
# What would lead programs to another library than their package's.
unset LD_LIBRARY_PATH PYTHONPATH MONO_PATH CMAKE_PREFIX_PATH PKG_CONFIG_PATH STREAMKINECT2_LIBRARY_DIR

usage() {
  sed -n '2,12s/^# \{0,1\}//p' "$0" >&2
  exit 2
}
fail() {
  echo "FAILED: $*" >&2
  exit 1
}

# quietly WHAT COMMAND...: its output is shown only when it fails.
quietly() {
  local what=$1
  shift
  "$@" >"$work/log" 2>&1 || {
    cat "$work/log" >&2
    fail "$what"
  }
}

# the_package PATTERN: the one file of PACKAGES_DIR with such a name.
the_package() {
  local found
  mapfile -t found < <(find "$packages" -maxdepth 1 -name "$1" ! -name '*-debug.tar.gz')
  [ ${#found[@]} = 1 ] || fail "$packages has ${#found[@]} files $1, not one"
  echo "${found[0]}"
}

install_wheel() {
  quietly "no virtual environment; on Debian: apt-get install python3-venv" python3 -m venv "$work/python"
  quietly "the wheel cannot be installed" "$work/python/bin/pip" install --disable-pip-version-check "$(the_package 'streamkinect2-*.whl')"
}

if [ "${1:-}" != --inside ]; then
  [ $# -ge 2 ] && [ -d "$1" ] || usage
  unshare --net true 2>/dev/null && command -v ip >/dev/null || { echo "no network namespaces here"; exit 77; }
  packages=$(cd "$1" && pwd)
  rm -rf "$2/tested"
  mkdir -p "$2/tested"
  work=$(cd "$2/tested" && pwd)
  shift 2
  [ $# -gt 0 ] || set -- "${all[@]}"
  for language; do [[ " ${all[*]} " == *" $language "* ]] || fail "there is no language $language; there are: ${all[*]}"; done
  # The only step that may need a network: what a package depends on.
  if [[ " $* " == *" python "* ]]; then install_wheel; fi
  exec timeout --kill-after=10 300 unshare --net "$here/run.sh" --inside "$packages" "$work" "$@"
fi
packages=$2 work=$3
languages=("${@:4}")
ip link set lo up

# as_sent RECEIVED SENT: a pong, then as many frames as asked for, one after the other, each with the pixels that were sent by its number.
as_sent() {
  local line previous=-1 sequence different
  [ "$(head -n 1 "$1")" = pong ] || { echo "no pong at first"; return 1; }
  [ "$(grep -c '^depth ' "$1")" = "$frames" ] || { echo "$(grep -c '^depth ' "$1") frames, not $frames"; return 1; }
  while read -r line; do
    grep -qxF "$line" "$2" || { echo "nothing was sent like: $line"; return 1; }
    read -r _ sequence _ <<<"$line"
    [ "$sequence" -gt "$previous" ] || { echo "frame $sequence came after $previous"; return 1; }
    previous=$sequence
  done < <(grep '^depth ' "$1")
  different=$(sort -u -k 3,3 "$1" | grep -c '^depth ')
  [ "$different" -gt $((frames / 2)) ] || { echo "only $different frames differ"; return 1; }
}

# The files of our library that a process has loaded, as soon as there are any.
loaded_library() {
  while kill -0 "$1" 2>/dev/null; do
    if grep -ho '/[^ ]*streamkinect2[^ /]*\.so[^ /]*$' "/proc/$1/maps" 2>/dev/null | sort -u | grep .; then return; fi
    sleep 0.02
  done
}

# receive NAME FOLDER COMMAND...: runs a first program, which must load the library of FOLDER and no other, and compares what it gets.
receive() {
  local name=$1 folder=$2 received=$work/received-$1.log loaded
  shift 2
  start_process "$received" "$@" "$server" "$frames"
  loaded=$(loaded_library "$started")
  wait "$started" || { cat "$received" >&2; fail "$name ended with $?"; }
  [[ $(dirname "$loaded") == "$folder"* ]] || fail "$name loads the library $loaded, which is not of its package"
  as_sent "$received" "$work/sent.log" >"$work/log" || { cat "$work/log" >&2; fail "$name: received is not what was sent"; }
  echo "   $name: $frames frames as sent, with $(basename "$loaded") of its package"
}

install_tarball() {
  mkdir "$work/unpacked"
  tar --extract --directory "$work/unpacked" --file "$(the_package 'libstreamkinect2-*-linux-x64.tar.gz')"
  mv "$work"/unpacked/libstreamkinect2-* "$work/moved" # it works wherever it is
  prefix=$work/moved
  for file in README.md lib/libstreamkinect2.so share/doc/streamkinect2/{LICENSE-MIT,LICENSE-APACHE,THIRD-PARTY-NOTICES.txt}; do
    [ -f "$prefix/$file" ] || fail "the tarball has no $file"
  done
  quietly "the tarball's library is not fit for packages" "$top/scripts/check-native.sh" "$prefix/lib/libstreamkinect2.so"
  quietly "CMake does not find the package" cmake -S "$here" -B "$work/programs" -DCMAKE_PREFIX_PATH="$prefix"
  quietly "the programs do not build" cmake --build "$work/programs"
}

# The sender is of C and of the tarball, for every language.
start_sender() {
  server="Packages $$"
  start_process "$work/sent.log" "$work/programs/sender" "$server"
  wait_for_line "$work/sent.log" ready 10 "$started" || { cat "$work/sent.log" >&2; fail "the sender did not start"; }
}

# What the comparison is worth: it must fail where one digit, or one frame, is another.
check_the_comparison() {
  local log=$work/received-c.log
  for change in '5s/.$/x/' '7d' '1d' '4{h;d};6{G}'; do
    sed "$change" "$log" >"$work/changed.log"
    if as_sent "$work/changed.log" "$work/sent.log" >/dev/null; then fail "the comparison takes anything: $change"; fi
  done
}

# carries WHAT FOLDER...: the package unpacked there has the library of the tarball, both licences, and the notices.
carries() {
  local what=$1 libraries no_notices=(--exclude='*[Nn]otices*' --exclude='*NOTICES*')
  shift
  mapfile -t libraries < <(find "$@" -type f -name 'libstreamkinect2.so*' ! -name '*.meta')
  [ ${#libraries[@]} = 1 ] || fail "$what carries ${#libraries[@]} libraries, not one"
  cmp -s "${libraries[0]}" "$prefix/lib/libstreamkinect2.so" || fail "$what carries another library than the tarball"
  find "$@" -type f -exec cmp -s "$top/THIRD-PARTY-NOTICES.txt" {} \; -print | grep -q . || fail "$what carries no third-party notices"
  grep -rqF "${no_notices[@]}" "$(grep -m 1 Copyright "$top/LICENSE-MIT")" "$@" || fail "$what carries no LICENSE-MIT"
  grep -rqF "${no_notices[@]}" "TERMS AND CONDITIONS FOR USE, REPRODUCTION" "$@" || fail "$what carries no LICENSE-APACHE"
}

try_c() {
  carries "the tarball" "$prefix"
  receive c "$prefix/lib" "$work/programs/first_program_c"
  check_the_comparison
  if cmake -S "$here" -B "$work/static" -DCMAKE_PREFIX_PATH="$prefix" -DSTREAMKINECT2_STATIC=ON >"$work/log" 2>&1 ||
    ! grep -q "no static library" "$work/log"; then
    fail "a static library is asked for, and CMake does not say that there is none"
  fi
  # As the package's README says it without CMake.
  local flags
  flags=$(PKG_CONFIG_PATH=$prefix/lib/pkgconfig pkg-config --cflags --libs streamkinect2)
  # shellcheck disable=SC2086
  quietly "pkg-config's flags do not do" cc -std=c11 "$here/first_program.c" $flags -o "$work/with_pc"
  receive c-pkg-config "$prefix/lib" env LD_LIBRARY_PATH="$prefix/lib" "$work/with_pc"
}

try_cpp() { receive cpp "$prefix/lib" "$work/programs/first_program_cpp"; }

# The shipped assembly, with what Debian's Mono needs to compile against .NET Standard and to run it.
try_csharp() {
  local package=$work/csharp/package built=$work/csharp/built
  mkdir -p "$package"
  python3 -m zipfile --extract "$(the_package '*.nupkg')" "$package"
  carries "the NuGet package" "$package"
  # shellcheck source=../../bindings/csharp/build.sh
  . "$top/bindings/csharp/build.sh"
  quietly "the C# sources do not compile" build_library "$built"
  cp "$package/lib/netstandard2.0/StreamKinect2.dll" "$built/netstandard/"
  quietly "the C# program does not compile" build_program "$built" FirstProgram "$top/bindings/csharp/tests/FirstProgram.cs"
  local runtime=$package/runtimes/linux-x64/native
  receive csharp-mono "$runtime" env LD_LIBRARY_PATH="$runtime" mono "$built/mono/FirstProgram.exe"
  [ -z "${DOTNETCORE2:-}" ] ||
    receive csharp-coreclr "$runtime" env LD_LIBRARY_PATH="$runtime" "$DOTNETCORE2/dotnet" exec "$built/coreclr/FirstProgram.dll"
}

# Unpacked, as Unity does it. Its sources are compiled against a stub of UnityEngine, which plays a scene.
try_unity() {
  local package=$work/unity/package
  mkdir "$work/unity"
  tar --extract --directory "$work/unity" --file "$(the_package '*streamkinect2*.tgz')"
  carries "the Unity package" "$package"
  quietly "the Unity package does not compile" "$top/bindings/unity/headless/build.py" "$package" "$work/unity/built"
  receive unity "$package/Runtime/Plugins" \
    env LD_LIBRARY_PATH="$package/Runtime/Plugins/Linux/x86_64" mono "$work/unity/built/FirstProgram.exe"
}

try_python() {
  carries "the wheel" "$work"/python/lib/python3*/site-packages/streamkinect2*
  cp "$top/bindings/python/tests/first_program.py" "$work" # away from the sources, which Python would look at first
  receive python "$work/python/lib" "$work/python/bin/python" "$work/first_program.py"
}

echo "packages of $packages"
install_tarball
start_sender
for language in "${languages[@]}"; do "try_$language"; done
echo "packages: all passed"
