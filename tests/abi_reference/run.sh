#!/usr/bin/env bash
# Proves that scripts/abi.sh finds what it is there to find.
#
#   tests/abi_reference/run.sh
#
# A small library that has one of everything is written down and compared, first with itself, then with one thing changed at a time;
# then the real library is compared with a reference in which one thing is changed. Exit status: 0 if every change was found and
# nothing else.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
top=$(cd "$here/../.." && pwd)
room=$(mktemp -d)
trap 'rm -rf "$room"' EXIT

# build NAME OPTION...: the sample as a shared library with full debug information, unless an option says otherwise.
build() {
  local name=$1
  shift
  rustc --edition 2024 --crate-name sample --crate-type cdylib -C debuginfo=2 -C link-arg=-Wl,-soname,libsample.so.1 \
    --remap-path-prefix "$here=/sample" "$@" -o "$room/$name.so" "$here/sample.rs"
}

failures=0
# expect STATUS TEXT NAME OPTION...: scripts/abi.sh ends with that status and says the text.
expect() {
  local status=$1 text=$2 name=$3 got=0
  shift 3
  "$top/scripts/abi.sh" "$@" >"$room/log" 2>&1 || got=$?
  if [ "$got" = "$status" ] && grep -qe "$text" "$room/log"; then
    printf '   %s\n' "$name"
  else
    echo "   UNEXPECTED: $name: status $got instead of $status, or nothing said about \"$text\":"
    sed 's/^/      /' "$room/log"
    failures=$((failures + 1))
  fi
}

build as_written
expect 1 "nothing is written down" "no reference" --reference "$room/abi" --header "$here/sample.h" --library "$room/as_written.so"
expect 0 "Written down" "a first reference" --bless --reference "$room/abi" --header "$here/sample.h" --library "$room/as_written.so"

# compare STATUS TEXT NAME [OPTION...]: the sample built with these options against the reference.
compare() {
  build "${@:3}"
  expect "$1" "$2" "$3" --reference "$room/abi" --header "$here/sample.h" --library "$room/$3.so"
}
compare 0 "4 functions, 3 structures and handles, 3 constants" the_same
compare 0 "as written down" optimised -C opt-level=3

change() { compare 1 "$2" "$1" --cfg "$1"; }
change function_removed "1 Removed function"
change function_added "1 Added function"
change parameter_changed "parameter 2 of type.*changed"
change parameter_added "parameter 3 of type 'u32' was added"
change result_changed "return type changed"
change callback_changed "parameter 2 of type.*changed"
change member_renamed "rates"
change member_signed "type name changed from 'u32' to 'i32'"
change member_larger "type name changed from 'u32' to 'u64'"
change member_moved "offset changed"
change member_removed "1 data member deletion"
change member_added "1 data member insertion"
change release_changed "type of .*release"
change array_longer "array type subrange"
change foreign_name "exports zmq_socket"
change rust_type "a type that C does not: bool"
compare 1 "SONAME changed" another_soname -C link-arg=-Wl,-soname,libsample.so.2
compare 1 "debug = 2" little_debug_information -C debuginfo=1
compare 1 "debug = 2" no_debug_information -C debuginfo=0

# change_header NAME TEXT SCRIPT: the header changed by sed.
change_header() {
  sed "$3" "$here/sample.h" >"$room/$1.h"
  expect 1 "$2" "$1" --reference "$room/abi" --header "$room/$1.h" --library "$room/as_written.so"
}
change_header constant_changed "^ *+KINECT2_ERROR_IO -8" 's/-7/-8/'
change_header constant_removed "^ *-KINECT2_OK 0" '/KINECT2_OK/d'
change_header constant_added "^ *+KINECT2_MORE 9" '$a #define KINECT2_MORE 9'
sed 's/PATCH 0/PATCH 1/' "$here/sample.h" >"$room/next_version.h"
expect 0 "as written down" next_version --reference "$room/abi" --header "$room/next_version.h" --library "$room/as_written.so"

# The real one: the reference is changed instead of the library.
# change_reference NAME TEXT FILE SCRIPT: by sed, which must change something.
change_reference() {
  rm -rf "$room/$1"
  cp -r "$top/abi" "$room/$1"
  sed -i "$4" "$room/$1/$3"
  ! cmp -s "$top/abi/$3" "$room/$1/$3" || { echo "   UNEXPECTED: $1: nothing was changed"; failures=$((failures + 1)); }
  expect 1 "$2" "real: $1" --reference "$room/$1"
}
change_reference another_member_behind_a_callback "kinect2_server_info_t" interface.xml \
  '/<class-decl name="kinect2_server_info_t"/,/<\/class-decl>/s/type-id="i8 \*"/type-id="u64"/'
change_reference another_parameter "kinect2_client_take_frame" interface.xml \
  '/<function-decl name="kinect2_client_take_frame"/,/<\/function-decl>/s/"u32"/"u64"/'

[ "$failures" = 0 ] || { echo "$failures unexpected" >&2; exit 1; }
echo "all as expected"
