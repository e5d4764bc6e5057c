// KinectBrowser.cs - the component that lists the servers on the network. Its inspector shows them.
using System;
using System.Collections.Generic;
using UnityEngine;

namespace StreamKinect2.Unity
{
    /// <summary>The servers on the local network, found by Zeroconf while the component is enabled. Polled in Update, on the main thread.</summary>
    [AddComponentMenu("Stream Kinect 2/Kinect Browser")]
    [DisallowMultipleComponent]
    public sealed class KinectBrowser : MonoBehaviour
    {
        private static readonly ServerInfo[] None = new ServerInfo[0];

        [Tooltip("Numeric address of the network interface to listen on. Empty: all interfaces.")]
        [SerializeField] private string address = "";

        private ServerList list;

        /// <summary>Numeric address of the network interface to listen on; empty: all. Counts when the component is enabled the next time.</summary>
        public string Address
        {
            get => address;
            set => address = value ?? "";
        }

        /// <summary>The servers that answer, in the order of their coming.</summary>
        public IReadOnlyList<ServerInfo> Servers => list == null ? None : list.Servers;

        /// <summary>Raised in Update when <see cref="Servers"/> has changed.</summary>
        public event Action<KinectBrowser> Changed;

        private void OnEnable()
        {
            KinectLifetime.Ending += Close;
            try
            {
                list = new ServerList(address);
            }
            catch (Exception error) when (KinectLifetime.IsExpected(error))
            {
                Debug.LogError("Kinect Browser: " + KinectLifetime.Reason(error), this);
            }
        }

        private void Update()
        {
            if (list == null) return;
            string before = list.Error;
            bool changed = list.Poll();
            if (!ReferenceEquals(list.Error, before)) Debug.LogWarning("Kinect Browser: " + list.Error, this);
            if (changed) Changed?.Invoke(this);
        }

        private void OnDisable()
        {
            KinectLifetime.Ending -= Close;
            Close();
        }

        private void Close()
        {
            list?.Dispose();
            list = null;
        }
    }
}
