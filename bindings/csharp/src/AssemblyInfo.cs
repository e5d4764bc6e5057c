// AssemblyInfo.cs - what the assembly says of itself. Its version is KinectLibrary.AssemblyVersion.
using System.Reflection;
using StreamKinect2;

[assembly: AssemblyTitle("StreamKinect2")]
[assembly: AssemblyDescription("Streams the depth and infrared frames of a Kinect v2 between machines.")]
[assembly: AssemblyVersion(KinectLibrary.AssemblyVersion)]
[assembly: AssemblyInformationalVersion(KinectLibrary.AssemblyVersion)]
