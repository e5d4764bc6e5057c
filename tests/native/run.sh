#!/usr/bin/env bash
# Proves that scripts/check-native.sh finds what it is there to find: a small library that is as it should be passes, and each copy with
# one fault does not, for that reason.
#
#   tests/native/run.sh
set -euo pipefail
top=$(cd "$(dirname "$0")/../.." && pwd)
room=$(mktemp -d)
trap 'rm -rf "$room"' EXIT
cd "$room"

# What is needed of the C library is bound to an old version, whichever is on this machine.
cat >sample.c <<'C'
#ifdef NO_SYSTEM
static int absolute_value(int value) { return value; }
#else
int absolute_value(int value);
__asm__(".symver absolute_value, abs@GLIBC_2.2.5");
#endif
int sample_first(int value) { return absolute_value(value); }
#ifndef ONE_LESS
int sample_second(void) { return 2; }
#endif
#ifdef ONE_MORE
int foreign(void) { return 3; }
#endif
#ifdef NEWER_SYSTEM
int newer(void);
__asm__(".symver newer, pthread_create@GLIBC_2.34");
int (*sample_newer(void))(void) __attribute__((visibility("hidden")));
int (*sample_newer(void))(void) { return newer; }
#endif
#ifdef PRIVATE_SYSTEM
int private(void);
__asm__(".symver private, __libc_early_init@GLIBC_PRIVATE");
int (*sample_private(void))(void) __attribute__((visibility("hidden")));
int (*sample_private(void))(void) { return private; }
#endif
#ifdef BUILD_PATH
const char *sample_path(void) __attribute__((visibility("hidden")));
const char *sample_path(void) { return HOME "/sources/sample.c"; }
#endif
C
printf '%s\n' sample_first sample_second >symbols.txt
base=(-shared -fPIC -O1 -DHOME="\"$HOME\"" sample.c -Wl,-soname,libsample.so.1 -Wl,-z,relro -Wl,-z,noexecstack)

failures=0
# check STATUS TEXT FILE: the check ends with that status and says the text.
check() {
  local got=0
  "$top/scripts/check-native.sh" --symbols symbols.txt --soname libsample.so.1 "$3" >log 2>&1 || got=$?
  if [ "$got" = "$1" ] && grep -qe "$2" log; then
    printf '   %s\n' "$3"
  else
    printf '   UNEXPECTED: %s: status %s instead of %s, or nothing said about "%s":\n' "$3" "$got" "$1" "$2"
    sed 's/^/      /' log
    failures=$((failures + 1))
  fi
}
# faulty NAME TEXT OPTION...: built with these options it is refused, with this text.
faulty() {
  gcc "${base[@]}" "${@:3}" -o "$1"
  check 1 "$2" "$1"
}

gcc "${base[@]}" -o as_it_should_be
check 0 "glibc 2.2.5; needs libc.so.6; 2 functions, libsample.so.1" as_it_should_be
faulty needs_libgcc "it needs libgcc_s.so.1" -Wl,--no-as-needed -shared-libgcc
faulty needs_libstdcxx "it needs libstdc++.so.6" -Wl,--no-as-needed -lstdc++
faulty needs_newer_glibc "it needs GLIBC_2.34, newer than 2.28: pthread_create" -DNEWER_SYSTEM -Wl,--allow-shlib-undefined
faulty needs_private_glibc "it needs GLIBC_PRIVATE" -DPRIVATE_SYSTEM /lib/x86_64-linux-gnu/libc.so.6
faulty needs_no_glibc "names no version" -DNO_SYSTEM -nostdlib
faulty exports_less "does not export: sample_second" -DONE_LESS
faulty exports_more "exports what the header does not declare: foreign" -DONE_MORE
faulty another_soname 'its soname is "libsample.so.2"' -Wl,-soname,libsample.so.2
faulty with_rpath "search path of its own" -Wl,-rpath,/opt/lib
faulty with_old_rpath "search path of its own" -Wl,-rpath,/opt/lib -Wl,--disable-new-dtags
faulty executable_stack "executable stack" -Wl,-z,execstack
faulty writable_data "no RELRO" -Wl,-z,norelro
faulty with_debug_information "debug information" -g
faulty with_build_path "paths of the machine that built it" -DBUILD_PATH
echo 'int main(void) { return 0; }' >program.c
gcc -no-pie program.c -o a_program
check 1 "it is not a shared library" a_program
# Byte 18 of an ELF file says for which processor it is: 183 is AArch64.
cp as_it_should_be another_processor
printf '\267' | dd of=another_processor bs=1 seek=18 conv=notrunc status=none
check 1 "it is not for X86-64" another_processor
echo "not a library" >not_a_library
check 1 "is not a library" not_a_library

[ "$failures" = 0 ] || { echo "$failures unexpected" >&2; exit 1; }
echo "native library's check: all as expected"
