// Stub of UnityEditor for the tests of this repository: what inspectors and menus use. See UnityEngine/Objects.cs.
using System;
using System.Collections.Generic;
using System.Linq;
using System.Reflection;
using UnityEngine;
using Object = UnityEngine.Object;

[assembly: System.Runtime.CompilerServices.InternalsVisibleTo("HeadlessTests")]

namespace UnityEditor
{
    public enum MessageType { None, Info, Warning, Error }

    [AttributeUsage(AttributeTargets.Class)]
    public sealed class CustomEditor : Attribute
    {
        internal readonly Type Inspected;
        public CustomEditor(Type inspectedType) => Inspected = inspectedType;
    }

    [AttributeUsage(AttributeTargets.Class)]
    public sealed class InitializeOnLoadAttribute : Attribute { }

    [AttributeUsage(AttributeTargets.Method)]
    public sealed class MenuItem : Attribute
    {
        public MenuItem(string itemName, bool isValidateFunction, int priority) { }
    }

    public sealed class MenuCommand
    {
        public Object context;
        public MenuCommand(Object context) => this.context = context;
    }

    public class Editor : Object
    {
        public Object target { get; private set; }

        public static Editor CreateEditor(Object target)
        {
            Type type = AppDomain.CurrentDomain.GetAssemblies().SelectMany(assembly => assembly.GetTypes()).First(one =>
                one.GetCustomAttributes(typeof(CustomEditor), false).Any(inspector => ((CustomEditor)inspector).Inspected == target.GetType()));
            var editor = (Editor)Activator.CreateInstance(type);
            editor.target = target;
            editor.Send("OnEnable");
            return editor;
        }

        internal override void End() => Send("OnDisable");

        void Send(string message) => GetType().GetMethod(message, BindingFlags.Instance | BindingFlags.NonPublic)?.Invoke(this, null);

        public bool DrawDefaultInspector() => false;
        public virtual void OnInspectorGUI() => DrawDefaultInspector();
        public virtual bool RequiresConstantRepaint() => false;
        public void Repaint() { }
    }

    public static class EditorGUILayout
    {
        internal static readonly List<string> Shown = new List<string>();
        public static void LabelField(string label, params GUILayoutOption[] options) => Shown.Add(label);
        public static void LabelField(string label, string label2, params GUILayoutOption[] options) => Shown.Add(label + ": " + label2);
        public static void SelectableLabel(string text, params GUILayoutOption[] options) => Shown.Add(text);
        public static void HelpBox(string message, MessageType type) => Shown.Add(message);
        public static void Space() { }

        public sealed class HorizontalScope : IDisposable
        {
            public HorizontalScope(params GUILayoutOption[] options) { }
            public void Dispose() { }
        }
    }

    public static class EditorApplication
    {
        public delegate void CallbackFunction();
        public static CallbackFunction update;
        public static event Action quitting;
        internal static void Quit() => quitting?.Invoke();
    }

    public static class AssemblyReloadEvents
    {
        public delegate void AssemblyReloadCallback();
        public static event AssemblyReloadCallback beforeAssemblyReload;
        internal static void Reload() => beforeAssemblyReload?.Invoke();
    }

    public static class Undo
    {
        public static void RegisterCreatedObjectUndo(Object created, string name) { }
        public static void RecordObject(Object changed, string name) { }
    }

    public static class Selection
    {
        public static Object activeObject { get; set; }
    }

    public static class GameObjectUtility
    {
        public static void SetParentAndAlign(GameObject child, GameObject parent) { }
    }
}
