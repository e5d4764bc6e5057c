#!/usr/bin/env bash
# Compiles the programs in the package's shaders as HLSL, with glslang: finds what is no HLSL, not what Unity's own compiler thinks of it.
#
#   headless/shader_test.sh PACKAGE WORK_DIR
set -euo pipefail
package=$1 work=$2
mkdir -p "$work"
while IFS= read -r -d '' shader; do
  program=$work/$(basename "$shader" .shader).hlsl
  {
    # What UnityCG.cginc declares, as far as it is used here.
    printf 'float4x4 unity_MatrixVP, unity_ObjectToWorld;\n'
    printf 'float4 UnityObjectToClipPos(float3 place) { return mul(unity_MatrixVP, mul(unity_ObjectToWorld, float4(place, 1))); }\n'
    sed -n '/CGPROGRAM/,/ENDCG/{/CGPROGRAM\|ENDCG\|#pragma\|#include/!p}' "$shader"
  } >"$program"
  for stage in vert frag; do
    glslangValidator -D -V -S "$stage" -e "$stage" -o "$work/$stage.spv" "$program" >"$work/$stage.log" 2>&1 || {
      cat "$work/$stage.log" >&2
      printf '%s: %s does not compile\n' "$shader" "$stage" >&2
      exit 1
    }
  done
done < <(find "$package" -name '*.shader' -print0)
[ -s "$work/vert.spv" ] || { echo "no shader was found in $package" >&2; exit 1; }
