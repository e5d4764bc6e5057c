// Lists.cs - lists of texts that the library gives out one by one.
using System;
using System.Collections.Generic;

namespace StreamKinect2.Interop
{
    internal static class Lists
    {
        /// <summary>Calls a function that gives out the text with an index.</summary>
        public delegate int Call(uint index, byte[] buffer, UIntPtr capacity, out UIntPtr length);

        /// <summary>All texts that there are, also if some come or go meanwhile.</summary>
        public static string[] Read(Func<uint> count, Call call)
        {
            var texts = new List<string>();
            try
            {
                for (uint index = 0; index < count(); index++)
                {
                    uint at = index;
                    texts.Add(Utf8.Read((byte[] buffer, UIntPtr capacity, out UIntPtr length) => call(at, buffer, capacity, out length)));
                }
            }
            catch (KinectException exception) when (exception.Code == ResultCode.NotFound)
            {
                // The last one went between the two calls.
            }
            return texts.ToArray();
        }
    }
}
