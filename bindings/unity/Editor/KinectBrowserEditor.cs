// KinectBrowserEditor.cs - the inspector of a browser: the servers that it has found. While nothing plays, a button looks for them here.
using System;
using System.Collections.Generic;
using UnityEditor;
using UnityEngine;

namespace StreamKinect2.Unity.Editor
{
    [CustomEditor(typeof(KinectBrowser))]
    internal sealed class KinectBrowserEditor : UnityEditor.Editor
    {
        private ServerList own; // of the inspector itself, while nothing plays
        private string trouble;

        /// <summary>Draws the inspector.</summary>
        public override void OnInspectorGUI()
        {
            DrawDefaultInspector();
            var browser = (KinectBrowser)target;
            EditorGUILayout.Space();
            if (!Application.isPlaying) LookHere(browser.Address);
            Show(own != null ? own.Servers : browser.Servers, browser.GetComponent<KinectClient>());
        }

        /// <summary>The list changes by itself while the game plays.</summary>
        public override bool RequiresConstantRepaint() => Application.isPlaying;

        private void OnEnable()
        {
            EditorApplication.update += Poll;
            KinectLifetime.Ending += Stop;
        }

        private void OnDisable()
        {
            EditorApplication.update -= Poll;
            KinectLifetime.Ending -= Stop;
            Stop();
        }

        private void LookHere(string address)
        {
            bool look = GUILayout.Toggle(own != null, "Look for servers", "Button");
            if (look == (own != null)) return;
            Stop();
            trouble = null;
            if (!look) return;
            try
            {
                own = new ServerList(address);
            }
            catch (Exception error) when (KinectLifetime.IsExpected(error))
            {
                trouble = KinectLifetime.Reason(error);
            }
        }

        private void Show(IReadOnlyList<ServerInfo> servers, KinectClient client)
        {
            if (own?.Error != null) trouble = own.Error;
            if (!string.IsNullOrEmpty(trouble)) EditorGUILayout.HelpBox(trouble, MessageType.Error);
            EditorGUILayout.LabelField("Servers", servers.Count.ToString());
            foreach (ServerInfo server in servers)
            {
                using (new EditorGUILayout.HorizontalScope())
                {
                    EditorGUILayout.LabelField(server.Name, server.Endpoint);
                    if (client != null && GUILayout.Button("Use", GUILayout.Width(40))) Use(client, server.Name);
                }
            }
        }

        private static void Use(KinectClient client, string serverName)
        {
            Undo.RecordObject(client, "Use server");
            client.ServerName = serverName;
            client.Endpoint = "";
        }

        private void Poll()
        {
            if (own == null) return;
            if (Application.isPlaying) Stop();
            else if (own.Poll()) Repaint();
        }

        private void Stop()
        {
            own?.Dispose();
            own = null;
        }
    }
}
