// Stub of UnityEngine for the tests of this repository: attributes, the application, time and the log. See Objects.cs.
using System;
using System.Collections.Generic;
using System.Diagnostics;

namespace UnityEngine
{
    [AttributeUsage(AttributeTargets.Field)]
    public sealed class SerializeField : Attribute { }

    [AttributeUsage(AttributeTargets.Field)]
    public sealed class TooltipAttribute : Attribute
    {
        public TooltipAttribute(string tooltip) { }
    }

    [AttributeUsage(AttributeTargets.Field)]
    public sealed class DelayedAttribute : Attribute { }

    [AttributeUsage(AttributeTargets.Field)]
    public sealed class MinAttribute : Attribute
    {
        public MinAttribute(float min) { }
    }

    [AttributeUsage(AttributeTargets.Class)]
    public sealed class AddComponentMenu : Attribute
    {
        public AddComponentMenu(string menuName) { }
    }

    [AttributeUsage(AttributeTargets.Class)]
    public sealed class DisallowMultipleComponent : Attribute { }

    [AttributeUsage(AttributeTargets.Class, AllowMultiple = true)]
    public sealed class RequireComponent : Attribute
    {
        internal readonly Type[] Types;
        public RequireComponent(Type requiredComponent) => Types = new[] { requiredComponent };
        public RequireComponent(Type requiredComponent, Type requiredComponent2) => Types = new[] { requiredComponent, requiredComponent2 };
        public RequireComponent(Type requiredComponent, Type requiredComponent2, Type requiredComponent3) =>
            Types = new[] { requiredComponent, requiredComponent2, requiredComponent3 };
    }

    public enum RuntimeInitializeLoadType { AfterSceneLoad, BeforeSceneLoad, AfterAssembliesLoaded, BeforeSplashScreen, SubsystemRegistration }

    [AttributeUsage(AttributeTargets.Method)]
    public sealed class RuntimeInitializeOnLoadMethodAttribute : Attribute
    {
        public RuntimeInitializeOnLoadMethodAttribute(RuntimeInitializeLoadType loadType) { }
    }

    public static class Application
    {
        public static event Action quitting;
        public static bool isPlaying { get; internal set; } = true;
        public static bool isEditor { get; internal set; }
        internal static void Quit() => quitting?.Invoke();
    }

    public static class Time
    {
        static readonly Stopwatch Clock = Stopwatch.StartNew();
        public static int frameCount { get; internal set; }
        public static double realtimeSinceStartupAsDouble => Clock.Elapsed.TotalSeconds;
    }

    public enum LogType { Error, Assert, Warning, Log, Exception }

    public static class Debug
    {
        internal static readonly List<KeyValuePair<LogType, string>> Messages = new List<KeyValuePair<LogType, string>>();
        public static void Log(object message) => Add(LogType.Log, message);
        public static void LogWarning(object message, Object context) => Add(LogType.Warning, message);
        public static void LogError(object message, Object context) => Add(LogType.Error, message);
        public static void LogException(Exception exception, Object context) => Add(LogType.Exception, exception);
        static void Add(LogType type, object message) => Messages.Add(new KeyValuePair<LogType, string>(type, message.ToString()));
    }
}
