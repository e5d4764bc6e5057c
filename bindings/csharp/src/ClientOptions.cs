// ClientOptions.cs - how to make a client.
using StreamKinect2.Interop;

namespace StreamKinect2
{
    /// <summary>How to make a client. A new object has the library's defaults.</summary>
    public sealed unsafe class ClientOptions
    {
        private ClientOptionsNative native;

        /// <summary>Makes options with their defaults.</summary>
        public ClientOptions()
        {
            KinectLibrary.Use();
            fixed (ClientOptionsNative* options = &native)
                NativeMethods.kinect2_client_options_init(options, (System.UIntPtr)sizeof(ClientOptionsNative));
        }

        /// <summary>
        /// Follow the server of this name to any endpoint; "*": the first server that is found; default null: stay at the endpoint.
        /// </summary>
        public string ServerName { get; set; }

        /// <summary>How often the server is asked whether it is there, in milliseconds; default 10000.</summary>
        public int HeartbeatPeriodMs { get => (int)native.heartbeat_period_ms; set => native.heartbeat_period_ms = Errors.NotNegative(value); }

        /// <summary>How long an answer may take before the server is lost, in milliseconds; default 5000.</summary>
        public int ResponseTimeoutMs { get => (int)native.response_timeout_ms; set => native.response_timeout_ms = Errors.NotNegative(value); }

        /// <summary>Whether to keep trying while there is no answer; default true.</summary>
        public bool Reconnect { get => native.reconnect != 0; set => native.reconnect = value ? 1u : 0u; }

        /// <summary>How to find ServerName; default Auto.</summary>
        public Discovery Discovery { get => (Discovery)native.discovery; set => native.discovery = (uint)value; }

        internal int Create(string endpoint, out ClientHandle client)
        {
            ClientOptionsNative options = native;
            fixed (byte* name = Utf8.Bytes(ServerName))
            {
                options.server_name = (System.IntPtr)name;
                return NativeMethods.kinect2_client_create(Utf8.Bytes(endpoint), &options, out client);
            }
        }
    }
}
