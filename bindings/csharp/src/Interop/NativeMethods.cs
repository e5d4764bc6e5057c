// NativeMethods.cs - the functions of streamkinect2.h under their own names, one file an area.
//
// Signatures hold integers, pointers to blittable structures, arrays of bytes and SafeHandles, so nothing of them is left to a marshaller's
// choice: no bool, no enum, no string.
namespace StreamKinect2.Interop
{
    internal static unsafe partial class NativeMethods
    {
        /// <summary>
        /// The name on every desktop platform: the loader makes libstreamkinect2.so, libstreamkinect2.dylib or streamkinect2.dll of it.
        /// </summary>
        public const string Library = "streamkinect2";
    }
}
