// What plays in place of Unity in the tests of this repository: frame after frame, as the player loop has them. See Objects.cs.
using System;
using System.Collections.Generic;
using System.Linq;
using System.Reflection;
using System.Runtime.CompilerServices;
using System.Threading;
using UnityEngine;
using Object = UnityEngine.Object;

[assembly: InternalsVisibleTo("UnityEditor")]
[assembly: InternalsVisibleTo("UnityEngine.TestRunner")]
[assembly: InternalsVisibleTo("Runner")]
[assembly: InternalsVisibleTo("HeadlessTests")]

namespace StreamKinect2.Headless
{
    public static class Player
    {
        // Mono has it, but not in the profile that mcs compiles against.
        static readonly Func<long> Allocated =
            (Func<long>)Delegate.CreateDelegate(typeof(Func<long>), typeof(GC).GetMethod("GetAllocatedBytesForCurrentThread"));

        /// <summary>What Unity does with an assembly that it has loaded.</summary>
        public static void Load(Assembly assembly)
        {
            foreach (Type type in assembly.GetTypes())
            {
                if (type.GetCustomAttributes(false).Any(one => one.GetType().Name == "InitializeOnLoadAttribute"))
                    RuntimeHelpers.RunClassConstructor(type.TypeHandle);
                foreach (MethodInfo method in type.GetMethods(BindingFlags.Static | BindingFlags.NonPublic | BindingFlags.DeclaredOnly))
                    if (method.IsDefined(typeof(RuntimeInitializeOnLoadMethodAttribute))) method.Invoke(null, null);
            }
        }

        /// <summary>One frame: Update of all, LateUpdate of all, the user interface, and then what was destroyed goes.</summary>
        public static void Frame()
        {
            Time.frameCount++;
            GameObject.PlayAll("Update");
            GameObject.PlayAll("LateUpdate");
            GUI.Shown.Clear();
            GameObject.PlayAll("OnGUI");
            Object.DestroyDoomed();
        }

        /// <summary>A frame, and the time until the next one.</summary>
        public static void FrameAndPause()
        {
            Frame();
            Thread.Sleep(1);
        }

        /// <summary>The end of playing: the application says so first, then everything is destroyed.</summary>
        public static void Stop()
        {
            Application.Quit();
            GameObject.DestroyAll();
            Object.DestroyDoomed();
        }

        /// <summary>What was logged as an error.</summary>
        public static IEnumerable<string> Problems() =>
            Debug.Messages.Where(one => one.Key != LogType.Log && one.Key != LogType.Warning).Select(one => one.Value);

        /// <summary>Bytes that this thread has allocated on the managed heap since it began.</summary>
        public static long AllocatedBytes() => Allocated();

        /// <summary>Textures, meshes and materials that were not destroyed.</summary>
        public static int GraphicsAlive => Texture2D.Alive + Mesh.Alive + Material.Alive;
    }
}
