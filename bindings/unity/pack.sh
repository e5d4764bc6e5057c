#!/usr/bin/env bash
# Makes the Unity package: a tarball that Unity's Package Manager installs ("Add package from tarball").
#
#   bindings/unity/pack.sh NATIVE... OUTDIR
#
#   NATIVE    the shared library for a platform as it shall be in the package, self-contained, or a folder with lib/libstreamkinect2.so.
#             Which platform it is for is read from the file; there may be one for each
#   OUTDIR    gets the tarball, whose path is printed
#
# In the package are this folder's parts, the C# sources of bindings/csharp/src, the native libraries, the licences, and a .meta file for
# each of these (meta.py). "Third Party Notices.md" is THIRD-PARTY-NOTICES.txt, or what $NOTICES names. The same input gives the same
# bytes; files are dated by $SOURCE_DATE_EPOCH, or as npm dates them.
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
esac
[ $# -ge 2 ] || refuse "a native library and a folder for the tarball are wanted"
notices=${NOTICES:-$top/THIRD-PARTY-NOTICES.txt}
[ -s "$notices" ] || die "\"$notices\" is missing or empty: it has the licences of what the native library contains"
outdir=${!#}
libraries=()
for native in "${@:1:$#-1}"; do
  [ ! -d "$native" ] || native=$native/lib/libstreamkinect2.so
  libraries+=("$native")
done

stage=$(mktemp -d)
trap 'rm -rf "$stage"' EXIT
package=$stage/package
mkdir "$package"
for part in package.json README.md CHANGELOG.md Runtime Editor Tests Samples~ Documentation~; do
  cp -r "$here/$part" "$package/"
done
(cd "$top/bindings/csharp/src" && find . -name '*.cs' -print0 | xargs -0 cp --parents -t "$package/Runtime/StreamKinect2")
cp "$notices" "$package/Third Party Notices.md"
{
  printf '# Licence\n\nMIT or Apache-2.0, at your choice. What the native libraries contain besides is in "Third Party Notices.md".\n'
  printf '\n## MIT\n\n'
  cat "$top/LICENSE-MIT"
  printf '\n## Apache-2.0\n\n'
  cat "$top/LICENSE-APACHE"
} >"$package/LICENSE.md"
"$here/meta.py" place "$package" "${libraries[@]}"
find "$package" -type f -exec chmod 644 {} +
"$here/meta.py" write "$package"

mkdir -p "$outdir"
read -r name version < <(python3 -c 'import json, sys; p = json.load(open(sys.argv[1])); print(p["name"], p["version"])' "$package/package.json")
tarball=$(cd "$outdir" && pwd)/$name-$version.tgz
tar -C "$stage" --sort=name --mtime="@${SOURCE_DATE_EPOCH:-499162500}" --owner=0 --group=0 --numeric-owner --mode='u=rwX,go=rX' -cf - package |
  gzip -9n >"$tarball"
printf '%s\n' "$tarball"
