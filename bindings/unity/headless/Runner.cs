// Runner.cs - runs the package's NUnit tests without Unity: on the stub of UnityEngine in stub/, whose player it drives.
//
//     mono Runner.exe ASSEMBLY...      the package's and the tests'; exit status 0 if every test passed, and there were some
using System;
using System.Collections;
using System.Collections.Generic;
using System.Linq;
using System.Reflection;
using NUnit.Framework;
using UnityEngine;
using UnityEngine.TestTools;

namespace StreamKinect2.Headless
{
    internal static class Runner
    {
        private static int Main(string[] assemblies)
        {
            int passed = 0, failed = 0;
            Assembly[] loaded = assemblies.Select(Assembly.LoadFrom).ToArray();
            foreach (Assembly assembly in loaded) Player.Load(assembly);
            foreach (Assembly assembly in loaded)
                foreach (Type type in assembly.GetTypes().OrderBy(type => type.FullName, StringComparer.Ordinal))
                    foreach (MethodInfo test in type.GetMethods().Where(method => Has<TestAttribute>(method) || Has<UnityTestAttribute>(method)))
                        if (Passes(type, test)) passed++;
                        else failed++;
            Console.WriteLine(passed + " passed, " + failed + " failed");
            return failed == 0 && passed > 0 ? 0 : 1;
        }

        private static bool Passes(Type type, MethodInfo test)
        {
            var watch = System.Diagnostics.Stopwatch.StartNew();
            object fixture = Activator.CreateInstance(type);
            Exception error = null;
            try
            {
                Call<SetUpAttribute>(fixture);
                if (test.Invoke(fixture, null) is IEnumerator frames)
                    while (frames.MoveNext()) Player.FrameAndPause();
            }
            catch (Exception thrown)
            {
                error = Cause(thrown);
            }
            try
            {
                Call<TearDownAttribute>(fixture);
                CheckLog();
            }
            catch (Exception thrown)
            {
                error = error == null ? Cause(thrown) : new AggregateException(error, Cause(thrown));
            }
            Player.Stop();
            Console.WriteLine((error == null ? "passed  " : "FAILED  ") + type.Name + "." + test.Name + "  " + watch.ElapsedMilliseconds + " ms");
            if (error != null) Console.WriteLine(error);
            return error == null;
        }

        /// <summary>As in Unity, a test fails if it logs an error that it did not announce, or announces one that does not come.</summary>
        private static void CheckLog()
        {
            var problems = new List<string>();
            foreach (KeyValuePair<LogType, string> message in Debug.Messages)
            {
                if (message.Key == LogType.Log || message.Key == LogType.Warning) continue;
                int expected = LogAssert.Expected.FindIndex(one => one.IsMatch(message.Value));
                if (expected >= 0) LogAssert.Expected.RemoveAt(expected);
                else problems.Add("unexpected " + message.Key + ": " + message.Value);
            }
            foreach (System.Text.RegularExpressions.Regex missing in LogAssert.Expected) problems.Add("expected, but not logged: " + missing);
            Debug.Messages.Clear();
            LogAssert.Expected.Clear();
            if (problems.Count > 0) Assert.Fail(string.Join("\n", problems));
        }

        private static void Call<T>(object fixture) where T : Attribute
        {
            foreach (MethodInfo method in fixture.GetType().GetMethods().Where(Has<T>)) method.Invoke(fixture, null);
        }

        private static bool Has<T>(MethodInfo method) where T : Attribute => method.IsDefined(typeof(T), true);

        private static Exception Cause(Exception error) => (error as TargetInvocationException)?.InnerException ?? error;
    }
}
