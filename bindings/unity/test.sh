#!/usr/bin/env bash
# Packs the Unity package and runs all its tests, without Unity: its C# is compiled against a stub of UnityEngine and run with the packed library.
#
#   bindings/unity/test.sh NATIVE_DIR [WORK_DIR]
#
#   NATIVE_DIR    has lib/libstreamkinect2.so
#   WORK_DIR      gets all that is built (default: a folder that is removed at the end)
#
# Wants mcs and mono with Mono's base class libraries, glslangValidator and Python 3.11. Servers are on the loopback interface; where
# this process may make a network namespace (as root), there is no other interface to look for them.
# Exit status: 0 if everything passed.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
top=$(cd "$here/../.." && pwd)
# shellcheck source=/dev/null
. "$top/scripts/lib/messages.sh"
case ${1:-} in
  --help | -h)
    sed -n '2,/^set /{/^set /d;s/^# \{0,1\}//p}' "$0"
    exit 0
    ;;
  '') refuse "a folder with lib/libstreamkinect2.so is wanted" ;;
esac
library=$1/lib/libstreamkinect2.so
[ -e "$library" ] || die "there is no $library"
for tool in mcs mono glslangValidator python3; do
  command -v "$tool" >/dev/null || die "$tool is missing; on Debian: apt-get install mono-mcs mono-runtime libmono-cil-dev glslang-tools python3"
done
if [ $# -gt 1 ]; then
  mkdir -p "$2"
  work=$(cd "$2" && pwd)
else
  work=$(mktemp -d)
  trap 'rm -rf "$work"' EXIT
fi
rm -rf "${work:?}"/{packed,again,package,build,shaders}

# quietly LOG COMMAND...: shows what it says only if it fails.
quietly() {
  local log=$work/$1.log
  "${@:2}" >"$log" 2>&1 || {
    cat "$log" >&2
    die "failed: ${*:2}"
  }
}

printf 'What the packages have as THIRD-PARTY-NOTICES.txt.\n' >"$work/notices"
export NOTICES=$work/notices
quietly pack "$here/pack.sh" "$1" "$work/packed"
quietly again "$here/pack.sh" "$library" "$work/again"
tarball=$(cat "$work/pack.log")
cmp "$tarball" "$work/again/$(basename "$tarball")" || die "packing twice gives two packages"
tar -xzf "$tarball" -C "$work"
quietly package python3 "$here/headless/package_test.py" "$tarball" "$work/package" "$library"
quietly shaders "$here/headless/shader_test.sh" "$work/package" "$work/shaders"
quietly compile "$here/headless/build.py" "$work/package" "$work/build"
alone=()
if unshare --net true 2>/dev/null && command -v ip >/dev/null; then alone=(unshare --net sh -c 'ip link set lo up && exec "$@"' sh); fi
cd "$work/build"
export LD_LIBRARY_PATH=$work/package/Runtime/Plugins/Linux/x86_64
quietly tests "${alone[@]}" timeout 300 mono --debug Runner.exe StreamKinect2.Unity.dll StreamKinect2.Unity.Editor.dll StreamKinect2.Unity.Tests.dll \
  StreamKinect2.Unity.Editor.Tests.dll HeadlessTests.dll
tail -n 1 "$work/tests.log"
