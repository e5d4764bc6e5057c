// PointCloud.shader - one vertex for each pixel: looks up its depth, and puts it where the camera saw it. Colours tell the distance.
Shader "StreamKinect2/Point Cloud"
{
    Properties
    {
        [NoScaleOffset] _Depth ("Depth (R16, millimetres)", 2D) = "black" {}
        _Near ("Nearest colour (m)", Float) = 0.5
        _Far ("Farthest colour (m)", Float) = 5
        _PointSize ("Size of a point (pixels)", Float) = 2
    }
    SubShader
    {
        Tags { "RenderType" = "Opaque" "Queue" = "Geometry" }
        Pass
        {
            CGPROGRAM
            #pragma target 3.5
            #pragma vertex vert
            #pragma fragment frag
            #include "UnityCG.cginc"

            Texture2D _Depth;
            float4 _Intrinsics; // focal x, focal y, centre x, centre y, in pixels
            float _Near, _Far, _PointSize;

            struct Vertex
            {
                float4 place : POSITION; // column and row, as the mesh has them
            };

            struct Varyings
            {
                float4 position : SV_POSITION;
                float size : PSIZE; // Direct3D has points of one pixel only and ignores it
                float3 color : COLOR0;
            };

            // From red, near, over green to blue, far.
            float3 ColorOf(float metres)
            {
                float hue = saturate((metres - _Near) / max(_Far - _Near, 0.001)) * 4;
                return saturate(float3(2 - hue, 2 - abs(hue - 2), hue - 2));
            }

            Varyings vert(Vertex vertex)
            {
                // A texture in R16 gives 0 to 1 for 0 to 65535. Row 0 of the texture is row 0 of the frame, its top.
                float millimetres = round(_Depth.Load(int3(vertex.place.xy, 0)).r * 65535);

                // As DepthIntrinsics.Unproject.
                float metres = millimetres * 0.001;
                float2 slope = (vertex.place.xy - _Intrinsics.zw) / _Intrinsics.xy;
                float3 seen = float3(slope.x, -slope.y, 1) * metres;

                Varyings result;
                result.position = millimetres > 0 ? UnityObjectToClipPos(seen) : float4(2, 2, 2, 1); // invalid: outside of the view
                result.size = _PointSize;
                result.color = ColorOf(metres);
                return result;
            }

            float4 frag(Varyings input) : SV_Target
            {
                return float4(input.color, 1);
            }
            ENDCG
        }
    }
}
