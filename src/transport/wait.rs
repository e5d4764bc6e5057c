//! Waiting for sockets and descriptors at once.
//!
//! `zmq_poll` asks every socket after a wake-up, with a system call or two for each, while a frame waits to be sent or decoded. Here a
//! wake-up tells which sockets to look at: those whose descriptor became readable.

use std::time::Duration;

use super::{Watched, poll};
use crate::error::Result;

/// Waits, in memory that is used again.
#[derive(Default)]
pub struct Waiter(Vec<zmq::PollItem<'static>>);

impl Waiter {
    /// Waits until one of `others` is readable, something comes to one of `sockets`, or `timeout` is over. Afterwards the sockets know
    /// whether there is something to look for ([`Watched::has_messages`], [`Watched::has_events`]).
    pub fn wait<'a>(
        &mut self,
        others: impl IntoIterator<Item = zmq::PollItem<'static>>,
        sockets: impl Iterator<Item = &'a Watched> + Clone,
        timeout: Option<Duration>,
    ) -> Result<()> {
        sockets.clone().for_each(Watched::expect_news);
        // A socket's descriptor tells of what comes, not of what is left of it: that each socket must be asked for.
        let mut waits = false;
        for socket in sockets.clone() {
            waits |= socket.ask_for_news()?;
        }
        if waits {
            return Ok(());
        }
        let Self(items) = self;
        items.clear();
        items.extend(others);
        let first = items.len();
        for socket in sockets.clone() {
            items.extend(socket.descriptors().map(|descriptor| zmq::PollItem::from_fd(descriptor, zmq::POLLIN)));
        }
        poll(items, timeout)?;
        for (socket, pair) in sockets.zip(items[first..].chunks_exact(2)) {
            socket.set_news(pair[0].is_readable(), pair[1].is_readable());
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::system::Waker;
    use crate::transport::{Bound, Context, Role, bind, connect, context, receive};
    use std::net::Ipv4Addr;
    use std::sync::Arc;
    use std::time::Instant;

    const PATIENCE: Option<Duration> = Some(Duration::from_secs(10));

    fn wait<const N: usize>(sockets: [&Watched; N], timeout: Option<Duration>) {
        Waiter::default().wait([], sockets.into_iter(), timeout).unwrap();
    }

    fn sender(context: &Context) -> (Watched, Bound) {
        let sender = Watched::new(context, Role::FrameSender).unwrap();
        let bound = bind(sender.socket(), Some(Ipv4Addr::LOCALHOST.into()), 0).unwrap();
        (sender, bound)
    }

    fn receiver(context: &Context, bound: &Bound) -> Watched {
        let receiver = Watched::new(context, Role::FrameReceiver).unwrap();
        connect(receiver.socket(), &format!("tcp://127.0.0.1:{}", bound.port).parse().unwrap()).unwrap();
        receiver
    }

    /// Until the sender has the notice of so many subscriptions.
    fn wait_for_subscribers(sender: &mut Watched, mut missing: usize) {
        while missing > 0 {
            wait([sender], PATIENCE);
            assert!(sender.has_messages() || sender.has_events(), "no subscriber came");
            missing -= usize::from(receive(sender.socket()).unwrap().is_some());
            while sender.next_event().is_some() {}
        }
    }

    fn news(socket: &Watched) -> (bool, bool) {
        (socket.has_messages(), socket.has_events())
    }

    #[test]
    fn only_the_socket_that_something_came_to_is_looked_at() {
        let context = context();
        let [(mut first, bound_first), (mut second, bound_second)] = [sender(&context), sender(&context)];
        let [mut from_first, from_second] = [receiver(&context, &bound_first), receiver(&context, &bound_second)];
        wait_for_subscribers(&mut first, 1);
        wait_for_subscribers(&mut second, 1);
        wait([&from_first, &from_second], Some(Duration::from_millis(50)));
        second.socket().send("frame", 0).unwrap();
        wait([&from_first, &from_second], PATIENCE);
        assert_eq!((news(&from_first), news(&from_second)), ((false, false), (true, false)));
        assert_eq!(&*receive(from_second.socket()).unwrap().unwrap(), b"frame");

        drop(first);
        let deadline = Instant::now() + Duration::from_secs(10);
        while !from_first.lost_connection() {
            assert!(Instant::now() < deadline);
            wait([&from_first, &from_second], PATIENCE);
            assert_eq!(news(&from_second), (false, false));
        }
    }

    #[test]
    fn what_was_left_is_told_without_anything_new() {
        let context = context();
        let (mut sender, bound) = sender(&context);
        let receiver = receiver(&context, &bound);
        wait_for_subscribers(&mut sender, 1);
        sender.socket().send_multipart(["header", "payload"], 0).unwrap();
        wait([&receiver], PATIENCE);
        assert_eq!(&*receive(receiver.socket()).unwrap().unwrap(), b"header");
        let began = Instant::now();
        wait([&receiver], PATIENCE);
        assert!(receiver.has_messages() && began.elapsed() < Duration::from_secs(5));
        assert_eq!(&*receive(receiver.socket()).unwrap().unwrap(), b"payload");
    }

    #[test]
    fn a_waker_ends_the_wait_and_says_nothing_of_sockets() {
        let context = context();
        let (idle, _) = sender(&context);
        let waker = Arc::new(Waker::new().unwrap());
        let thread = {
            let waker = Arc::clone(&waker);
            std::thread::spawn(move || {
                std::thread::sleep(Duration::from_millis(50));
                waker.wake();
            })
        };
        let began = Instant::now();
        let item = zmq::PollItem::from_fd(waker.raw(), zmq::POLLIN);
        Waiter::default().wait([item], [&idle].into_iter(), PATIENCE).unwrap();
        assert!(began.elapsed() < Duration::from_secs(5));
        assert_eq!(news(&idle), (false, false));
        thread.join().unwrap();
    }

    #[test]
    fn nothing_ends_the_wait_but_its_time() {
        let context = context();
        let (idle, _) = sender(&context);
        wait([&idle], Some(Duration::ZERO));
        let began = Instant::now();
        wait([&idle], Some(Duration::from_millis(30)));
        assert!(began.elapsed() >= Duration::from_millis(30));
        assert_eq!(news(&idle), (false, false));
    }

    /// Two threads, one message at a time: none is overlooked between asking and waiting.
    #[test]
    fn no_message_is_overlooked() {
        const MESSAGES: u32 = 5000;
        let context = context();
        let (mut sender, bound) = sender(&context);
        let receiver = receiver(&context, &bound);
        wait_for_subscribers(&mut sender, 1);
        let (answer, answers) = std::sync::mpsc::channel();
        let thread = std::thread::spawn(move || {
            for number in 0..MESSAGES {
                // Reading has libzmq see that there is room again: else it drops what does not fit.
                assert!(receive(sender.socket()).unwrap().is_none());
                sender.socket().send(&number.to_le_bytes()[..], 0).unwrap();
                answers.recv().unwrap();
            }
        });
        for number in 0..MESSAGES {
            let message = loop {
                wait([&receiver], PATIENCE);
                assert!(receiver.has_messages(), "message {number} was overlooked");
                if let Some(message) = receive(receiver.socket()).unwrap() {
                    break message;
                }
            };
            assert_eq!(&*message, number.to_le_bytes());
            answer.send(()).unwrap();
        }
        thread.join().unwrap();
    }
}
