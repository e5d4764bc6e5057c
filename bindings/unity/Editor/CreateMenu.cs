// CreateMenu.cs - the menu GameObject > Stream Kinect 2.
using UnityEditor;
using UnityEngine;

namespace StreamKinect2.Unity.Editor
{
    internal static class CreateMenu
    {
        private const string Menu = "GameObject/Stream Kinect 2/";
        private const int Priority = 10; // among the menu's own objects

        [MenuItem(Menu + "Depth Source", false, Priority)]
        private static void DepthSource(MenuCommand command) => Create<DepthSource>("Kinect Depth", command);

        [MenuItem(Menu + "Infrared Source", false, Priority)]
        private static void InfraredSource(MenuCommand command) => Create<InfraredSource>("Kinect Infrared", command);

        [MenuItem(Menu + "Server Browser", false, Priority)]
        private static void ServerBrowser(MenuCommand command) => Create<KinectBrowser>("Kinect Browser", command);

        internal static void Create<T>(string name, MenuCommand command) where T : Component
        {
            var created = new GameObject(name, typeof(T));
            GameObjectUtility.SetParentAndAlign(created, command.context as GameObject);
            Undo.RegisterCreatedObjectUndo(created, "Create " + name);
            Selection.activeObject = created;
        }
    }
}
