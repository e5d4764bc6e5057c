#!/usr/bin/env bash
# Builds and runs all tests of the C# binding: a minute at most, quiet when all is right.
#
#   bindings/csharp/test.sh NATIVE_DIR [WORK_DIR]
#
#   NATIVE_DIR    has lib/libstreamkinect2.so and include/streamkinect2.h
#   WORK_DIR      gets all that is built; without it, it is a temporary folder
#   DOTNETCORE2   environment: the folder with the program dotnet of a .NET runtime from 2.1 on, such as the one in PyPI's package
#                 dotnetcore2; without it nothing runs on CoreCLR
#
# Needs mono-mcs, mono-runtime, libmono-cecil-private-cil, a C compiler and Python 3. Nothing is written beside the sources.
set -euo pipefail
# shellcheck source=build.sh
. "$(dirname "${BASH_SOURCE[0]}")/build.sh"
[ $# -eq 1 ] || [ $# -eq 2 ] || {
  sed -n '2,/^set /{/^set /d;s/^# \{0,1\}//p}' "${BASH_SOURCE[0]}"
  exit 2
}
native=$(cd "$1" && pwd)
temporary=
[ $# -eq 2 ] || temporary=$(mktemp -d)
work=${2:-$temporary}
mkdir -p "$work"
work=$(cd "$work" && pwd)
server=
trap '[ -z "$server" ] || kill "$server" 2>/dev/null || true; [ -z "$temporary" ] || rm -rf "$temporary"' EXIT
unset LD_LIBRARY_PATH MONO_PATH

# run MACHINE PROGRAM ARGUMENTS...: on mono or coreclr, with the native library by its folder.
run() {
  local machine=$1 program=$2
  shift 2
  # What hangs is a failure and not a test that never ends.
  case $machine in
    mono) LD_LIBRARY_PATH=$native/lib timeout 200 mono "$work/mono/$program.exe" "$@" ;;
    coreclr) LD_LIBRARY_PATH=$native/lib timeout 200 "$DOTNETCORE2/dotnet" exec "$work/coreclr/$program.dll" "$@" ;;
  esac
}

failures=0
# expect WHAT COMMAND...: says what failed, with its output; the tests go on.
expect() {
  local what=$1 output status=0
  shift
  output=$("$@" 2>&1) || status=$?
  [ $status -eq 0 ] && return
  failures=$((failures + 1))
  printf 'FAILED %s (exit status %d)\n%s\n' "$what" $status "$output" >&2
}

# ---- everything compiles without a warning ------------------------------------------------------
rm -rf "$work"/{mono,coreclr,package,packages}
build_library "$work"
build_program "$work" Tests "$csharp"/tests/{Runner,Rig,*Tests}.cs
build_program "$work" DomainReload "$csharp/tests/DomainReload.cs"
examples=(Discover PingClient MockServer DepthClient GameLoop)
for example in "${examples[@]}"; do
  build_program "$work" "$example" "$csharp/examples/Program.cs" "$csharp/examples/$example.cs"
done
build_program "$work" ProcessExit "$csharp/tests/ProcessExit.cs"
build_program "$work" FirstProgram "$csharp/tests/FirstProgram.cs"
rm -f "$work"/readme*
awk -v prefix="$work/readme" -f "$csharp/tests/readme.awk" "$csharp/README.md"
sed -n '/^### C#$/,/^### Unity$/p' "$csharp/../../README.md" | awk -v prefix="$work/readme_project" -f "$csharp/tests/readme.awk"
[ -s "$work/readme_project1.cs" ] || {
  echo "test.sh: the project's README has no program in its section \"C#\"" >&2
  exit 1
}
for program in "$work"/readme*.cs; do
  build_program "$work" "$(basename "$program" .cs)" "$program"
done
awk -f "$csharp/tests/layout.awk" "$native/include/streamkinect2.h" >"$work/layout.c"
cc -Wall -Werror -I"$native/include" "$work/layout.c" -o "$work/layout"
"$work/layout" >"$work/layout.txt"
export STREAMKINECT2_HEADER=$native/include/streamkinect2.h STREAMKINECT2_LAYOUT=$work/layout.txt

for function in $(grep -ohE 'kinect2_\w+\(' "$csharp"/src/Interop/NativeMethods*.cs | tr -d '('); do
  expect "$function is used, not only declared" grep -qrE "NativeMethods\.$function\b" "$csharp/src"
done

# ---- the tests, on both machines side by side ------------------------------------------------------
machines=(mono)
[ -z "${DOTNETCORE2:-}" ] || machines+=(coreclr)
declare -A testing
for machine in "${machines[@]}"; do
  run "$machine" Tests >"$work/tests-$machine.log" 2>&1 &
  testing[$machine]=$!
done
for machine in "${machines[@]}"; do
  wait "${testing[$machine]}" || failures=$((failures + 1))
  sed "s/^/C# on $machine: /" "$work/tests-$machine.log"
done

for machine in "${machines[@]}"; do
  expect "a process on $machine ends while frames flow" run "$machine" ProcessExit
  expect "a process on $machine ends in a handler" run "$machine" ProcessExit handler
done

# ---- domains that are unloaded while frames flow, CoreCLR has none ----------------------------------
run mono DomainReload 50 >"$work/reload.log" 2>&1 &
reload=$!

# ---- the package, and the programs with what is in it ----------------------------------------------
"$csharp/pack.sh" "$native/lib/libstreamkinect2.so" "$work/packages" >"$work/pack.log"
python3 -m zipfile --extract "$work"/packages/StreamKinect2.*.nupkg "$work/package"
for file in StreamKinect2.nuspec README.md LICENSE-MIT LICENSE-APACHE lib/netstandard2.0/StreamKinect2.xml _rels/.rels '[Content_Types].xml'; do
  expect "the package has $file" test -s "$work/package/$file"
done
expect "the package has the assembly that was tested" cmp "$work/netstandard/StreamKinect2.dll" "$work/package/lib/netstandard2.0/StreamKinect2.dll"

# From here on the native library is the package's, beside the assembly, where every runtime looks for it.
for machine in "${machines[@]}"; do
  cp "$work/package/lib/netstandard2.0/StreamKinect2.dll" "$work/package/runtimes/linux-x64/native/libstreamkinect2.so" "$work/$machine/"
done
native=$work/nowhere
name="C# programs $$"
mono "$work/mono/MockServer.exe" --realistic --name "$name" --address 127.0.0.1 --seconds 100 >"$work/server.log" 2>&1 &
server=$!
for machine in "${machines[@]}"; do
  expect "FirstProgram on $machine" run "$machine" FirstProgram "$name" 5
  expect "DepthClient on $machine" run "$machine" DepthClient --server "$name" --address 127.0.0.1 --frames 5 --save "$work/depth.pgm"
done
expect "a picture of 512x424 pixels" test "$(stat -c %s "$work/depth.pgm" 2>/dev/null)" = $((17 + 2 * 512 * 424))
expect "GameLoop" run mono GameLoop --server "$name" --frames 5
expect "Discover" run mono Discover --address 127.0.0.1 --seconds 4
expect "PingClient" run mono PingClient --address 127.0.0.1 --count 1 --seconds 10
kill "$server"
wait "$server" 2>/dev/null || true
server=

wait "$reload" || failures=$((failures + 1))
sed "s/^/C# on mono: /" "$work/reload.log"
[ "$failures" -eq 0 ]
