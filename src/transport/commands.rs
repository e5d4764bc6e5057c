//! The command queue of a worker: any thread sends, the worker that owns the sockets takes; a waker makes its poll return.

use std::sync::{Arc, mpsc};

use crate::error::Result;
use crate::system::Waker;

/// Sends commands to one worker. Never waits.
pub struct Commands<C> {
    queue: mpsc::Sender<C>,
    waker: Arc<Waker>,
}

impl<C> Clone for Commands<C> {
    fn clone(&self) -> Self {
        Self { queue: self.queue.clone(), waker: Arc::clone(&self.waker) }
    }
}

impl<C> Commands<C> {
    /// Queues a command; a worker that has ended needs none.
    pub fn send(&self, command: C) {
        if self.queue.send(command).is_ok() {
            self.waker.wake();
        }
    }
}

/// The worker's end.
pub struct Inbox<C> {
    queue: mpsc::Receiver<C>,
    waker: Arc<Waker>,
}

impl<C> Inbox<C> {
    /// Readable when there are commands.
    pub fn poll_item(&self) -> zmq::PollItem<'static> {
        zmq::PollItem::from_fd(self.waker.raw(), zmq::POLLIN)
    }

    /// What wakes the worker without a command.
    pub fn waker(&self) -> Arc<Waker> {
        Arc::clone(&self.waker)
    }

    /// The next command. To be called until there is none: then poll may wait again.
    pub fn next(&self) -> Option<C> {
        self.waker.rest();
        self.queue.try_recv().ok()
    }
}

/// Both ends of a queue.
pub fn command_queue<C>() -> Result<(Commands<C>, Inbox<C>)> {
    let waker = Arc::new(Waker::new()?);
    let (sender, receiver) = mpsc::channel();
    Ok((Commands { queue: sender, waker: Arc::clone(&waker) }, Inbox { queue: receiver, waker }))
}
