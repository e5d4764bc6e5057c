# plots.sh - matplotlib for the benches, in a virtual environment at target/bench-venv. Source it after messages.sh and needs.sh.
#
#   need_plots         what the virtual environment needs, before install_needs
#   install_plots      installs benches/requirements.txt; then "$plot_python" runs the plot programs
# shellcheck shell=bash

need_plots() {
  need python3 python3
  need python3-venv
}

# The copy of requirements.txt is left by a complete installation only.
install_plots() {
  local top venv
  top=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
  venv=${BENCH_VENV:-$top/target/bench-venv}
  plot_python=$venv/bin/python
  if cmp -s "$top/benches/requirements.txt" "$venv/requirements.txt"; then return; fi
  say "Installing matplotlib in ${venv#"$top"/}"
  python3 -m venv --clear "$venv" || die "no virtual environment; on Debian: apt-get install python3-venv"
  "$venv/bin/pip" install --quiet --disable-pip-version-check --only-binary :all: --requirement "$top/benches/requirements.txt" ||
    die "pip could not install the packages of benches/requirements.txt"
  cp "$top/benches/requirements.txt" "$venv/requirements.txt"
}
