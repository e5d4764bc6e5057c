// Dispatcher.cs - how events get from the library's threads to their handlers.
using System;
using System.Threading;

namespace StreamKinect2.Interop
{
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
            else Post(new PostedEvent<T>(this, @event, argument));
        }

        /// <summary>Has the context run something. False: it does not want to.</summary>
        public bool Post(Posted what)
        {
            try
            {
                Context.Post(Posted.RunState, what);
                return true;
            }
            catch (Exception exception)
            {
                KinectLibrary.Report(sender, exception);
                return false;
            }
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
        public void RaisePosted<T>(NativeEvent<T> @event, T argument)
        {
            if (!ended) @event.Handlers?.Invoke(sender, argument);
        }
    }

    /// <summary>Something that a SynchronizationContext runs.</summary>
    /// <remarks>
    /// Not a lambda, because the callers are generic: delegates to methods of generic classes crash Mono in the second application domain
    /// that makes them (tests/DomainReload.cs).
    /// </remarks>
    internal abstract class Posted
    {
        /// <summary>Runs the object that it is given.</summary>
        public static readonly SendOrPostCallback RunState = state => ((Posted)state).Run();

        protected abstract void Run();
    }

    internal sealed class PostedEvent<T> : Posted
    {
        private readonly Dispatcher dispatcher;
        private readonly NativeEvent<T> @event;
        private readonly T argument;

        public PostedEvent(Dispatcher dispatcher, NativeEvent<T> @event, T argument)
        {
            this.dispatcher = dispatcher;
            this.@event = @event;
            this.argument = argument;
        }

        protected override void Run() => dispatcher.RaisePosted(@event, argument);
    }
}
