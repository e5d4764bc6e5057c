// NetStandard.cs - makes assemblies for .NET Standard 2.0 of what Debian's mcs compiles, and lets Debian's Mono run them.
//
//     NetStandard retarget IN.dll OUT.dll   references to Mono's own libraries become references to netstandard and System.Memory
//     NetStandard facades OUTDIR            netstandard.dll and System.Memory.dll for Mono: they say where the types are
//
// mcs knows only the libraries of Mono, which say of a Queue<T> that it is in mscorlib; elsewhere it is not, and all that knows where it is
// is netstandard.dll. Debian's Mono comes without that one. Elsewhere neither step is needed: msbuild compiles for netstandard2.0 by
// itself, and upstream's Mono has the facades.
using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using Mono.Cecil;

internal static class NetStandard
{
    private static readonly byte[] MicrosoftKey = Bytes(
        "00240000048000009400000006020000002400005253413100040000010001004b86c4cb78549b34bab61a3b1800e23bfeb5b3ec390074041536a7e3cbd97f5f04cf0f" +
        "857155a8928eaa29ebfd11cfbbad3ba70efea7bda3226c6a8d370a4cd303f714486b6ebc225985a638471e6ef571cc92a4613c00b8fa65d61ccee0cbe5f36330c9a01f" +
        "4183559f1bef24cc2917c6d913e3a541333a1d05d9bed22b38cb");

    // What .NET Standard 2.0 does not have and the package System.Memory 4.5.5 does.
    private static readonly HashSet<string> OfSystemMemory = new HashSet<string>
    {
        "System.Span`1", "System.ReadOnlySpan`1", "System.Memory`1", "System.ReadOnlyMemory`1", "System.MemoryExtensions",
        "System.Runtime.InteropServices.MemoryMarshal"
    };

    private static readonly string[] OfMono = { "mscorlib", "System", "System.Core" };

    private static int Main(string[] arguments)
    {
        if (arguments.Length == 3 && arguments[0] == "retarget") return Retarget(arguments[1], arguments[2]);
        if (arguments.Length == 2 && arguments[0] == "facades") return Facades(arguments[1]);
        Console.Error.WriteLine("usage: NetStandard retarget IN.dll OUT.dll | facades OUTDIR");
        return 2;
    }

    private static int Retarget(string from, string to)
    {
        var beside = new DefaultAssemblyResolver();
        beside.AddSearchDirectory(Path.GetDirectoryName(Path.GetFullPath(from)));
        using (AssemblyDefinition assembly = AssemblyDefinition.ReadAssembly(from, new ReaderParameters { AssemblyResolver = beside }))
        {
            ModuleDefinition module = assembly.MainModule;
            AssemblyNameReference standard = Reference("netstandard", "2.0.0.0"), memory = Reference("System.Memory", "4.0.1.2");
            foreach (TypeReference type in module.GetTypeReferences())
                if (type.DeclaringType == null && OfMono.Contains(type.Scope.Name))
                    type.Scope = OfSystemMemory.Contains(type.FullName) ? memory : standard;
            foreach (AssemblyNameReference old in module.AssemblyReferences.Where(name => OfMono.Contains(name.Name)).ToList())
                module.AssemblyReferences.Remove(old);
            module.AssemblyReferences.Add(standard);
            if (module.GetTypeReferences().Any(type => type.Scope == memory)) module.AssemblyReferences.Add(memory);
            foreach (MethodReference method in Called(module).Where(ReturnsReadOnly))
                method.ReturnType = new RequiredModifierType(InAttribute(module, standard), method.ReturnType);
            // The same sources make the same assembly: mcs dates what it writes and numbers it by chance.
            assembly.Write(to, new WriterParameters { DeterministicMvid = true, Timestamp = 0 });
        }
        return 0;
    }

    private static IEnumerable<MethodReference> Called(ModuleDefinition module) =>
        module.GetTypes().SelectMany(type => type.Methods).Where(method => method.HasBody)
            .SelectMany(method => method.Body.Instructions).Select(instruction => instruction.Operand).OfType<MethodReference>();

    // What returns `ref readonly` is marked so by a modifier, which mcs leaves out and Mono does not miss.
    private static bool ReturnsReadOnly(MethodReference method) =>
        method.DeclaringType.FullName.StartsWith("System.ReadOnlySpan`1", StringComparison.Ordinal) && method.ReturnType.IsByReference &&
        (method.Name == "get_Item" || method.Name == "get_Current");

    private static TypeReference InAttribute(ModuleDefinition module, IMetadataScope scope) =>
        new TypeReference("System.Runtime.InteropServices", "InAttribute", module, scope);

    private static int Facades(string folder)
    {
        Facade(folder, "netstandard", "2.0.0.0", type => !OfSystemMemory.Contains(type.FullName));
        Facade(folder, "System.Memory", "4.0.1.2", type => OfSystemMemory.Contains(type.FullName));
        return 0;
    }

    private static void Facade(string folder, string name, string version, Func<TypeDefinition, bool> has)
    {
        var identity = new AssemblyNameDefinition(name, Version.Parse(version)) { PublicKey = MicrosoftKey };
        using (AssemblyDefinition facade = AssemblyDefinition.CreateAssembly(identity, name, ModuleKind.Dll))
        {
            ModuleDefinition module = facade.MainModule;
            string mono = Path.GetDirectoryName(typeof(object).Assembly.Location);
            foreach (string library in OfMono)
            {
                using (AssemblyDefinition assembly = AssemblyDefinition.ReadAssembly(Path.Combine(mono, library + ".dll")))
                {
                    AssemblyNameReference reference = AssemblyNameReference.Parse(assembly.FullName);
                    module.AssemblyReferences.Add(reference);
                    foreach (TypeDefinition type in assembly.MainModule.Types.Where(type => type.IsPublic && has(type)))
                        Forward(module, type, reference, null);
                }
            }
            facade.Write(Path.Combine(folder, name + ".dll"));
        }
    }

    private static void Forward(ModuleDefinition module, TypeDefinition type, IMetadataScope scope, ExportedType outer)
    {
        var forwarded = new ExportedType(type.Namespace, type.Name, module, scope) { IsForwarder = outer == null, DeclaringType = outer };
        module.ExportedTypes.Add(forwarded);
        foreach (TypeDefinition nested in type.NestedTypes.Where(nested => nested.IsNestedPublic)) Forward(module, nested, scope, forwarded);
    }

    private static AssemblyNameReference Reference(string name, string version) =>
        new AssemblyNameReference(name, Version.Parse(version)) { PublicKeyToken = Bytes("cc7b13ffcd2ddd51") };

    private static byte[] Bytes(string hexadecimal) =>
        Enumerable.Range(0, hexadecimal.Length / 2).Select(i => Convert.ToByte(hexadecimal.Substring(2 * i, 2), 16)).ToArray();
}
