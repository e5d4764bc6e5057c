//! Wake-ups of a dispatcher and of descriptors, with a mailbox of numbers and threads that get in each other's way.

use std::collections::VecDeque;
use std::sync::atomic::AtomicUsize;
use std::sync::mpsc;

use super::*;
use crate::system::Signal;

/// How long a wake-up may take on a busy machine before it counts as lost.
const PATIENCE: Duration = Duration::from_secs(20);

type NumberFn = dyn Fn(u64) + Send + Sync;

/// Numbers that wait for a callback, others for pollers.
#[derive(Default)]
struct Numbers {
    callback: Option<Slot<NumberFn>>,
    calls: VecDeque<u64>,
    polled: VecDeque<u64>,
    signal: Option<Signal>,
}

impl Mailbox for Numbers {
    type Call = (Arc<NumberFn>, u64);

    /// As mailboxes do, it drops what nobody has set a callback for.
    fn next_call(&mut self) -> Option<(Registration, Self::Call)> {
        while let Some(number) = self.calls.pop_front() {
            if let Some(slot) = &self.callback {
                return Some(slot.call(|callback| (callback, number)));
            }
        }
        None
    }

    fn has_call(&self) -> bool {
        !self.calls.is_empty()
    }

    fn run((callback, number): Self::Call) {
        callback(number);
    }

    fn refresh(&mut self) {
        let ready = !self.polled.is_empty();
        if let Some(signal) = &mut self.signal {
            signal.put(ready);
        }
    }
}

fn numbers() -> Dispatcher<Numbers> {
    Dispatcher::new("test", Numbers { signal: Some(Signal::new().unwrap()), ..Numbers::default() })
}

impl Dispatcher<Numbers> {
    fn put(&self, number: u64) {
        self.with(|numbers| numbers.polled.push_back(number));
    }

    /// What a host's poll says.
    fn readable(&self, timeout_ms: i64) -> bool {
        let raw = self.read(|numbers| numbers.signal.as_ref().map(Signal::raw)).unwrap();
        zmq::poll(&mut [zmq::PollItem::from_fd(raw, zmq::POLLIN)], timeout_ms).unwrap() == 1
    }

    fn take(&self) -> Option<u64> {
        match self.poll(Patience::For(Duration::ZERO), |numbers| numbers.polled.pop_front()) {
            Polled::Ready(number) => Some(number),
            _ => None,
        }
    }
}

#[test]
fn waiting_for_calls_ends_where_there_is_no_callback_to_make_them() {
    let dispatcher = numbers();
    dispatcher.start().unwrap();
    let (done, waited) = mpsc::channel();
    let waiter = thread::spawn({
        let dispatcher = dispatcher.clone();
        move || {
            for number in 0..2_000 {
                dispatcher.with(|numbers| numbers.calls.push_back(number));
                dispatcher.wait_while(Patience::Forever, Numbers::has_call);
            }
            done.send(()).unwrap();
        }
    });
    let ended = waited.recv_timeout(PATIENCE).is_ok();
    dispatcher.close();
    waiter.join().unwrap();
    assert!(ended, "nobody told the waiting thread that the dispatcher had emptied the mailbox");
}

#[test]
fn a_descriptor_is_readable_exactly_while_something_waits() {
    let dispatcher = numbers();
    assert!(!dispatcher.readable(0));
    for number in 0..3 {
        dispatcher.put(number);
        assert!(dispatcher.readable(0) && dispatcher.readable(0));
    }
    for number in 0..3 {
        assert!(dispatcher.readable(0));
        assert_eq!(dispatcher.take(), Some(number));
    }
    assert!(!dispatcher.readable(0));
    assert_eq!(dispatcher.take(), None);
    // What is dropped without being taken.
    dispatcher.put(3);
    dispatcher.with(|numbers| numbers.polled.clear());
    assert!(!dispatcher.readable(0));
    // A change that a panic ends is a change all the same.
    let change = || {
        dispatcher.with(|numbers| {
            numbers.polled.push_back(4);
            panic!("a defect");
        })
    };
    assert!(std::panic::catch_unwind(std::panic::AssertUnwindSafe(change)).is_err());
    assert!(dispatcher.readable(0));
    assert_eq!(dispatcher.take(), Some(4));
    assert!(!dispatcher.readable(0));
}

/// Puts so many in bursts of one to three, the next when about all have been taken: then every other one finds the mailbox empty, and
/// setting and clearing the descriptor get as close to each other as they can.
fn put_in_bursts(dispatcher: &Dispatcher<Numbers>, count: u64) {
    for number in 0..count {
        dispatcher.put(number);
        let hopeless = Instant::now() + PATIENCE;
        while number % 3 == 0 && dispatcher.read(|numbers| numbers.polled.len()) > (number % 2) as usize {
            assert!(Instant::now() < hopeless, "nobody takes {number}");
            thread::yield_now();
        }
    }
}

#[test]
fn one_thread_that_polls_and_takes_is_woken_for_each_and_for_nothing_else() {
    const NUMBERS: u64 = 20_000;
    let dispatcher = numbers();
    let putter = thread::spawn({
        let dispatcher = dispatcher.clone();
        move || put_in_bursts(&dispatcher, NUMBERS)
    });
    for number in 0..NUMBERS {
        assert!(dispatcher.readable(PATIENCE.as_millis() as i64), "a wake-up was lost after {number}");
        assert_eq!(dispatcher.take(), Some(number), "woken for nothing");
    }
    putter.join().unwrap();
    assert!(!dispatcher.readable(0));
}

#[test]
fn two_threads_that_take_and_two_that_put_lose_no_wake_up() {
    const NUMBERS: u64 = 10_000;
    let dispatcher = numbers();
    let taken = Arc::new(AtomicUsize::new(0));
    let taker = |_| {
        let (dispatcher, taken) = (dispatcher.clone(), Arc::clone(&taken));
        thread::spawn(move || {
            while dispatcher.readable(PATIENCE.as_millis() as i64) {
                match dispatcher.take() {
                    // The last one goes round: it tells each taker that all have gone.
                    Some(u64::MAX) => return dispatcher.put(u64::MAX),
                    Some(_) => drop(taken.fetch_add(1, Ordering::Relaxed)),
                    None => {}
                }
            }
            panic!("a wake-up was lost");
        })
    };
    let takers: Vec<_> = (0..2).map(taker).collect();
    let putter = |_| {
        let dispatcher = dispatcher.clone();
        thread::spawn(move || put_in_bursts(&dispatcher, NUMBERS))
    };
    let putters: Vec<_> = (0..2).map(putter).collect();
    putters.into_iter().for_each(|putter| putter.join().unwrap());
    dispatcher.put(u64::MAX);
    takers.into_iter().for_each(|taker| taker.join().unwrap());
    assert_eq!(taken.load(Ordering::Relaxed) as u64, 2 * NUMBERS);
    assert_eq!(dispatcher.take(), Some(u64::MAX));
    assert!(!dispatcher.readable(0));
}
