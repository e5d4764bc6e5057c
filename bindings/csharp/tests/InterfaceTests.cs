// InterfaceTests.cs - the declarations against streamkinect2.h and the C compiler: every function, every number, every structure.
using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Reflection;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text.RegularExpressions;
using StreamKinect2;

internal static class InterfaceTests
{
    private static readonly Assembly Binding = typeof(Client).Assembly;

    // What people read of the header is code: comments go.
    private static readonly string Header = Regex.Replace(
        File.ReadAllText(Environment.GetEnvironmentVariable("STREAMKINECT2_HEADER")), @"/\*.*?\*/", "", RegexOptions.Singleline);

    private static readonly MethodInfo[] Declared = Binding.GetType("StreamKinect2.Interop.NativeMethods")
        .GetMethods(BindingFlags.Static | BindingFlags.Public).Where(method => method.Name.StartsWith("kinect2_")).ToArray();

    [Test]
    public static void Every_function_of_the_header_is_declared_with_as_many_parameters()
    {
        var functions = new Dictionary<string, int>();
        const RegexOptions options = RegexOptions.Multiline | RegexOptions.Singleline;
        foreach (Match match in Regex.Matches(Header, @"^(?!typedef)[a-z][\w ]*[ *](kinect2_\w+)\(([^;{]*?)\);", options))
            functions.Add(match.Groups[1].Value, match.Groups[2].Value.Trim() == "void" ? 0 : match.Groups[2].Value.Split(',').Length);
        Check.True(functions.Count > 80, "functions are found in the header, not " + functions.Count);
        string[] missing = functions.Keys.Except(Declared.Select(method => method.Name)).ToArray();
        string[] invented = Declared.Select(method => method.Name).Except(functions.Keys).ToArray();
        Check.Equal("", string.Join(" ", missing), "not declared");
        Check.Equal("", string.Join(" ", invented), "not in the header");
        foreach (MethodInfo method in Declared)
            Check.Equal(functions[method.Name], method.GetParameters().Length, "parameters of " + method.Name);
    }

    [Test]
    public static void Signatures_leave_nothing_to_a_marshaller()
    {
        IEnumerable<MethodInfo> callbacks = Binding.GetTypes()
            .Where(type => type.GetCustomAttributes(typeof(UnmanagedFunctionPointerAttribute), false).Length > 0)
            .Select(type => type.GetMethod("Invoke"));
        MethodInfo[] methods = Declared.Concat(callbacks).ToArray();
        Check.True(methods.Length > Declared.Length, "there are callbacks");
        foreach (MethodInfo method in methods)
            foreach (Type type in method.GetParameters().Select(parameter => parameter.ParameterType).Concat(new[] { method.ReturnType }))
                Check.True(IsPlain(type), method.DeclaringType.Name + "." + method.Name + " has a " + type);
    }

    [Test]
    public static void Functions_are_found_by_one_name_and_called_as_in_C()
    {
        foreach (MethodInfo method in Declared)
        {
            var import = (DllImportAttribute)method.GetCustomAttributes(typeof(DllImportAttribute), false).Single();
            Check.True(import.Value == "streamkinect2" && import.CallingConvention == CallingConvention.Cdecl, "import of " + method.Name);
        }
    }

    [Test]
    public static void Callbacks_are_static_and_marked_for_IL2CPP()
    {
        FieldInfo[] held = Binding.GetTypes().SelectMany(type => type.GetFields(BindingFlags.Static | BindingFlags.NonPublic | BindingFlags.Public))
            .Where(field => field.FieldType.Namespace == "StreamKinect2.Interop" && field.FieldType.IsSubclassOf(typeof(Delegate))).ToArray();
        Check.True(held.Length >= 13, "callbacks are held by static fields, not " + held.Length);
        foreach (FieldInfo field in held)
        {
            MethodInfo method = ((Delegate)field.GetValue(null)).Method;
            CustomAttributeData mark = method.GetCustomAttributesData()
                .SingleOrDefault(data => data.Constructor.DeclaringType.Name == "MonoPInvokeCallbackAttribute");
            Check.True(method.IsStatic && mark != null, method.Name + " is static and marked");
            Check.Equal(field.FieldType, (Type)mark.ConstructorArguments[0].Value, "type in the mark of " + method.Name);
        }
    }

    [Test]
    public static void Structures_lie_as_the_C_compiler_lays_them()
    {
        var sizes = new Dictionary<string, int>();
        var members = new Dictionary<string, Dictionary<string, int>>();
        foreach (string[] words in File.ReadAllLines(Environment.GetEnvironmentVariable("STREAMKINECT2_LAYOUT")).Select(line => line.Split(' ')))
        {
            if (words.Length == 2)
            {
                sizes.Add(words[0], int.Parse(words[1]));
                members.Add(words[0], new Dictionary<string, int>());
            }
            else
            {
                members[words[0]].Add(words[1], int.Parse(words[2]));
            }
        }
        Check.True(sizes.Count >= 13, "structures are found in the header, not " + sizes.Count);
        foreach (string name in sizes.Keys)
        {
            string bare = name.Substring("kinect2_".Length, name.Length - "kinect2__t".Length);
            Type type = Binding.GetType("StreamKinect2.Interop." + Pascal(bare) + "Native");
            Check.True(type != null, "a structure for " + name);
            Check.Equal(sizes[name], Marshal.SizeOf(type), "size of " + name);
            FieldInfo[] fields = type.GetFields(BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic);
            Check.Equal(string.Join(" ", members[name].Keys), string.Join(" ", fields.Select(field => field.Name)), "members of " + name);
            foreach (FieldInfo field in fields)
                Check.Equal(members[name][field.Name], (int)Marshal.OffsetOf(type, field.Name), "place of " + name + "." + field.Name);
        }
    }

    [Test]
    public static void Every_number_of_the_header_has_its_name()
    {
        var enumerations = new Dictionary<string, Type>
        {
            { "LOG_", typeof(LogLevel) }, { "ENDPOINT_", typeof(EndpointType) }, { "DISCOVERY_", typeof(Discovery) }, { "STREAM_", typeof(Streams) },
            { "FORMAT_", typeof(PixelFormat) }, { "CODEC_", typeof(Codec) }, { "PROFILE_", typeof(CodecProfile) }, { "POLL_", typeof(PollKind) },
            { "FRAME_", typeof(FrameFlags) }, { "EVENT_", typeof(KinectEventType) }, { "MOCK_", typeof(MockMode) }, { "ERROR_", typeof(ResultCode) },
            { "", typeof(ResultCode) }
        };
        // Capacities of buffers and the timeout, which are inside of the binding, and the version, which is the library's own.
        var others = new Regex("^(VERSION_|WAIT_FOREVER$|ID_CAPACITY$|TEXT_CAPACITY$)");
        int found = 0;
        foreach (Match match in Regex.Matches(Header, @"^#define KINECT2_(\w+) (\S+)", RegexOptions.Multiline))
        {
            string name = match.Groups[1].Value;
            if (others.IsMatch(name)) continue;
            string prefix = enumerations.Keys.First(name.StartsWith);
            long value = match.Groups[2].Value == "UINT32_MAX" ? uint.MaxValue : long.Parse(match.Groups[2].Value);
            string csharp = Pascal(name.Substring(prefix.Length).ToLowerInvariant());
            Type type = enumerations[prefix];
            Check.True(Enum.IsDefined(type, csharp), "KINECT2_" + name + " is " + type.Name + "." + csharp);
            Check.Equal(value, Convert.ToInt64(Enum.Parse(type, csharp)), "KINECT2_" + name);
            found++;
        }
        Check.True(found >= 60, "constants are found in the header, not " + found);
    }

    [Test]
    public static void The_assembly_is_for_NET_Standard_2_0()
    {
        IEnumerable<string> references = Binding.GetReferencedAssemblies()
            .Select(name => name.Name + " " + name.Version).OrderBy(name => name, StringComparer.Ordinal);
        Check.Equal("System.Memory 4.0.1.2, netstandard 2.0.0.0", string.Join(", ", references), "references");
    }

    [Test]
    public static void Everything_that_the_assembly_refers_to_is_in_this_runtime()
    {
        int prepared = 0;
        const BindingFlags all =
            BindingFlags.Static | BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly;
        foreach (Type type in Binding.GetTypes().Where(type => !type.ContainsGenericParameters))
        {
            foreach (MethodBase method in type.GetMethods(all).Concat<MethodBase>(type.GetConstructors(all)))
            {
                if (method.IsAbstract || method.ContainsGenericParameters || method.GetMethodBody() == null) continue;
                RuntimeHelpers.PrepareMethod(method.MethodHandle); // throws if a type or member is missing
                prepared++;
            }
        }
        Check.True(prepared > 200, "methods were compiled, not " + prepared);
    }

    [Test]
    public static void The_version_is_that_of_the_header()
    {
        string[] parts = { "MAJOR", "MINOR", "PATCH" };
        IEnumerable<string> numbers = parts.Select(part => Regex.Match(Header, "#define KINECT2_VERSION_" + part + @" (\d+)").Groups[1].Value);
        Check.Equal(string.Join(".", numbers), KinectLibrary.AssemblyVersion, "KinectLibrary.AssemblyVersion");
        Check.Equal(KinectLibrary.AssemblyVersion + ".0", Binding.GetName().Version.ToString(), "the assembly's version");
        Check.Equal(KinectLibrary.AssemblyVersion, KinectLibrary.Version, "the native library's version");
    }

    private static bool IsPlain(Type type)
    {
        if (type.IsByRef || type.IsPointer) type = type.GetElementType();
        if (type == typeof(bool) || type == typeof(char) || type == typeof(string) || type.IsEnum) return false;
        return type == typeof(void) || type.IsPrimitive || type == typeof(byte[]) || type.IsSubclassOf(typeof(SafeHandle))
            || type.Namespace == "StreamKinect2.Interop" && (type.IsValueType || type.IsSubclassOf(typeof(Delegate)));
    }

    private static string Pascal(string words) => string.Concat(words.Split('_').Select(word => char.ToUpperInvariant(word[0]) + word.Substring(1)));
}
