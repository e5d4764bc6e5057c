// Patience.cs - how long a test waits for something that has to come.
using System.Diagnostics;

namespace StreamKinect2.Unity.Tests
{
    /// <summary><c>while (!there &amp;&amp; patience.Lasts) yield return null;</c></summary>
    public sealed class Patience
    {
        private const double Seconds = 20;
        private readonly Stopwatch clock = Stopwatch.StartNew();

        public bool Lasts => clock.Elapsed.TotalSeconds < Seconds;
    }
}
