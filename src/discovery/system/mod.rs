//! Discovery by the system's service: Avahi or Bonjour, through the `zeroconf` crate.
//!
//! The service announces all addresses of this host, on all interfaces, and takes no other wish: who is bound to one address needs the
//! embedded responder. Each announcement and each browse is a thread, since what the crate makes can be used on one thread only and has
//! to be polled.

mod announcing;
mod browsing;
mod listing;
mod service;

use std::net::IpAddr;
use std::sync::Arc;
use std::sync::mpsc::{self, SyncSender};
use std::thread::JoinHandle;
use std::time::Duration;

use parking_lot::{Condvar, Mutex};

use super::gate::Gate;
use super::names::instance_name;
use super::{AnnounceListener, AnnounceNews, Announced, Announcement, BrowseListener, BrowseNews, Browsing, Discovery};
use crate::error::{Error, Result};
use crate::thread;

/// How long a turn waits for news of the service: what is told to a thread is heard that much later.
const TURN: Duration = Duration::from_millis(100);

/// How long the service may take to answer for the first time.
const PATIENCE: Duration = Duration::from_secs(2);

/// How often a service that has gone is looked for.
const RETRY: Duration = Duration::from_secs(2);

/// What to do when the service goes away.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WhenGone {
    /// Tell the failure and end.
    End,
    /// Tell the failure once, and go on when the service is back.
    Retry,
}

/// See the module.
pub struct System(pub WhenGone);

impl Discovery for System {
    fn announce(&self, announcement: &Announcement, news: AnnounceListener) -> Result<Box<dyn Announced>> {
        refuse_address(announcement.address)?;
        let name = instance_name(&announcement.name).to_owned();
        if name.is_empty() || name.contains(char::is_control) {
            return Err(Error::invalid("a server's name must not be empty or have control characters"));
        }
        let gate = Gate::new(news);
        let job = announcing::Announcing::new(name, announcement.port, Arc::clone(&gate));
        Ok(Box::new(Handle { gate, thread: Thread::start("kinect2-announce", self.0, job)? }))
    }

    fn browse(&self, address: Option<IpAddr>, news: BrowseListener) -> Result<Box<dyn Browsing>> {
        refuse_address(address)?;
        let gate = Gate::new(news);
        let job = browsing::Browse::new(Arc::clone(&gate));
        Ok(Box::new(Handle { gate, thread: Thread::start("kinect2-watch", self.0, job)? }))
    }
}

fn refuse_address(address: Option<IpAddr>) -> Result<()> {
    match address {
        Some(address) if !address.is_unspecified() => Err(Error::unsupported(format!(
            "the system's Zeroconf service announces and finds servers on all interfaces, not on that of {address} alone; \
             use the embedded responder (or auto), or bind to all addresses"
        ))),
        _ => Ok(()),
    }
}

/// What a thread does for as long as the service serves.
trait Job: Send + 'static {
    /// Works until it is to stop. `served` is called when the service has answered, and again after each return of it.
    ///
    /// # Errors
    /// The service has gone.
    fn work(&mut self, orders: &Orders, served: &mut dyn FnMut()) -> Result<()>;

    /// Tells that the service has gone.
    fn tell(&self, error: Error);
}

/// What a thread is told.
#[derive(Default)]
struct Orders {
    state: Mutex<OrderState>,
    changed: Condvar,
}

#[derive(Default)]
struct OrderState {
    stop: bool,
    verify: Vec<String>,
}

impl Orders {
    fn stop(&self) {
        self.state.lock().stop = true;
        self.changed.notify_all();
    }

    fn is_over(&self) -> bool {
        self.state.lock().stop
    }

    /// Waits so long, or until it is over: then true.
    fn sleep(&self, time: Duration) -> bool {
        let mut state = self.state.lock();
        self.changed.wait_while_for(&mut state, |state| !state.stop, time);
        state.stop
    }

    fn verify(&self, name: &str) {
        self.state.lock().verify.push(name.to_owned());
    }

    fn to_verify(&self) -> Vec<String> {
        std::mem::take(&mut self.state.lock().verify)
    }
}

/// A running job. Dropping it ends the job: what it had registered is withdrawn.
struct Thread {
    orders: Arc<Orders>,
    handle: Option<JoinHandle<()>>,
}

impl Thread {
    /// Starts it, and waits until the service has answered.
    fn start(name: &'static str, when_gone: WhenGone, job: impl Job) -> Result<Self> {
        let orders = Arc::new(Orders::default());
        let (report, served) = mpsc::sync_channel(1);
        let handle = thread::spawn(name, {
            let orders = Arc::clone(&orders);
            move || run(job, when_gone, &orders, &report)
        })?;
        let thread = Self { orders, handle: Some(handle) };
        match served.recv_timeout(PATIENCE) {
            Ok(result) => result.map(|()| thread),
            Err(_) => {
                thread.orders.stop();
                thread.detach();
                Err(Error::io("the system's Zeroconf service does not answer"))
            }
        }
    }

    /// Lets it end by itself: it hangs in the service's library.
    fn detach(mut self) {
        self.handle = None;
    }
}

impl Drop for Thread {
    fn drop(&mut self) {
        self.orders.stop();
        if let Some(handle) = self.handle.take()
            && handle.thread().id() != std::thread::current().id()
        {
            // A panic there has been told of by the panic hook.
            let _ = handle.join();
        }
    }
}

fn run(mut job: impl Job, when_gone: WhenGone, orders: &Orders, report: &SyncSender<Result<()>>) {
    let (mut begun, mut told) = (false, false);
    while !orders.is_over() {
        let mut served = || {
            told = false;
            if !std::mem::replace(&mut begun, true) {
                let _ = report.send(Ok(()));
            }
        };
        let Err(error) = job.work(orders, &mut served) else { return };
        if !begun {
            let _ = report.send(Err(error));
            return;
        }
        if !std::mem::replace(&mut told, true) {
            job.tell(error);
        }
        if when_gone == WhenGone::End || orders.sleep(RETRY) {
            return;
        }
    }
}

/// An announcement or a browse. The gate is shut before the thread is waited for: dropped inside of its own news it waits for neither.
struct Handle<T> {
    gate: Arc<Gate<T>>,
    thread: Thread,
}

impl<T> Drop for Handle<T> {
    fn drop(&mut self) {
        self.thread.orders.stop();
        self.gate.shut();
    }
}

impl Announced for Handle<AnnounceNews> {}

impl Browsing for Handle<BrowseNews> {
    fn verify(&self, name: &str) {
        self.thread.orders.verify(name);
    }
}
