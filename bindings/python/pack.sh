#!/usr/bin/env bash
# Builds the wheel, which carries the library: nothing else is needed where it is installed, and no compiler.
#
#   bindings/python/pack.sh NATIVE OUTDIR
#
# NATIVE is the shared library, or a folder that has it as lib/libstreamkinect2.so. Prints the wheel's name. The wheel's platform is that
# of the library: py3-none-manylinux_2_28_x86_64 for one that needs glibc 2.28 or an older one.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)

if [ $# != 2 ]; then
  sed -n '2,/^set /{/^set /d;s/^# \{0,1\}//p}' "$0" >&2
  exit 2
fi
library=$1
if [ -d "$library" ]; then library=$library/lib/libstreamkinect2.so; fi
[ -f "$library" ] || { echo "pack.sh: there is no $library" >&2; exit 1; }
mkdir -p "$2"
PYTHONDONTWRITEBYTECODE=1 "${PYTHON:-python3}" "$here/wheel_builder.py" "$library" "$2"
