// Stub of UnityEngine's user interface for the tests of this repository: it notes what would be shown. See Objects.cs.
using System.Collections.Generic;

namespace UnityEngine
{
    public sealed class GUIContent
    {
        public string text { get; set; } = "";
        public GUIContent() { }
    }

    public enum TextAnchor { UpperLeft, UpperCenter, UpperRight }

    public sealed class GUIStyle
    {
        public GUIStyle() { }
        public GUIStyle(GUIStyle other) => alignment = other.alignment;
        public TextAnchor alignment { get; set; }
        public static implicit operator GUIStyle(string name) => new GUIStyle();
        public Vector2 CalcSize(GUIContent content) => new Vector2(content.text.Length * 8, 16 * content.text.Split('\n').Length);
    }

    public sealed class GUISkin
    {
        public GUIStyle box { get; } = new GUIStyle();
    }

    public static class GUI
    {
        internal static readonly List<string> Shown = new List<string>();
        public static GUISkin skin { get; set; } = new GUISkin();
        public static void Box(Rect position, GUIContent content, GUIStyle style) => Shown.Add(content.text);
    }

    public static class GUILayout
    {
        internal static string Pressed; // the button that the test presses
        public static bool Button(string text, params GUILayoutOption[] options) => text == Pressed;
        public static bool Toggle(bool value, string text, GUIStyle style, params GUILayoutOption[] options) => text == Pressed ? !value : value;
        public static GUILayoutOption Width(float width) => new GUILayoutOption();
    }

    public sealed class GUILayoutOption { }
}
