#!/usr/bin/env bash
# Builds the NuGet package.
#
#   bindings/csharp/pack.sh NATIVE_LIB OUTDIR
#
#   NATIVE_LIB   the native library for Linux on x86-64, self-contained: no other is in the package
#   OUTDIR       gets StreamKinect2.VERSION.nupkg
#
# The same sources make the same package; its files are dated with SOURCE_DATE_EPOCH.
set -euo pipefail
# shellcheck source=build.sh
. "$(dirname "${BASH_SOURCE[0]}")/build.sh"
[ $# -eq 2 ] || {
  sed -n '2,/^set /{/^set /d;s/^# \{0,1\}//p}' "${BASH_SOURCE[0]}"
  exit 2
}
native=$1 out=$2 top=$csharp/../..

room=$(mktemp -d)
trap 'rm -rf "$room"' EXIT
build_library "$room/built"
version=$(sed -n 's/.*const string AssemblyVersion = "\(.*\)";/\1/p' "$csharp/src/KinectLibrary.cs")

layout=$room/layout
mkdir -p "$layout"/{lib/netstandard2.0,runtimes/linux-x64/native} "$out"
cp "$room/built/netstandard"/StreamKinect2.{dll,xml} "$layout/lib/netstandard2.0/"
cp -L "$native" "$layout/runtimes/linux-x64/native/libstreamkinect2.so"
sed "s/\\\$version\\\$/$version/" "$csharp/StreamKinect2.nuspec" >"$layout/StreamKinect2.nuspec"
cp "$top"/{LICENSE-MIT,LICENSE-APACHE,THIRD-PARTY-NOTICES.txt} "$layout/"
# Links out of this folder lead nowhere from the package: they become text that says where the sources have it.
# shellcheck disable=SC2016  # backquotes of Markdown
sed -E 's#\[([^]]+)\]\(\.\./\.\./([^)]+)\)#\1 (`\2` of the sources)#g; s#\[([^]]+)\]\(\.\./([^)]+)\)#\1 (`bindings/\2` of the sources)#g' \
  "$csharp/README.md" >"$layout/README.md"
if grep -nP '\]\((?!https?:|#)' "$layout/README.md" >&2; then
  echo "these links lead nowhere from the package" >&2
  exit 1
fi
python3 "$csharp/tools/nupkg.py" "$layout" "$out/StreamKinect2.$version.nupkg"
echo "StreamKinect2.$version.nupkg"
