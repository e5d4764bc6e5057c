// KinectEvent.cs - what happened to a server, browser or client.
using System;
using StreamKinect2.Interop;

namespace StreamKinect2
{
    /// <summary>What happened. Ignore types that have no name.</summary>
    public sealed unsafe class KinectEvent : EventArgs
    {
        /// <summary>What kind of thing.</summary>
        public KinectEventType Type { get; }

        /// <summary>How it ended, where the type says so.</summary>
        public ResultCode Result { get; }

        /// <summary>A stream, where the type says so.</summary>
        public Streams Stream { get; }

        /// <summary>When it happened, in <see cref="KinectLibrary.ClockNs"/>.</summary>
        public long TimeNs { get; }

        /// <summary>A number; see the type.</summary>
        public long Value { get; }

        /// <summary>An id or a name; see the type.</summary>
        public string Id { get; }

        /// <summary>A text; see the type.</summary>
        public string Text { get; }

        internal KinectEvent(EventNative* from)
        {
            Type = (KinectEventType)from->type;
            Result = (ResultCode)from->result;
            Stream = (Streams)from->stream;
            TimeNs = (long)from->time_ns;
            Value = (long)from->value;
            Id = Utf8.FromPointer((IntPtr)from->id);
            Text = Utf8.FromPointer((IntPtr)from->text);
        }

        /// <summary>For logs.</summary>
        public override string ToString()
        {
            string text = Type.ToString();
            if (Id.Length > 0) text += " " + Id;
            if (Text.Length > 0) text += " " + Text;
            return Result == ResultCode.Ok ? text : text + " (" + KinectLibrary.ResultName(Result) + ")";
        }
    }
}
