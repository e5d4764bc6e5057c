// FrameEvent.cs - an event with frames: without garbage for each, and with at most the newest of a kinect and stream waiting.
using System;
using System.Collections.Generic;
using System.Threading;

namespace StreamKinect2.Interop
{
    internal sealed class FrameEvent
    {
        private static readonly SendOrPostCallback OnPosted = state => ((FrameEvent)state).RaiseOldest();

        private readonly Dispatcher dispatcher;
        private readonly Queue<Frame> waiting = new Queue<Frame>(); // on their way through the context, one post for each
        private readonly Stack<Frame> spare = new Stack<Frame>();

        public FrameEvent(Dispatcher dispatcher, Func<int> setCallback)
        {
            this.dispatcher = dispatcher;
            Event = new NativeEvent<Frame>(setCallback);
        }

        public NativeEvent<Frame> Event { get; }

        /// <summary>Called by the library with a frame that it lends.</summary>
        public void Deliver(IntPtr borrowed)
        {
            EventHandler<Frame> handlers = Event.Handlers;
            if (handlers == null || dispatcher.Ended) return;
            Frame frame = Spare();
            frame.Fill(NativeMethods.kinect2_frame_retain(borrowed));
            if (dispatcher.Context == null)
            {
                dispatcher.Invoke(handlers, frame);
                GiveBack(frame);
            }
            else if (Enqueue(frame))
            {
                dispatcher.Context.Post(OnPosted, this);
            }
        }

        /// <summary>Lets go of the frames that wait.</summary>
        public void Clear()
        {
            lock (waiting)
                foreach (Frame frame in waiting) frame.Dispose();
        }

        /// <summary>False: it has taken the place of an older one, for which a post is on its way.</summary>
        private bool Enqueue(Frame frame)
        {
            lock (waiting)
            {
                foreach (Frame older in waiting)
                {
                    if (older.IsEmpty || older.Stream != frame.Stream || older.KinectId != frame.KinectId) continue;
                    frame.RetainInto(older);
                    GiveBack(frame);
                    return false;
                }
                waiting.Enqueue(frame);
                return true;
            }
        }

        private void RaiseOldest()
        {
            Frame frame;
            lock (waiting) frame = waiting.Dequeue();
            try
            {
                if (!frame.IsEmpty) dispatcher.Posted(Event, frame);
            }
            finally
            {
                GiveBack(frame);
            }
        }

        private Frame Spare()
        {
            lock (spare) return spare.Count > 0 ? spare.Pop() : new Frame();
        }

        private void GiveBack(Frame frame)
        {
            frame.Dispose();
            lock (spare) spare.Push(frame);
        }
    }
}
