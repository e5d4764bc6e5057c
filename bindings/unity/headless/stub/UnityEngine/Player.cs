// What plays in place of Unity in the tests of this repository: frame after frame, as the player loop has them. See Objects.cs.
using System.Runtime.CompilerServices;
using System.Threading;
using UnityEngine;

[assembly: InternalsVisibleTo("UnityEditor")]
[assembly: InternalsVisibleTo("UnityEngine.TestRunner")]
[assembly: InternalsVisibleTo("Runner")]

namespace StreamKinect2.Headless
{
    public static class Player
    {
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

        /// <summary>What a destroyed texture, mesh or material leaves behind counts here.</summary>
        public static int GraphicsAlive => Texture2D.Alive + Mesh.Alive + Material.Alive;
    }
}
