// TextCache.cs - ids between string and UTF-8 without garbage for each frame: there are few, and they come again and again.
using System;
using System.Text;
using System.Threading;

namespace StreamKinect2.Interop
{
    internal static unsafe class TextCache
    {
        private sealed class Entry
        {
            public string Text;
            public byte[] Bytes; // with the NUL
        }

        /// <summary>Enough for every kinect in a building; more are converted each time.</summary>
        private const int Capacity = 64;

        // Replaced as a whole, so that readers need no lock.
        private static Entry[] entries = new Entry[0];

        /// <summary>UTF-8 with a NUL; null of null. Not to be written to.</summary>
        public static byte[] Bytes(string text)
        {
            if (text == null) return null;
            foreach (Entry entry in Volatile.Read(ref entries))
                if (entry.Text == text) return entry.Bytes;
            return Keep(new Entry { Text = text, Bytes = Utf8.Bytes(text) }).Bytes;
        }

        /// <summary>The string of UTF-8 bytes.</summary>
        public static string Text(byte* bytes, int length)
        {
            foreach (Entry entry in Volatile.Read(ref entries))
                if (Same(entry.Bytes, bytes, length)) return entry.Text;
            string text = length == 0 ? "" : Encoding.UTF8.GetString(bytes, length);
            return Keep(new Entry { Text = text, Bytes = Utf8.Bytes(text) }).Text;
        }

        private static bool Same(byte[] with, byte* bytes, int length)
        {
            if (with.Length != length + 1) return false;
            for (int i = 0; i < length; i++)
                if (with[i] != bytes[i]) return false;
            return true;
        }

        private static Entry Keep(Entry entry)
        {
            Entry[] before = Volatile.Read(ref entries);
            if (before.Length >= Capacity) return entry;
            var after = new Entry[before.Length + 1];
            before.CopyTo(after, 0);
            after[before.Length] = entry;
            Interlocked.CompareExchange(ref entries, after, before); // who loses the race converts once more
            return entry;
        }
    }
}
