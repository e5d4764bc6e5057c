// Stub of Unity's test framework for the tests of this repository.
using System;
using System.Collections.Generic;
using System.Text.RegularExpressions;

[assembly: System.Runtime.CompilerServices.InternalsVisibleTo("Runner")]

namespace UnityEngine.TestTools
{
    // The test is an iterator; each "yield return null" is a frame of the player.
    [AttributeUsage(AttributeTargets.Method)]
    public sealed class UnityTestAttribute : Attribute { }

    public static class LogAssert
    {
        internal static readonly List<Regex> Expected = new List<Regex>();
        public static void Expect(LogType type, Regex message) => Expected.Add(message);
    }
}
