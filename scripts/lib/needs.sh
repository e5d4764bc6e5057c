# needs.sh - says what a script needs, and installs what is missing. Source it after messages.sh.
#
#   need g++ c++       the package g++, unless the command c++ is there
#   need libpng-dev    the package libpng-dev
#   need_rust FILE     rustc and cargo, at least of the rust-version in this Cargo.toml
#   install_needs      installs all that is missing with apt, or says what to install and ends
# shellcheck shell=bash

missing_packages=()
wanted_rust=

need() {
  local package=$1 command=${2:-}
  if [ -n "$command" ]; then
    if command -v "$command" >/dev/null; then return; fi
  elif ! command -v dpkg-query >/dev/null; then
    return # not a Debian: the build itself will say if this one is missing
  elif [ "$(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null)" = installed ]; then
    return
  fi
  missing_packages+=("$package")
}

# The version of the rustc that would be used, or "none"; without cargo it cannot be used.
rust_version() {
  local version=
  if command -v cargo >/dev/null; then version=$(rustc --version 2>/dev/null | sed -n 's/^rustc \([0-9.]*\).*/\1/p'); fi
  echo "${version:-none}"
}

# at_least HAVE WANTED: compares versions; "none" is less than any.
at_least() { [ "$1" != none ] && [ "$(printf '%s\n%s\n' "$1" "$2" | sort -V | head -n 1)" = "$2" ]; }

# Rust outside of PATH, where rustup and Debian put it, is as good as in it; so is a newer one behind
# an older one.
find_rust() {
  local place
  for place in "" "$HOME/.cargo/bin" /usr/bin; do
    if at_least "$(PATH=${place:+$place:}$PATH && rust_version)" "$wanted_rust"; then
      if [ -n "$place" ]; then export PATH=$place:$PATH; fi
      return 0
    fi
  done
  return 1
}

need_rust() {
  wanted_rust=$(sed -n 's/^rust-version *= *"\([0-9.]*\)".*/\1/p' "$1")
  [ -n "$wanted_rust" ] || die "$1 has no rust-version"
  if ! find_rust; then missing_packages+=(rustc-web cargo-web); fi
}

install_needs() {
  if [ ${#missing_packages[@]} = 0 ]; then return; fi
  if ! command -v apt-get >/dev/null; then
    die "this machine lacks what Debian calls: ${missing_packages[*]}. Install these${wanted_rust:+ (Rust: at least $wanted_rust)}, then run this again."
  fi
  local root=()
  if [ "$(id -u)" != 0 ]; then
    # sudo that would ask for a password can only do so at a terminal.
    if command -v sudo >/dev/null && { sudo -n true 2>/dev/null || [ -t 0 ]; }; then
      root=(sudo)
    else
      die "this machine lacks: ${missing_packages[*]}
Neither root nor sudo is at hand to install that. Have this run as root, then run ${0##*/} again:

    apt-get update && apt-get install -y --no-install-recommends ${missing_packages[*]}
"
    fi
  fi
  say "Installing ${missing_packages[*]}"
  local log # what apt says is long: shown only when it fails
  log=$("${root[@]}" apt-get update -qq 2>&1) || die "apt-get update failed:
$log"
  log=$("${root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing_packages[@]}" 2>&1) ||
    die "apt-get could not install ${missing_packages[*]}:
$log"
  missing_packages=()
  hash -r
  if [ -n "$wanted_rust" ] && ! find_rust; then
    die "Rust $wanted_rust or newer is needed, here is $(rust_version). Debian 12 has it in its security suite
(deb http://deb.debian.org/debian-security bookworm-security main); elsewhere see https://rustup.rs."
  fi
}
