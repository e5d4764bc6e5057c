// Crc32.cs - the checksum that the check programs of all languages print of a frame's pixels: CRC-32 as zlib has it.
using System.Linq;
using Unity.Collections;

namespace StreamKinect2.Headless
{
    internal static class Crc32
    {
        private static readonly uint[] Table = Enumerable.Range(0, 256).Select(Remainder).ToArray();

        /// <summary>Of the pixels as little-endian bytes.</summary>
        public static uint Of(NativeArray<ushort> pixels)
        {
            uint crc = uint.MaxValue;
            for (int i = 0; i < pixels.Length; i++)
            {
                crc = Table[(crc ^ pixels[i]) & 0xff] ^ (crc >> 8);
                crc = Table[(crc ^ (uint)(pixels[i] >> 8)) & 0xff] ^ (crc >> 8);
            }
            return ~crc;
        }

        private static uint Remainder(int value)
        {
            uint crc = (uint)value;
            for (int bit = 0; bit < 8; bit++) crc = (crc & 1) != 0 ? (crc >> 1) ^ 0xedb88320 : crc >> 1;
            return crc;
        }
    }
}
