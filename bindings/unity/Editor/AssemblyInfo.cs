// AssemblyInfo.cs - who else sees what is internal.
using System.Runtime.CompilerServices;

[assembly: InternalsVisibleTo("StreamKinect2.Unity.Editor.Tests")]
