// Stub of UnityEngine for the tests of this repository: textures, meshes and materials, as far as the processor knows them. See Objects.cs.
using System;
using System.Collections.Generic;
using System.Runtime.InteropServices;
using Unity.Collections;

namespace Unity.Collections
{
    // A view of memory that a texture owns.
    public struct NativeArray<T> where T : struct
    {
        readonly T[] items;
        internal NativeArray(T[] items) => this.items = items;
        public int Length => items.Length;
        public T this[int index] => items[index];
    }
}

namespace UnityEngine.Rendering
{
    public enum IndexFormat { UInt16, UInt32 }
}

namespace UnityEngine
{
    public struct Vector2
    {
        public float x, y;
        public Vector2(float x, float y)
        {
            this.x = x;
            this.y = y;
        }
    }

    public struct Vector3
    {
        public float x, y, z;
        public Vector3(float x, float y, float z)
        {
            this.x = x;
            this.y = y;
            this.z = z;
        }
    }

    public struct Vector4
    {
        public float x, y, z, w;
        public Vector4(float x, float y, float z, float w)
        {
            this.x = x;
            this.y = y;
            this.z = z;
            this.w = w;
        }
    }

    public struct Color
    {
        public float r, g, b, a;
        public static Color white => new Color { r = 1, g = 1, b = 1, a = 1 };
    }

    public struct Rect
    {
        public float x, y, width, height;
        public Rect(float x, float y, float width, float height)
        {
            this.x = x;
            this.y = y;
            this.width = width;
            this.height = height;
        }
    }

    public struct Bounds
    {
        public Vector3 center, size;
        public Bounds(Vector3 center, Vector3 size)
        {
            this.center = center;
            this.size = size;
        }
    }

    public enum TextureFormat { RGBA32 = 4, R16 = 9 }
    public enum FilterMode { Point, Bilinear, Trilinear }
    public enum TextureWrapMode { Repeat, Clamp }
    public enum MeshTopology { Triangles = 0, Quads = 2, Lines = 3, LineStrip = 4, Points = 5 }

    public static class SystemInfo
    {
        public static bool SupportsTextureFormat(TextureFormat format) => true;
    }

    public class Texture : Object
    {
        public virtual int width { get; set; }
        public virtual int height { get; set; }
        public FilterMode filterMode { get; set; }
        public TextureWrapMode wrapMode { get; set; }
    }

    public sealed class Texture2D : Texture
    {
        readonly ushort[] pixels;
        internal static int Alive { get; private set; }
        internal int Uploads { get; private set; }

        public Texture2D(int width, int height, TextureFormat textureFormat, bool mipChain, bool linear)
        {
            if (textureFormat != TextureFormat.R16 || mipChain) throw new NotSupportedException("the stub has R16 without mipmaps");
            this.width = width;
            this.height = height;
            format = textureFormat;
            pixels = new ushort[width * height];
            Alive++;
        }

        public TextureFormat format { get; }

        public void LoadRawTextureData(IntPtr data, int size)
        {
            if (size < 2 * pixels.Length) throw new ArgumentException("not enough data for the texture");
            GCHandle pinned = GCHandle.Alloc(pixels, GCHandleType.Pinned);
            unsafe { Buffer.MemoryCopy((void*)data, (void*)pinned.AddrOfPinnedObject(), 2 * pixels.Length, 2 * pixels.Length); }
            pinned.Free();
        }

        public NativeArray<T> GetRawTextureData<T>() where T : struct => new NativeArray<T>((T[])(object)pixels);
        public void Apply(bool updateMipmaps, bool makeNoLongerReadable) => Uploads++;
        internal override void End() => Alive--;
    }

    public sealed class Shader : Object
    {
        static readonly List<string> Names = new List<string>();
        internal static bool IsStripped; // as from a player in which nothing refers to it
        public static Shader Find(string name) => IsStripped ? null : new Shader { name = name };

        public static int PropertyToID(string name)
        {
            if (!Names.Contains(name)) Names.Add(name);
            return Names.IndexOf(name);
        }
    }

    public sealed class Material : Object
    {
        internal readonly Dictionary<int, object> Values = new Dictionary<int, object>();
        internal static int Alive { get; private set; }

        public Material(Shader shader)
        {
            if (!shader) throw new ArgumentNullException(nameof(shader));
            this.shader = shader;
            Alive++;
        }

        public Shader shader { get; }
        public void SetTexture(int nameID, Texture value) => Values[nameID] = value;
        public void SetVector(int nameID, Vector4 value) => Values[nameID] = value;
        public void SetFloat(int nameID, float value) => Values[nameID] = value;
        internal override void End() => Alive--;
    }

    public sealed class Mesh : Object
    {
        internal static int Alive { get; private set; }
        internal int[] Indices { get; private set; }
        internal MeshTopology Topology { get; private set; }

        public Mesh() => Alive++;
        public Rendering.IndexFormat indexFormat { get; set; }
        public Vector3[] vertices { get; set; }
        public Bounds bounds { get; set; }

        public void SetIndices(int[] indices, MeshTopology topology, int submesh, bool calculateBounds)
        {
            Indices = indices;
            Topology = topology;
        }

        internal override void End() => Alive--;
    }

    public sealed class MeshFilter : Component
    {
        public Mesh sharedMesh { get; set; }
    }

    public class Renderer : Component
    {
        public Material sharedMaterial { get; set; }
    }

    public sealed class MeshRenderer : Renderer { }
}
