// KinectException.cs - what the library's errors become.
using System;
using StreamKinect2.Interop;

namespace StreamKinect2
{
    /// <summary>A call failed. Message says what was wrong and what to do, in the library's words.</summary>
    public sealed class KinectException : Exception
    {
        /// <summary>What kind of failure it is.</summary>
        public ResultCode Code { get; }

        /// <summary>Makes an exception.</summary>
        public KinectException(ResultCode code, string message) : base(message + " (" + KinectLibrary.ResultName(code) + ")")
        {
            Code = code;
        }
    }
}
