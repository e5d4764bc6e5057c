// NativeEvent.cs - a .NET event over a callback of the library's, and the way of its calls to the handlers.
using System;
using System.Threading;

namespace StreamKinect2.Interop
{
    /// <summary>
    /// The handlers of one event. The library's callback is set with the first of them and stays, as removing it would wait for a handler
    /// that runs: a lock here and one of the program's could then wait for each other.
    /// </summary>
    internal sealed class NativeEvent<T>
    {
        private readonly Func<int> setCallback;
        private EventHandler<T> handlers;
        private bool isSet;

        public NativeEvent(Func<int> setCallback)
        {
            this.setCallback = setCallback;
        }

        public EventHandler<T> Handlers => Volatile.Read(ref handlers);

        public void Add(EventHandler<T> handler)
        {
            lock (setCallback)
            {
                handlers += handler; // before the callback, which may come at once with what is there already
                if (isSet) return;
                try
                {
                    Errors.Check(setCallback());
                    isSet = true;
                }
                catch
                {
                    handlers -= handler;
                    throw;
                }
            }
        }

        public void Remove(EventHandler<T> handler)
        {
            lock (setCallback) handlers -= handler;
        }
    }

    /// <summary>
    /// Raises the events of one object: on the SynchronizationContext that was there when it was made, in their order, or else on the
    /// library's thread. After End nothing is raised.
    /// </summary>
    internal sealed class Dispatcher
    {
        private readonly object sender;
        private volatile bool ended;

        public Dispatcher(object sender)
        {
            this.sender = sender;
            Context = SynchronizationContext.Current;
            KinectLibrary.Use();
        }

        public SynchronizationContext Context { get; }

        public bool Ended => ended;

        public void End() => ended = true;

        public void Raise<T>(NativeEvent<T> @event, T argument)
        {
            EventHandler<T> handlers = @event.Handlers;
            if (handlers == null || ended) return;
            if (Context == null) Invoke(handlers, argument);
            else Context.Post(ignored => Posted(@event, argument), null);
        }

        /// <summary>Calls handlers on the library's thread.</summary>
        public void Invoke<T>(EventHandler<T> handlers, T argument)
        {
            try
            {
                handlers(sender, argument);
            }
            catch (Exception exception)
            {
                KinectLibrary.Report(sender, exception);
            }
        }

        /// <summary>Calls handlers on the context, whose way with exceptions it then is.</summary>
        public void Posted<T>(NativeEvent<T> @event, T argument)
        {
            if (!ended) @event.Handlers?.Invoke(sender, argument);
        }
    }
}
