// NativeEvent.cs - a .NET event over a callback of the library's.
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
}
