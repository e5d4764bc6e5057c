// KinectLibrary.cs - what concerns the native library as a whole: version, clock, log, what is out, and the end.
using System;
using System.Runtime.ExceptionServices;
using System.Threading;
using StreamKinect2.Interop;

namespace StreamKinect2
{
    /// <summary>The native library as a whole. Every member may be used from every thread.</summary>
    public static class KinectLibrary
    {
        /// <summary>The version of this assembly, and of the native library that it was made for.</summary>
        public const string AssemblyVersion = "0.1.0";

        // What .NET Framework gives all that is done at a process's end.
        private static readonly TimeSpan PatienceAtExit = TimeSpan.FromSeconds(2);

        private static readonly LogCallback OnLog = Log;
        private static Action<LogLevel, string> logHandler;
        private static volatile bool fits;

        static KinectLibrary()
        {
            // A native thread that calls into a domain which is being unloaded, or into a runtime which is ending, hangs Mono for ever: by
            // then nothing may run.
            AppDomain.CurrentDomain.DomainUnload += (sender, e) => End();
            AppDomain.CurrentDomain.ProcessExit += (sender, e) => EndProcess();
        }

        /// <summary>The version of the native library that runs, such as "0.1.0".</summary>
        public static string Version => Utf8.FromPointer(NativeMethods.kinect2_version_string());

        /// <summary>The same as a number: major &lt;&lt; 16 | minor &lt;&lt; 8 | patch.</summary>
        public static int VersionNumber => (int)NativeMethods.kinect2_version();

        /// <summary>
        /// This host's monotonic clock in nanoseconds. All members named ...LocalNs, receive times, and capture times that are passed in,
        /// are in it.
        /// </summary>
        public static long ClockNs => (long)NativeMethods.kinect2_clock_ns();

        /// <summary>How much is still out: objects that were not disposed, frames that are held. 0 at a program's end: no leak.</summary>
        public static int LiveObjects => (int)NativeMethods.kinect2_live_objects();

        /// <summary>
        /// Gets what a handler of an event threw on a thread of the library's, with the object that raised the event. Without this, such an
        /// exception ends the program, as on any other thread. Where events come through a SynchronizationContext, it is that context's.
        /// </summary>
        public static event Action<object, Exception> HandlerFailed;

        /// <summary>The name of a result, such as "KINECT2_ERROR_BAD_HANDLE".</summary>
        public static string ResultName(ResultCode code) => Utf8.FromPointer(NativeMethods.kinect2_result_name((int)code));

        /// <summary>Sets who gets the log of the process, which is silent without it.</summary>
        /// <param name="level">The least important messages that are wanted.</param>
        /// <param name="handler">Called on any thread, also on several at once; null: silence.</param>
        public static void SetLog(LogLevel level, Action<LogLevel, string> handler)
        {
            Use();
            if (handler != null) Volatile.Write(ref logHandler, handler);
            Errors.Check(NativeMethods.kinect2_set_log_callback((uint)level, handler == null ? null : OnLog, IntPtr.Zero));
            if (handler == null) Volatile.Write(ref logHandler, null);
        }

        /// <summary>
        /// Ends every client, browser, server, device and compressor in the process and the log, and returns when no event can be raised any
        /// more. Pings that wait fail with Closed. Frames stay. It is called by itself when the application domain is unloaded and when the
        /// process ends, then for two seconds at most on CoreCLR.
        /// </summary>
        /// <exception cref="KinectException">Called in a handler of an event, which it would wait for.</exception>
        public static void Shutdown()
        {
            Errors.Check(NativeMethods.kinect2_shutdown());
            Client.FailPings();
        }

        /// <summary>
        /// A handler that calls Environment.Exit does not return. Mono asks for the end on the handler's own thread, which the library
        /// sees; elsewhere it may be another thread, which would wait for the handler for ever. CoreCLR can end while native threads call
        /// into it, so it need not wait for long; Mono cannot.
        /// </summary>
        private static void EndProcess()
        {
            if (Type.GetType("Mono.Runtime") != null)
            {
                End();
                return;
            }
            var ending = new Thread(End) { IsBackground = true };
            ending.Start();
            ending.Join(PatienceAtExit);
        }

        private static void End()
        {
            try
            {
                // A handler that ends the process: the library does not wait for it, and so ends one object after the other.
                if (NativeMethods.kinect2_shutdown() == (int)ResultCode.BadState) EndEach();
            }
            catch (Exception exception) when (
                exception is DllNotFoundException || exception is EntryPointNotFoundException || exception is BadImageFormatException)
            {
                // Then there is nothing to end, and whoever needed it has been told.
            }
        }

        private static void EndEach()
        {
            foreach (object target in CallbackTargets.All())
                if (target is WeakReference owner) (owner.Target as IDisposable)?.Dispose();
            NativeMethods.kinect2_set_log_callback((uint)LogLevel.Off, null, IntPtr.Zero);
        }

        /// <summary>
        /// Whatever can be made of the library calls it first: this class's constructor has run then, and the native library is one that
        /// this assembly was made for.
        /// </summary>
        /// <exception cref="KinectException">The native library is of another version.</exception>
        /// <exception cref="DllNotFoundException">There is none.</exception>
        internal static void Use()
        {
            if (fits) return;
            int version = Load();
            var made = new Version(AssemblyVersion);
            // Below 1.0 a new minor version may break programs.
            if (version >> 16 != made.Major || (version >> 8 & 0xff) != made.Minor || (version & 0xff) < made.Build)
            {
                throw new KinectException(
                    ResultCode.Unsupported,
                    "StreamKinect2.dll " + AssemblyVersion + " wants a native library of its own version, and there is " + Version +
                    ": install the two together.");
            }
            fits = true;
        }

        private static int Load()
        {
            try
            {
                return VersionNumber;
            }
            catch (DllNotFoundException exception)
            {
                throw new DllNotFoundException(
                    "The native library streamkinect2 (libstreamkinect2.so, libstreamkinect2.dylib, streamkinect2.dll) was not found. " +
                    "It has to lie beside StreamKinect2.dll, or where the system looks for libraries: LD_LIBRARY_PATH, DYLD_LIBRARY_PATH, PATH.",
                    exception);
            }
        }

        /// <summary>An exception may not cross into native code: reports it here, or lets a thread of .NET's own throw it.</summary>
        internal static void Report(object sender, Exception exception)
        {
            Action<object, Exception> handlers = HandlerFailed;
            try
            {
                if (handlers != null)
                {
                    handlers(sender, exception);
                    return;
                }
            }
            catch (Exception another)
            {
                exception = another;
            }
            ExceptionDispatchInfo info = ExceptionDispatchInfo.Capture(exception);
            ThreadPool.QueueUserWorkItem(state => ((ExceptionDispatchInfo)state).Throw(), info);
        }

        [MonoPInvokeCallback(typeof(LogCallback))]
        private static void Log(uint level, IntPtr message, IntPtr userData)
        {
            try
            {
                Volatile.Read(ref logHandler)?.Invoke((LogLevel)level, Utf8.FromPointer(message));
            }
            catch (Exception exception)
            {
                Report(null, exception);
            }
        }
    }
}
