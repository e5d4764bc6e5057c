# build.sh - how the C# sources are compiled with what Debian has; test.sh and pack.sh read it in.
#
# Needs mono-mcs, mono-runtime, libmono-cecil-private-cil. Debian has no msbuild and no reference libraries of .NET Standard:
# tools/NetStandard.cs tells what is done instead.
# shellcheck shell=bash

csharp=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)

compile() { mcs -nologo -langversion:7.2 -unsafe -warn:4 -warnaserror -optimize "$@"; }

# Makes in DIR:
#   netstandard/  StreamKinect2.dll for .NET Standard 2.0, which is what is shipped, and its documentation
#   mcs/          the same, as mcs can use it to compile programs against it
#   facades/      netstandard.dll and System.Memory.dll, for Debian's Mono to find .NET's types by
build_library() {
  local dir=$1 cecil
  cecil=/usr/lib/mono/gac/Mono.Cecil/0.11.0.0__0738eb9f132ed756/Mono.Cecil.dll
  [ -f "$cecil" ] || {
    echo "$cecil is missing: install libmono-cecil-private-cil" >&2
    return 1
  }
  mkdir -p "$dir"/{netstandard,mcs,facades,tool}
  cp "$cecil" "$dir/tool/"
  compile -r:"$cecil" -out:"$dir/tool/NetStandard.exe" "$csharp/tools/NetStandard.cs" || return
  mapfile -t sources < <(find "$csharp/src" -name '*.cs' | sort)
  compile -target:library -out:"$dir/mcs/StreamKinect2.dll" -doc:"$dir/netstandard/StreamKinect2.xml" "${sources[@]}" || return
  mono "$dir/tool/NetStandard.exe" retarget "$dir/mcs/StreamKinect2.dll" "$dir/netstandard/StreamKinect2.dll" || return
  mono "$dir/tool/NetStandard.exe" facades "$dir/facades"
}

# build_program DIR NAME SOURCES...: a program against the library in DIR, as build_library made it:
#   mono/NAME.exe     beside the shipped library, and what Debian's Mono lacks for it
#   coreclr/NAME.dll  beside the shipped library, with the file that says which runtime
build_program() {
  local dir=$1 name=$2
  shift 2
  mkdir -p "$dir"/{mono,coreclr}
  cp "$dir/netstandard/StreamKinect2.dll" "$dir"/facades/*.dll "$dir/mono/"
  cp "$dir/netstandard/StreamKinect2.dll" "$dir/coreclr/"
  compile -r:"$dir/mcs/StreamKinect2.dll" -out:"$dir/mono/$name.exe" "$@" || return
  mono "$dir/tool/NetStandard.exe" retarget "$dir/mono/$name.exe" "$dir/coreclr/$name.dll" || return
  cat >"$dir/coreclr/$name.runtimeconfig.json" <<'JSON'
{
  "runtimeOptions": {
    "framework": { "name": "Microsoft.NETCore.App", "version": "2.1.0" },
    "rollForward": "Major",
    "configProperties": { "System.Globalization.Invariant": true }
  }
}
JSON
}
