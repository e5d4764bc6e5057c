// KinectLifetime.cs - closes what the package has open, before the managed code that owns it goes.
using System;
using UnityEngine;

namespace StreamKinect2.Unity
{
    /// <summary>The end of everything: when a player quits, when the editor stops playing, and before it reloads its domain.</summary>
    /// <remarks>Components close what they opened in OnDisable too. This comes earlier, and also where OnDisable does not come.</remarks>
    internal static class KinectLifetime
    {
        /// <summary>Whoever has something open closes it.</summary>
        internal static event Action Ending;

        // Statics stay from play to play where the domain is not reloaded, hence the removal.
        [RuntimeInitializeOnLoadMethod(RuntimeInitializeLoadType.SubsystemRegistration)]
        private static void Begin()
        {
            Application.quitting -= Quit;
            Application.quitting += Quit;
        }

        private static void Quit()
        {
            // The editor raises this when playing stops, and others in it may go on: its inspector of a browser, for example.
            if (Application.isEditor) Ending?.Invoke();
            else End();
        }

        /// <summary>Closes everything, and ends what others left open: no thread of the library may call into managed code that is gone.</summary>
        internal static void End()
        {
            Ending?.Invoke();
            try
            {
                KinectLibrary.Shutdown();
            }
            catch (DllNotFoundException)
            {
                // On a platform without the native library nothing was ever open.
            }
        }

        /// <summary>Whether an exception is one that opening a connection or a browser may end with, and not a defect.</summary>
        internal static bool IsExpected(Exception error) => error is KinectException || error is DllNotFoundException;

        /// <summary>Why something could not be opened, and what to do.</summary>
        internal static string Reason(Exception error) => error is DllNotFoundException
            ? "the native library \"streamkinect2\" was not found or does not load; the package has it for the platforms in Runtime/Plugins, and on Linux it " +
              "wants glibc 2.28 or newer"
            : error.Message;
    }
}
