// KinectClientEditor.cs - the inspector of a connection: its state, and the kinects that the server has.
using UnityEditor;
using UnityEngine;

namespace StreamKinect2.Unity.Editor
{
    [CustomEditor(typeof(KinectClient))]
    internal sealed class KinectClientEditor : UnityEditor.Editor
    {
        /// <summary>Draws the inspector.</summary>
        public override void OnInspectorGUI()
        {
            DrawDefaultInspector();
            if (!Application.isPlaying) return;
            var client = (KinectClient)target;
            EditorGUILayout.Space();
            EditorGUILayout.LabelField("Status", client.Status);
            foreach (string id in client.Kinects) EditorGUILayout.SelectableLabel(id);
        }

        /// <summary>The state changes by itself while the game plays.</summary>
        public override bool RequiresConstantRepaint() => Application.isPlaying;
    }
}
