// Stub of UnityEngine's user interface for the tests of this repository: it notes what would be shown. See Objects.cs.
using System.Collections.Generic;

namespace UnityEngine
{
    public sealed class GUIContent
    {
        public string text { get; set; } = "";
        public GUIContent() { }
        public GUIContent(string text) => this.text = text;
    }

    public sealed class GUIStyle
    {
        public static GUIStyle none { get; } = new GUIStyle();
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
        public static bool enabled { get; set; } = true;
        public static void Box(Rect position, GUIContent content, GUIStyle style) => Shown.Add(content.text);
    }

    public static class GUILayout
    {
        internal static string Pressed; // the button that the test presses
        public static bool Button(string text, params GUILayoutOption[] options) => text == Pressed;
        public static bool Toggle(bool value, string text, string style, params GUILayoutOption[] options) => text == Pressed ? !value : value;
        public static GUILayoutOption Width(float width) => new GUILayoutOption();
    }

    public sealed class GUILayoutOption { }
}
