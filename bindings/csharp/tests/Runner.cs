// Runner.cs - runs every method marked [Test]: quiet when right. `Tests.exe [WORD]` runs those with the word in their name.
using System;
using System.Diagnostics;
using System.Linq;
using System.Reflection;
using System.Threading;

[AttributeUsage(AttributeTargets.Method)]
internal sealed class TestAttribute : Attribute { }

internal sealed class CheckFailed : Exception
{
    public CheckFailed(string message) : base(message) { }
}

internal static class Check
{
    public static void True(bool condition, string what)
    {
        if (!condition) throw new CheckFailed(what);
    }

    public static void Equal<T>(T expected, T actual, string what)
    {
        if (!Equals(expected, actual)) throw new CheckFailed(what + ": expected " + expected + ", got " + actual);
    }

    /// <summary>The exception that an action throws, which has to be of this very type.</summary>
    public static T Throws<T>(Action action, string what) where T : Exception
    {
        try
        {
            action();
        }
        catch (Exception exception)
        {
            if (exception.GetType() == typeof(T)) return (T)exception;
            throw new CheckFailed(what + ": expected " + typeof(T).Name + ", got " + exception);
        }
        throw new CheckFailed(what + ": expected " + typeof(T).Name + ", nothing was thrown");
    }

    /// <summary>The library refuses an action, with this code and with a reason.</summary>
    public static void Refused(StreamKinect2.ResultCode code, Action action, string what)
    {
        var exception = Throws<StreamKinect2.KinectException>(action, what);
        Equal(code, exception.Code, "code of " + what);
        True(exception.Message.Length > 40, "a reason for " + what + ": " + exception.Message);
    }

    /// <summary>Waits until a condition holds.</summary>
    public static void Soon(Func<bool> condition, string what, int seconds = 15)
    {
        Stopwatch clock = Stopwatch.StartNew();
        while (!condition())
        {
            if (clock.Elapsed.TotalSeconds > seconds) throw new CheckFailed("not within " + seconds + " s: " + what);
            Thread.Sleep(1);
        }
    }
}

internal static class Runner
{
    private static int Main(string[] arguments)
    {
        int passed = 0, failed = 0;
        foreach (MethodInfo test in Assembly.GetExecutingAssembly().GetTypes()
            .SelectMany(type => type.GetMethods(BindingFlags.Static | BindingFlags.Public))
            .Where(method => method.GetCustomAttributes(typeof(TestAttribute), false).Length > 0))
        {
            string name = test.DeclaringType.Name + "." + test.Name;
            if (arguments.Length > 0 && name.IndexOf(arguments[0], StringComparison.OrdinalIgnoreCase) < 0) continue;
            if (Run(test, name)) passed++;
            else failed++;
        }
        Console.WriteLine(passed + " passed, " + failed + " failed");
        return failed == 0 && passed > 0 ? 0 : 1;
    }

    private static bool Run(MethodInfo test, string name)
    {
        Exception reason = null;
        var thread = new Thread(() =>
        {
            try
            {
                test.Invoke(null, null);
                // Whatever a test did not dispose would be found in the next one.
                if (StreamKinect2.KinectLibrary.LiveObjects != 0) throw new CheckFailed("left alive: " + StreamKinect2.KinectLibrary.LiveObjects);
            }
            catch (TargetInvocationException exception)
            {
                reason = exception.InnerException;
            }
            catch (Exception exception)
            {
                reason = exception;
            }
        });
        thread.IsBackground = true;
        thread.Start();
        if (!thread.Join(60000)) Environment.FailFast(name + " hangs");
        if (reason == null) return true;
        Console.WriteLine("FAILED " + name + ": " + (reason is CheckFailed ? reason.Message : reason.ToString()));
        StreamKinect2.KinectLibrary.Shutdown();
        return false;
    }
}
