# messages.sh - how the scripts talk. Source it.
# shellcheck shell=bash

# A heading on stdout.
say() { printf '\n== %s\n' "$*"; }

# An error on stderr, and the end of the script.
die() {
  printf '%s: %s\n' "${0##*/}" "$*" >&2
  exit 1
}

# Wrong arguments: the same with status 2 and where to read more.
refuse() {
  printf '%s: %s (see %s --help)\n' "${0##*/}" "$*" "$0" >&2
  exit 2
}
