# plots.sh - matplotlib for the benches, in a virtual environment at target/bench-venv. Source it after messages.sh and needs.sh.
#
#   need_plots              what the virtual environment needs, before install_needs
#   install_plots           installs benches/requirements.txt, unless that is done
#   plot PROGRAM FOLDER     draws the results in this folder
# shellcheck shell=bash

plots_top=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
plots_venv=${BENCH_VENV:-$plots_top/target/bench-venv}

need_plots() {
  need python3 python3
  need python3-venv
}

# The copy of requirements.txt is left by a complete installation only.
install_plots() {
  local wanted=$plots_top/benches/requirements.txt
  if cmp -s "$wanted" "$plots_venv/requirements.txt"; then return; fi
  say "Installing matplotlib in ${plots_venv#"$plots_top"/}"
  python3 -m venv --clear "$plots_venv" || die "no virtual environment; on Debian: apt-get install python3-venv"
  "$plots_venv/bin/pip" install --quiet --disable-pip-version-check --only-binary :all: --requirement "$wanted" ||
    die "pip could not install the packages of benches/requirements.txt"
  cp "$wanted" "$plots_venv/requirements.txt"
}

plot() { "$plots_venv/bin/python" "$1" "$2"; }
