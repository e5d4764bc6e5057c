# package_tools.sh - zig and cargo-zigbuild, in a virtual environment at target/package-venv. Source it after messages.sh and needs.sh.
#
#   need_package_tools      what the virtual environment needs, before install_needs
#   install_package_tools   installs scripts/requirements-package.txt, unless that is done; the folder is then $package_venv, and the
#                           compiler $zig
# shellcheck shell=bash

package_top=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
package_venv=${PACKAGE_VENV:-$package_top/target/package-venv}
zig=

need_package_tools() {
  need python3 python3
  need python3-venv
}

# The copy of the requirements is left by a complete installation only.
install_package_tools() {
  local requirements=$package_top/scripts/requirements-package.txt log
  if ! cmp -s "$requirements" "$package_venv/requirements.txt"; then
    say "Installing zig into $package_venv"
    log=$(python3 -m venv --clear "$package_venv" 2>&1 && "$package_venv/bin/pip" install --quiet --disable-pip-version-check \
      --only-binary :all: --requirement "$requirements" 2>&1) || die "zig is not to be had: PyPI has to be reached for what is in
scripts/requirements-package.txt, once. Without it no packages can be built; everything else can. pip says:
$log"
    cp "$requirements" "$package_venv/requirements.txt"
  fi
  zig=$(echo "$package_venv"/lib/python3*/site-packages/ziglang/zig)
  "$zig" version >/dev/null || die "$zig does not run on this machine"
}
