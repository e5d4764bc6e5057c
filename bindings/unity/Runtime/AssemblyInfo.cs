// AssemblyInfo.cs - who else sees what is internal: the tests end the package as a domain reload does.
using System.Runtime.CompilerServices;

[assembly: InternalsVisibleTo("StreamKinect2.Unity.Editor")]
[assembly: InternalsVisibleTo("StreamKinect2.Unity.Tests")]
[assembly: InternalsVisibleTo("StreamKinect2.Unity.Editor.Tests")]
