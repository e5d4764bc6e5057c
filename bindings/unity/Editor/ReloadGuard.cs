// ReloadGuard.cs - before the editor reloads its domain or quits, everything of the package ends.
using UnityEditor;

namespace StreamKinect2.Unity.Editor
{
    [InitializeOnLoad]
    internal static class ReloadGuard
    {
        static ReloadGuard()
        {
            AssemblyReloadEvents.beforeAssemblyReload += KinectLifetime.End;
            EditorApplication.quitting += KinectLifetime.End;
        }
    }
}
