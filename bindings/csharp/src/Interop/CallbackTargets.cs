// CallbackTargets.cs - which object a callback of the library is for.
using System;
using System.Collections.Generic;

namespace StreamKinect2.Interop
{
    /// <summary>Objects by the numbers that the library's callbacks get as user_data.</summary>
    /// <remarks>
    /// Not GCHandles: whoever ends a handle that another thread is ending already, in Dispose or Shutdown, does not wait, so a callback may
    /// just begin whose user_data is given back. A number that nobody has any more is harmless, a freed GCHandle ends the process.
    /// </remarks>
    internal static class CallbackTargets
    {
        private static readonly Dictionary<long, object> Targets = new Dictionary<long, object>();
        private static long last;

        public static IntPtr Add(object target)
        {
            lock (Targets)
            {
                Targets.Add(++last, target);
                return (IntPtr)last;
            }
        }

        /// <summary>null: it was removed.</summary>
        public static object Find(IntPtr userData)
        {
            lock (Targets) return Targets.TryGetValue((long)userData, out object target) ? target : null;
        }

        public static object[] All()
        {
            lock (Targets)
            {
                var all = new object[Targets.Count];
                Targets.Values.CopyTo(all, 0);
                return all;
            }
        }

        public static void Remove(IntPtr userData)
        {
            lock (Targets) Targets.Remove((long)userData);
        }
    }
}
