#!/usr/bin/env bash
# Proves that scripts/version.py finds every place that has another version, and sets all of them: in a copy of these files.
#
#   tests/version/run.sh
set -euo pipefail
top=$(cd "$(dirname "$0")/../.." && pwd)
room=$(mktemp -d)
trap 'rm -rf "$room"' EXIT

fail() {
  echo "FAILED: $*" >&2
  exit 1
}

mapfile -t places < <("$top/scripts/version.py" --places)
[ ${#places[@]} -ge 11 ] || fail "only ${#places[@]} files have the version"
(cd "$top" && cp --parents scripts/version.py "${places[@]}" "$room")
version=$room/scripts/version.py
now=$("$version") || fail "the places do not agree"
[ "$now" = "$("$top/scripts/version.py")" ] || fail "the copy has another version"

# No other number can be a part of these.
[ "$("$version" --set 77.88.99)" = 77.88.99 ] || fail "it does not say what it has set"
for place in "${places[@]}"; do
  grep -qE '\b(77\.88\.99|77|88|99)\b' "$room/$place" || fail "$place was not set"
done
grep -q '^## \[77.88.99\] - unreleased$' "$room/CHANGELOG.md" || fail "the unreleased entry is this version's"
if grep -q "^## \[$now\] - unreleased" "$room/CHANGELOG.md"; then fail "there are two unreleased entries"; fi

# Any one place that is behind is found, and named.
for place in "${places[@]}"; do
  cp "$room/$place" "$room/kept"
  sed -i -E 's/\b77\.88\.99\b/77.88.98/; s/^(#define KINECT2_VERSION_PATCH) 99$/\1 98/' "$room/$place"
  if said=$("$version" 2>&1); then fail "$place is behind, and nothing is said"; fi
  if [ "$place" != Cargo.toml ]; then [[ $said == *"$place has"* ]] || fail "$place is behind, but said is: $said"; fi
  mv "$room/kept" "$room/$place"
done
sed -i '/KINECT2_VERSION_MINOR/d' "$room/include/streamkinect2.h"
said=$("$version" 2>&1) && fail "a place is gone, and nothing is said"
[[ $said == *"has no number where 88 belongs"* ]] || fail "a place is gone, but said is: $said"
cp "$top/include/streamkinect2.h" "$room/include/"
"$version" --set 77.88.99 >/dev/null

# A released entry stays.
sed -i 's/^## \[77.88.99\] - unreleased/## [77.88.99] - 2031-01-01/' "$room/CHANGELOG.md"
"$version" --set 77.89.0 >/dev/null
grep -A 2 '^## \[77.89.0\] - unreleased$' "$room/CHANGELOG.md" | grep -q '^## \[77.88.99\] - 2031-01-01$' ||
  fail "the released entry has not stayed"
for word in 1.2 1.2.x v1.2.3 01.2.3 ''; do
  if "$version" --set "$word" >/dev/null 2>&1; then fail "\"$word\" is no version"; fi
done
[ "$("$version")" = 77.89.0 ] || fail "what is no version was set"
echo "version: all as expected"
