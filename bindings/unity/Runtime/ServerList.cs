// ServerList.cs - the servers on the network, kept up to date by polling: what the browser component and its inspector share.
using System;
using System.Collections.Generic;

namespace StreamKinect2.Unity
{
    /// <summary>Looks for servers from its making until Dispose. Used from one thread.</summary>
    public sealed class ServerList : IDisposable
    {
        private readonly Browser browser;
        private readonly List<ServerInfo> servers = new List<ServerInfo>();

        /// <summary>Begins to look for servers.</summary>
        /// <param name="address">Numeric address of the network interface to listen on; empty: all interfaces.</param>
        /// <exception cref="KinectException">No interface has the address, or the network cannot be asked.</exception>
        public ServerList(string address)
        {
            browser = new Browser(new BrowserOptions { Address = string.IsNullOrEmpty(address) ? null : address });
            try
            {
                browser.Start();
            }
            catch
            {
                browser.Dispose();
                throw;
            }
        }

        /// <summary>The servers that answer, in the order of their coming.</summary>
        public IReadOnlyList<ServerInfo> Servers => servers;

        /// <summary>What last failed on its own, in the library's words; null: nothing. Looking goes on.</summary>
        public string Error { get; private set; }

        /// <summary>Takes what has happened since the last call, without waiting. Makes no garbage if nothing has.</summary>
        /// <returns>Whether <see cref="Servers"/> has changed.</returns>
        public bool Poll()
        {
            bool changed = false;
            KinectEvent what;
            while ((what = browser.TryNextEvent()) != null)
            {
                if (what.Type == KinectEventType.Error) Error = what.Text;
                changed |= what.Type == KinectEventType.AddServer || what.Type == KinectEventType.RemoveServer || what.Type == KinectEventType.Overflow;
            }
            if (!changed) return false;
            servers.Clear();
            servers.AddRange(browser.GetServers());
            return true;
        }

        /// <summary>Stops looking.</summary>
        public void Dispose() => browser.Dispose();
    }
}
