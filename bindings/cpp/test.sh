#!/usr/bin/env bash
# Compiles the C++ interface and its tests with g++ and clang++, as C++17 and C++20, with warnings as errors; runs the tests
# as clang++ makes them of C++20 (CMake and ctest do so as g++ makes them of C++17), and programs for what CMake does not
# try: units of two standards in one program, no exceptions in the compiler.
#
#   bindings/cpp/test.sh NATIVE_DIR [WORK_DIR]
#
#   NATIVE_DIR   has lib/libstreamkinect2.so
#   WORK_DIR     gets what is built; without it a temporary folder does
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
include=$here/../../include
[ $# -ge 1 ] && [ -e "$1/lib/libstreamkinect2.so" ] || { sed -n '2,9s/^# \{0,1\}//p' "$0" >&2; exit 1; }
native=$(cd "$1" && pwd)
if [ $# -ge 2 ]; then
  mkdir -p "$2"
  work=$(cd "$2" && pwd)
else
  work=$(mktemp -d)
  trap 'rm -rf "$work"' EXIT
fi
for compiler in g++ clang++; do
  command -v "$compiler" >/dev/null || { echo "$compiler not found (on Debian: apt-get install g++ clang)" >&2; exit 1; }
done

warnings=(-Wall -Wextra -Wpedantic -Wconversion -Wshadow -Werror)
link=(-L"$native/lib" -lstreamkinect2 -Wl,-rpath,"$native/lib" -pthread)
compile() { "$1" -std="$2" "${warnings[@]}" -I"$include" "${@:3}"; }
tests=(callbacks ending errors frames polling compression discovering)

# What can be done side by side: lines of NAME COMMAND, two at a time; shows the output of what failed.
side_by_side() {
  local failed=0 name command running=0
  one() { eval "$2" >"$work/$1.log" 2>&1 || { echo "FAILED: $1" >&2; cat "$work/$1.log" >&2; return 1; }; }
  while read -r name command; do
    one "$name" "$command" &
    running=$((running + 1))
    if [ "$running" = 2 ]; then
      wait -n || failed=1
      running=$((running - 1))
    fi
  done
  while [ "$running" -gt 0 ]; do
    wait -n || failed=1
    running=$((running - 1))
  done
  return "$failed"
}

# No macro is left behind but the guards.
guards=$(cd "$include" && grep -h '^ *# *define' streamkinect2.hpp streamkinect2/*.hpp | sort)
[ "$guards" = "$(grep '^#define STREAMKINECT2_[A-Z]*_\?HPP$' <<<"$guards")" ] || { echo "macros besides guards: $guards" >&2; exit 1; }

# The programs of this folder's README and of the project's are programs: NAME README writes NAME1.cpp, NAME2.cpp.
extract() { awk -v to="$work/$1" '/^```cpp/ { number++; inside = 1; next } /^```/ { inside = 0 } inside { print > (to number ".cpp") }' "$2"; }
rm -f "$work"/readme_*.cpp
extract readme_ "$here/README.md"
extract readme_project_ "$here/../../README.md"

{
  for program in readme_{1,2,project_1}; do
    echo "$program compile g++ c++17 '$work/$program.cpp' ${link[*]@Q} -o '$work/$program'"
  done
  for test in "${tests[@]}"; do
    echo "clang++_20_$test compile clang++ c++20 -g '$here/tests/$test.cpp' ${link[*]@Q} -o '$work/$test'"
  done
  echo "units_17 compile g++ c++17 -c '$here/tests/units/unit_17.cpp' -o '$work/unit_17.o'"
  echo "units_20 compile g++ c++20 -c '$here/tests/units/unit_20.cpp' -o '$work/unit_20.o'"
  echo "without_exceptions compile g++ c++17 -fno-exceptions -fno-rtti '$here/tests/units/without_exceptions.cpp' ${link[*]@Q} -o '$work/without_exceptions'"
  echo "clang_without_exceptions compile clang++ c++20 -fno-exceptions -fno-rtti -fsyntax-only '$here/tests/units/without_exceptions.cpp'"
  for test in callbacks frames compression; do # those that use templates and spans most
    echo "g++_20_$test compile g++ c++20 -fsyntax-only '$here/tests/$test.cpp'"
    echo "clang++_17_$test compile clang++ c++17 -fsyntax-only '$here/tests/$test.cpp'"
  done
  for header in "$include"/streamkinect2.hpp "$include"/streamkinect2/*.hpp; do # each alone
    echo "alone_$(basename "$header") compile clang++ c++17 -fsyntax-only -x c++ -include '$header' '$here/tests/units/nothing.cpp'"
  done
} | side_by_side

g++ "$work/unit_17.o" "$work/unit_20.o" "${link[@]}" -o "$work/units"
for program in "${tests[@]}" units without_exceptions; do
  echo "run_$program timeout 120 '$work/$program'"
done | side_by_side
echo "C++: g++ and clang++, C++17 and C++20: fine"
