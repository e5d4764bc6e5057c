#!/usr/bin/env bash
# Builds the library that packages carry: self-contained, without a C++ runtime, for systems as old as glibc 2.28.
#
#   scripts/native.sh [--target NAME] OUTDIR
#
#   --target NAME   the system that it is for: linux-x64 (the default, and the only one so far)
#   --help          show this
#
# OUTDIR then has lib/ with libstreamkinect2.so and its links, include/, and debug/ with the debug information of that file, which
# debuggers find beside it by its build id or name.
#
# The compiler is cargo's own Rust, with zig as compiler and linker for all that is C: it brings the C library's symbols of 2.28 and a C++
# runtime to link in. Both come from PyPI into a virtual environment at target/package-venv, or where PACKAGE_VENV says. The file is
# checked by scripts/check-native.sh before it is left in OUTDIR.
set -euo pipefail
top=$(cd "$(dirname "$0")/.." && pwd)
for part in messages needs platforms package_tools; do
  # shellcheck source=/dev/null
  . "$top/scripts/lib/$part.sh"
done

target=linux-x64 out=
while [ $# -gt 0 ]; do
  case $1 in
    --help | -h)
      sed -n '2,/^set /{/^set /d;s/^# \{0,1\}//p}' "$0"
      exit 0
      ;;
    --target)
      [ -n "${2:-}" ] || refuse "--target wants a name"
      target=$2
      shift
      ;;
    -*) refuse "unknown option \"$1\"" ;;
    *)
      [ -z "$out" ] || refuse "one OUTDIR at a time"
      out=$1
      ;;
  esac
  shift
done
[ -n "$out" ] || refuse "no OUTDIR is given"
platform "$target"
need binutils readelf
need gcc cc # links the programs that build the library
need make make # libsodium's
need_package_tools
need_rust "$top/Cargo.toml"
install_needs
[ -d "$(rustc --print target-libdir --target "$rust_target" 2>/dev/null)" ] ||
  die "this Rust ($(rustc --version)) has no standard library for $rust_target; with rustup: rustup target add $rust_target"
install_package_tools

say "The self-contained library for $target, with $(rustc --version) and zig $("$zig" version)"
# What the library says of its own sources begins with the name of a crate or folder, whoever built it and where.
cargo_home=${CARGO_HOME:-$HOME/.cargo}
build=${CARGO_TARGET_DIR:-$top/target}/package
remap=() prefix_map=
for folder in "$top=" "$build=build" "$cargo_home=cargo" "$package_venv=zig"; do
  remap+=("--remap-path-prefix=$folder")
  prefix_map+=" -ffile-prefix-map=$folder"
done
for registry in "$cargo_home"/registry/src/*/; do
  remap+=("--remap-path-prefix=${registry%/}=crates")
  prefix_map+=" -ffile-prefix-map=${registry%/}=crates"
done
join_by() { local IFS=$1 && shift && echo "$*"; }
name=${rust_target//-/_}
# Packages have one library only, and nothing of what the other kinds of this crate take to build.
env "CFLAGS_$name=${CFLAGS:-}$prefix_map" "CXXFLAGS_$name=${CXXFLAGS:-}$prefix_map" \
  CARGO_ENCODED_RUSTFLAGS="$(join_by $'\x1f' "${remap[@]}")" CARGO_TARGET_DIR="$build" \
  CARGO_PROFILE_RELEASE_DEBUG=line-tables-only CARGO_PROFILE_RELEASE_STRIP=none \
  PATH="$package_venv/bin:$PATH" \
  cargo-zigbuild rustc --manifest-path "$top/Cargo.toml" --locked --quiet --release --lib --crate-type cdylib --no-default-features \
  --target "$zig_target" || die "cargo could not build the library"

version=$(library_version) soname=$(library_soname)
file=libstreamkinect2.so.$version
rm -rf "${out:?}/lib" "$out/include" "$out/debug"
mkdir -p "$out/lib" "$out/debug"
built=$build/$rust_target/release/libstreamkinect2.so
objcopy --only-keep-debug "$built" "$out/debug/$file.debug"
objcopy --strip-unneeded --add-gnu-debuglink="$out/debug/$file.debug" "$built" "$out/lib/$file"
chmod 755 "$out/lib/$file"
ln -s "$file" "$out/lib/$soname"
ln -s "$soname" "$out/lib/libstreamkinect2.so"
cp -r "$top/include" "$out/include"
"$top/scripts/check-native.sh" --target "$target" "$out/lib/$file"
