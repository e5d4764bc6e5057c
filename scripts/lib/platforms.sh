# platforms.sh - the systems that packages are built for. Source it after messages.sh.
#
#   platform NAME     what is different between them, in variables:
#                       rust_target          the target of rustc
#                       zig_target           the same for cargo-zigbuild, with the oldest C library that must do
#                       elf_machine          the processor, as readelf calls it
#                       system_libraries     libraries that every such system has
#                       newest_glibc         the newest version of the C library that may be needed
#   library_version   MAJOR.MINOR.PATCH
#   library_soname    the name that programs ask the loader for
# shellcheck shell=bash disable=SC2034

# RHEL 8, Debian 10, Ubuntu 20.04, and all that is newer.
newest_glibc=2.28

platform() {
  case $1 in
    linux-x64)
      rust_target=x86_64-unknown-linux-gnu
      zig_target=$rust_target.$newest_glibc
      elf_machine=X86-64
      system_libraries="libc.so.6 libm.so.6 libpthread.so.0 libdl.so.2 ld-linux-x86-64.so.2"
      ;;
    *) die "unknown system \"$1\"; there is: linux-x64" ;;
  esac
}

platforms_top=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)

library_version() { sed -n 's/^version = "\([0-9.]*\)".*/\1/p' "$platforms_top/Cargo.toml" | head -n 1; }

# The rule is build.rs's: below 1.0 every minor version is one of its own.
library_soname() {
  local version
  version=$(library_version)
  case $version in
    0.*) echo "libstreamkinect2.so.${version%.*}" ;;
    *) echo "libstreamkinect2.so.${version%%.*}" ;;
  esac
}
