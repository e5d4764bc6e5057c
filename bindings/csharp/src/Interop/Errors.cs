// Errors.cs - results of the library become exceptions with its text.
using System;
using System.Runtime.CompilerServices;
using System.Text;

namespace StreamKinect2.Interop
{
    internal static class Errors
    {
        /// <summary>Throws if a result is an error; gives it back else.</summary>
        public static int Check(int result)
        {
            if (result < 0) throw Exception(result);
            return result;
        }

        /// <summary>
        /// Whether there is a value: true for OK, false for TIMEOUT. CLOSED is an exception, so that no loop waits for what cannot come.
        /// </summary>
        public static bool Waited(int result)
        {
            if (Check(result) == (int)ResultCode.Closed)
            {
                throw new KinectException(
                    ResultCode.Closed, "Nothing will come any more: not started or connected, or stopped or disposed meanwhile.");
            }
            return result == (int)ResultCode.Ok;
        }

        /// <summary>Milliseconds as the library counts them: Timeout.Infinite is its KINECT2_WAIT_FOREVER.</summary>
        public static uint Timeout(int milliseconds)
        {
            if (milliseconds < System.Threading.Timeout.Infinite)
            {
                throw new ArgumentOutOfRangeException(
                    nameof(milliseconds), milliseconds, "A timeout is 0 or more milliseconds, or Timeout.Infinite.");
            }
            return unchecked((uint)milliseconds);
        }

        /// <summary>What an option is set to: a count, a size or a port, which the library has without a sign.</summary>
        public static uint NotNegative(int value, [CallerMemberName] string option = null)
        {
            if (value < 0) throw new ArgumentOutOfRangeException(option, value, option + " must not be negative.");
            return (uint)value;
        }

        private static KinectException Exception(int result)
        {
            var buffer = new byte[2048]; // longer texts are cut
            NativeMethods.kinect2_last_error(buffer, (UIntPtr)buffer.Length, out UIntPtr length);
            return new KinectException((ResultCode)result, Encoding.UTF8.GetString(buffer, 0, (int)length));
        }
    }
}
