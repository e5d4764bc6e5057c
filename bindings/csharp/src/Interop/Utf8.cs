// Utf8.cs - text between .NET's strings and the library's UTF-8 with a NUL.
using System;
using System.Text;

namespace StreamKinect2.Interop
{
    internal static unsafe class Utf8
    {
        /// <summary>Calls one of the functions that give out text.</summary>
        public delegate int Call(byte[] buffer, UIntPtr capacity, out UIntPtr length);

        private const int TextCapacity = 512; // KINECT2_TEXT_CAPACITY

        private static readonly Encoding Strict = new UTF8Encoding(false, true);

        /// <summary>UTF-8 with a NUL; null of null.</summary>
        public static byte[] Bytes(string text)
        {
            if (text == null) return null;
            if (text.IndexOf('\0') >= 0) throw new ArgumentException("The text has a NUL in it: \"" + text.Replace("\0", "\\0") + "\".");
            var bytes = new byte[Strict.GetByteCount(text) + 1];
            Strict.GetBytes(text, 0, text.Length, bytes, 0);
            return bytes;
        }

        /// <summary>The text that a function gives out, however long it is.</summary>
        public static string Read(Call call)
        {
            var buffer = new byte[TextCapacity];
            while (true)
            {
                int result = call(buffer, (UIntPtr)buffer.Length, out UIntPtr length);
                // The text may have grown again until it is asked for with the larger buffer.
                if (result != (int)ResultCode.BufferTooSmall)
                {
                    Errors.Check(result);
                    return Encoding.UTF8.GetString(buffer, 0, (int)length);
                }
                buffer = new byte[(int)length + 1];
            }
        }

        /// <summary>The text of a callback or structure, up to its NUL; null of NULL.</summary>
        public static string FromPointer(IntPtr text)
        {
            if (text == IntPtr.Zero) return null;
            var bytes = (byte*)text;
            int length = 0;
            while (bytes[length] != 0) length++;
            return length == 0 ? "" : Encoding.UTF8.GetString(bytes, length);
        }
    }
}
