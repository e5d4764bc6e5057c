// Stub of NUnit for the tests of this repository: attributes, and the assertions that are used.
using System;

namespace NUnit.Framework
{
    [AttributeUsage(AttributeTargets.Method)]
    public sealed class TestAttribute : Attribute { }

    [AttributeUsage(AttributeTargets.Method)]
    public sealed class SetUpAttribute : Attribute { }

    [AttributeUsage(AttributeTargets.Method)]
    public sealed class TearDownAttribute : Attribute { }

    public sealed class AssertionException : Exception
    {
        public AssertionException(string message) : base(message) { }
    }

    public static class Assert
    {
        public static void Fail(string message) => throw new AssertionException(message);
        public static void IsTrue(bool condition, string message = "") => Check(condition, "expected true", message);
        public static void IsFalse(bool condition, string message = "") => Check(!condition, "expected false", message);
        public static void IsNull(object value, string message = "") => Check(value == null || value.Equals(null), "expected null", message);
        public static void IsNotNull(object value, string message = "") => Check(value != null && !value.Equals(null), "unexpected null", message);

        public static void AreEqual(object expected, object actual, string message = "") =>
            Check(Equals(expected, actual) || (IsNumber(expected) && IsNumber(actual) && Convert.ToDecimal(expected) == Convert.ToDecimal(actual)),
                        "expected " + expected + ", was " + actual, message);

        public static void Greater(IComparable first, IComparable second, string message = "") =>
            Check(first.CompareTo(second) > 0, first + " is not greater than " + second, message);

        static bool IsNumber(object value) => value is IConvertible && !(value is string) && !(value is bool);

        static void Check(bool condition, string what, string message)
        {
            if (!condition) throw new AssertionException(what + (message == "" ? "" : ": " + message));
        }
    }
}
