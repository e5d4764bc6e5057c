// LentEvent.cs - events whose argument is lent to the handlers and used again: no garbage for each, and only the newest waits.
using System;
using System.Collections.Generic;

namespace StreamKinect2.Interop
{
    /// <summary>
    /// An event with frames. On a SynchronizationContext that is slow a newer one takes the place of the one that waits, as it does in the
    /// library.
    /// </summary>
    internal abstract class LentEvent<T> : Posted where T : class, new()
    {
        private readonly List<T> waiting = new List<T>(); // for each a post is on its way
        private readonly Stack<T> spare = new Stack<T>();

        protected LentEvent(Dispatcher dispatcher, Func<int> setCallback)
        {
            Dispatcher = dispatcher;
            Event = new NativeEvent<T>(setCallback);
        }

        public NativeEvent<T> Event { get; }

        protected Dispatcher Dispatcher { get; }

        /// <summary>Whether somebody wants it.</summary>
        protected bool IsWanted => Event.Handlers != null && !Dispatcher.Ended;

        /// <summary>Lets go of what waits.</summary>
        public void Clear()
        {
            lock (waiting)
            {
                foreach (T argument in waiting) Empty(argument);
                waiting.Clear();
            }
        }

        /// <summary>Whether the one makes the other useless, should it still wait.</summary>
        protected abstract bool Supersedes(T newer, T older);

        /// <summary>Lets go of what an argument holds.</summary>
        protected abstract void Empty(T argument);

        /// <summary>An empty argument, to be filled and raised.</summary>
        protected T Spare()
        {
            lock (spare) return spare.Count > 0 ? spare.Pop() : new T();
        }

        /// <summary>Raises the event with an argument of Spare's, now or through the context.</summary>
        protected void Raise(T argument)
        {
            if (Dispatcher.Context == null)
            {
                EventHandler<T> handlers = Event.Handlers;
                if (handlers != null) Dispatcher.Invoke(handlers, argument);
                GiveBack(argument);
            }
            else if (Enqueue(argument) && !Dispatcher.Post(this))
            {
                Clear();
            }
        }

        /// <summary>False: it has taken the place of an older one, and its post.</summary>
        private bool Enqueue(T argument)
        {
            lock (waiting)
            {
                int superseded = -1;
                for (int i = 0; i < waiting.Count && superseded < 0; i++)
                    if (Supersedes(argument, waiting[i])) superseded = i;
                if (superseded < 0)
                {
                    waiting.Add(argument);
                    return true;
                }
                GiveBack(waiting[superseded]);
                waiting[superseded] = argument;
                return false;
            }
        }

        /// <summary>Raises the event with what waits longest.</summary>
        protected override void Run()
        {
            T argument;
            lock (waiting)
            {
                if (waiting.Count == 0) return; // disposed meanwhile
                argument = waiting[0];
                waiting.RemoveAt(0);
            }
            try
            {
                Dispatcher.RaisePosted(Event, argument);
            }
            finally
            {
                GiveBack(argument);
            }
        }

        private void GiveBack(T argument)
        {
            Empty(argument);
            lock (spare) spare.Push(argument);
        }
    }

    internal sealed class FrameEvent : LentEvent<Frame>
    {
        public FrameEvent(Dispatcher dispatcher, Func<int> setCallback) : base(dispatcher, setCallback) { }

        /// <summary>Called by the library with a frame that it lends.</summary>
        public void Deliver(IntPtr borrowed)
        {
            if (!IsWanted) return;
            Frame frame = Spare();
            frame.Fill(NativeMethods.kinect2_frame_retain(borrowed));
            Raise(frame);
        }

        protected override bool Supersedes(Frame newer, Frame older) =>
            newer.Stream == older.Stream && newer.KinectId == older.KinectId;

        protected override void Empty(Frame frame) => frame.Dispose();
    }

    internal sealed unsafe class CompressedFrameEvent : LentEvent<CompressedFrame>
    {
        public CompressedFrameEvent(Dispatcher dispatcher, Func<int> setCallback) : base(dispatcher, setCallback) { }

        /// <summary>Called by the library with data that it lends.</summary>
        public void Deliver(IntPtr data, int size, FrameInfoNative* info)
        {
            if (!IsWanted) return;
            CompressedFrame frame = Spare();
            frame.Fill(data, size, info);
            Raise(frame);
        }

        protected override bool Supersedes(CompressedFrame newer, CompressedFrame older) => true;

        protected override void Empty(CompressedFrame frame) { } // its memory is used again
    }
}
