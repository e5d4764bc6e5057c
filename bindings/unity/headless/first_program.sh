#!/usr/bin/env bash
# The check program, with what is in an unpacked package and nothing else: its C#, compiled against the stub of UnityEngine, and its library.
#
#   headless/first_program.sh PACKAGE WORK_DIR SERVER_NAME FRAMES
#
#   PACKAGE     the unpacked package: the folder with package.json
#   WORK_DIR    gets what is compiled, unless it is there already
#
# Output and exit status are FirstProgram.cs's.
set -euo pipefail
[ $# -eq 4 ] || {
  sed -n '4,4s/^# *//p' "$0" >&2
  exit 2
}
package=$(cd "$1" && pwd)
[ -e "$2/FirstProgram.exe" ] || "$(dirname "$0")/build.py" "$package" "$2" >&2
LD_LIBRARY_PATH=$package/Runtime/Plugins/Linux/x86_64 exec mono "$2/FirstProgram.exe" "$3" "$4"
