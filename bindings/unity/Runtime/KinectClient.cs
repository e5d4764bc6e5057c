// KinectClient.cs - the component that connects to a server. Sources of images beside it take their frames from it.
using System;
using System.Collections.Generic;
using UnityEngine;

namespace StreamKinect2.Unity
{
    /// <summary>A connection to one server, kept while the component is enabled, also over the server's absence.</summary>
    /// <remarks>Events are polled in Update, on the main thread, at most 64 in a frame. Nothing blocks.</remarks>
    [AddComponentMenu("Stream Kinect 2/Kinect Client")]
    [DisallowMultipleComponent]
    public sealed class KinectClient : MonoBehaviour
    {
        private const int EventsPerFrame = 64;

        [Tooltip("Name of the server to follow wherever it is; * takes the first one that is found.")]
        [SerializeField, Delayed] private string serverName = "*";
        [Tooltip("Where the server answers, such as tcp://192.168.1.4:40001. Empty: it is found by its name.")]
        [SerializeField, Delayed] private string endpoint = "";

        private readonly List<string> kinects = new List<string>();
        private bool stale; // to be opened, or opened anew, in the next Update: by then all settings of a new component are set

        /// <summary>Name of the server to follow; "*" is the first one that is found. Another name connects anew.</summary>
        public string ServerName
        {
            get => serverName;
            set => Change(ref serverName, value);
        }

        /// <summary>
        /// Where the server answers, such as tcp://192.168.1.4:40001; empty: it is found by its name. Another endpoint connects anew.
        /// </summary>
        public string Endpoint
        {
            get => endpoint;
            set => Change(ref endpoint, value);
        }

        /// <summary>
        /// The connection itself, for all that this component does not do; made in the first Update. Null before, while the
        /// component is disabled, and if it could not be made.
        /// </summary>
        /// <remarks>It is the component's: do not dispose it, and do not take its events or the frames of its sources.</remarks>
        public Client Client { get; private set; }

        /// <summary>Whether the server answers.</summary>
        public bool IsConnected { get; private set; }

        /// <summary>What is going on, for people.</summary>
        public string Status { get; private set; } = "not running";

        /// <summary>The ids of the server's kinects, in the order of their coming.</summary>
        public IReadOnlyList<string> Kinects => kinects;

        /// <summary>Raised in Update for each event of the connection, with the state above up to date.</summary>
        public event Action<KinectClient, KinectEvent> Happened;

        /// <summary>Another number when <see cref="Kinects"/> or <see cref="Client"/> may have changed.</summary>
        internal int Revision { get; private set; }

        private void OnEnable()
        {
            KinectLifetime.Ending += Close;
            stale = true;
        }

        // The inspector has changed a setting.
        private void OnValidate() => stale = true;

        private void Update()
        {
            if (stale)
            {
                Close();
                Open();
            }
            if (Client == null) return;
            KinectEvent what;
            for (int i = 0; i < EventsPerFrame && (what = Client.TryNextEvent()) != null; i++)
            {
                Take(what);
                Happened?.Invoke(this, what);
                if (Client == null) return; // a handler has disabled the component
            }
        }

        private void OnDisable()
        {
            KinectLifetime.Ending -= Close;
            Close();
        }

        private void Open()
        {
            Client opened = null;
            try
            {
                opened = endpoint == "" ? Client.ForServer(serverName) : new Client(endpoint);
                opened.Connect();
                Client = opened;
                Revision++;
                Status = endpoint != "" ? "connecting to " + endpoint : serverName == "*" ? "looking for a server" : "looking for \"" + serverName + "\"";
            }
            catch (Exception error) when (KinectLifetime.IsExpected(error))
            {
                opened?.Dispose();
                Status = KinectLifetime.Reason(error);
                Debug.LogError("Kinect Client: " + Status, this);
            }
        }

        private void Close()
        {
            stale = false;
            if (Client == null) return;
            Client.Dispose();
            Client = null;
            IsConnected = false;
            kinects.Clear();
            Revision++;
            Status = "not running";
        }

        private void Take(KinectEvent what)
        {
            switch (what.Type)
            {
                case KinectEventType.Error:
                    Debug.LogWarning("Kinect Client: " + what.Text, this);
                    return;
                case KinectEventType.Disconnect:
                    Status = "no answer (" + KinectLibrary.ResultName(what.Result) + "), trying again";
                    break;
                case KinectEventType.Connect:
                    Status = "connected to " + Client.ServerName;
                    break;
                case KinectEventType.AddKinect:
                case KinectEventType.RemoveKinect:
                case KinectEventType.Overflow:
                    break;
                default:
                    return;
            }
            // What is there now: several events may tell of one change, and an overflow says that some are missing.
            IsConnected = Client.IsConnected;
            kinects.Clear();
            kinects.AddRange(Client.GetKinectIds());
            Revision++;
        }

        private void Change(ref string setting, string value)
        {
            value = value ?? "";
            if (setting == value) return;
            setting = value;
            stale = true;
        }
    }
}
