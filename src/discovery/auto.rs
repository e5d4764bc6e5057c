//! The library's choice: one way of discovery as long as it serves, and the other one where it does not or goes away.
//!
//! RFC 6762 (section 15) asks for one responder a host, so the system's service goes first. Whoever is bound to one address gets the
//! embedded responder, which alone can announce one address only.

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use parking_lot::{Condvar, Mutex};

use super::gate::Gate;
use super::{AnnounceListener, AnnounceNews, Announced, Announcement, BrowseListener, BrowseNews, Browsing, Discovery, Found};
use crate::error::{Error, Result};
use crate::log::log;

/// How long the second way may take to find again what the first one had found; what it has not found by then is lost.
const SETTLE: Duration = Duration::from_secs(5);

/// See the module.
pub struct Auto {
    /// Serves all interfaces, and may fail.
    pub first: Arc<dyn Discovery>,
    /// Takes over.
    pub second: Arc<dyn Discovery>,
}

impl Discovery for Auto {
    fn announce(&self, announcement: &Announcement, news: AnnounceListener) -> Result<Box<dyn Announced>> {
        if is_bound(announcement.address) {
            return self.second.announce(announcement, news);
        }
        let announcing = Arc::new(Announcing {
            gate: Gate::new(Arc::clone(&news)),
            second: Arc::clone(&self.second),
            place: Place::default(),
            announcement: Mutex::new(announcement.clone()),
        });
        let listener = Arc::clone(&announcing);
        match self.first.announce(announcement, Arc::new(move |news| listener.hear(news))) {
            Ok(announced) => {
                announcing.place.fill(announced);
                Ok(Box::new(AnnouncedSomehow(announcing)))
            }
            Err(error) => {
                log!(Debug, "announcing by the embedded responder: {error}");
                self.second.announce(announcement, news)
            }
        }
    }

    fn browse(&self, address: Option<IpAddr>, news: BrowseListener) -> Result<Box<dyn Browsing>> {
        if is_bound(address) {
            return self.second.browse(address, news);
        }
        let browse = Arc::new(Browse {
            gate: Gate::new(Arc::clone(&news)),
            second: Arc::clone(&self.second),
            place: Place::default(),
            list: Mutex::default(),
            ended: Condvar::new(),
        });
        let listener = Arc::clone(&browse);
        match self.first.browse(address, Arc::new(move |news| listener.hear(news))) {
            Ok(browsing) => {
                browse.place.fill(browsing);
                Ok(Box::new(BrowsingSomehow(browse)))
            }
            Err(error) => {
                log!(Debug, "browsing by the embedded responder: {error}");
                self.second.browse(address, news)
            }
        }
    }
}

fn is_bound(address: Option<IpAddr>) -> bool {
    address.is_some_and(|address| !address.to_canonical().is_unspecified())
}

/// The handle that serves now.
struct Place<H: ?Sized>(Mutex<Tenancy<H>>);

enum Tenancy<H: ?Sized> {
    /// The first handle has not come yet.
    Vacant,
    Taken(Box<H>),
    /// The first one failed before it came, or what was to come after it is on its way or failed.
    Moving,
    /// Nobody wants one any more.
    Ended,
}

impl<H: ?Sized> Default for Place<H> {
    fn default() -> Self {
        Self(Mutex::new(Tenancy::Vacant))
    }
}

impl<H: ?Sized> Place<H> {
    /// The first handle, unless it has failed meanwhile. Handles are dropped with no lock held: they wait for their news.
    fn fill(&self, handle: Box<H>) {
        let mut tenancy = self.0.lock();
        if matches!(*tenancy, Tenancy::Vacant) {
            *tenancy = Tenancy::Taken(handle);
        } else {
            drop(tenancy);
            drop(handle);
        }
    }

    /// Replaces the handle by one that `make` gives.
    fn replace(&self, make: impl FnOnce() -> Result<Box<H>>) -> Result<()> {
        let old = {
            let mut tenancy = self.0.lock();
            if matches!(*tenancy, Tenancy::Ended) {
                return Ok(());
            }
            std::mem::replace(&mut *tenancy, Tenancy::Moving)
        };
        drop(old);
        let new = make()?;
        let mut tenancy = self.0.lock();
        if matches!(*tenancy, Tenancy::Moving) {
            *tenancy = Tenancy::Taken(new);
        } else {
            drop(tenancy);
            drop(new);
        }
        Ok(())
    }

    /// The end; gives back what is to be dropped.
    fn end(&self) -> impl Sized + use<H> {
        std::mem::replace(&mut *self.0.lock(), Tenancy::Ended)
    }
}

struct Announcing {
    gate: Arc<Gate<AnnounceNews>>,
    second: Arc<dyn Discovery>,
    place: Place<dyn Announced>,
    /// Under its present name.
    announcement: Mutex<Announcement>,
}

impl Announcing {
    /// News of the first way.
    fn hear(&self, news: AnnounceNews) {
        match news {
            AnnounceNews::Failed(error) => self.move_on(&error),
            AnnounceNews::Renamed(name) => {
                self.announcement.lock().name.clone_from(&name);
                self.gate.tell(AnnounceNews::Renamed(name));
            }
            AnnounceNews::Announced => self.gate.tell(news),
        }
    }

    fn move_on(&self, error: &Error) {
        log!(Info, "announcing by the embedded responder from now on: {error}");
        let announcement = self.announcement.lock().clone();
        let gate = Arc::clone(&self.gate);
        let moved = self.place.replace(|| self.second.announce(&announcement, Arc::new(move |news| gate.tell(news))));
        if let Err(error) = moved {
            self.gate.tell(AnnounceNews::Failed(error));
        }
    }
}

struct AnnouncedSomehow(Arc<Announcing>);

impl Announced for AnnouncedSomehow {}

impl Drop for AnnouncedSomehow {
    fn drop(&mut self) {
        let handle = self.0.place.end();
        self.0.gate.shut();
        drop(handle);
    }
}

struct Browse {
    gate: Arc<Gate<BrowseNews>>,
    second: Arc<dyn Discovery>,
    place: Place<dyn Browsing>,
    list: Mutex<List>,
    ended: Condvar,
}

/// What the listener knows of.
#[derive(Default)]
struct List {
    known: BTreeMap<String, Found>,
    /// Of these, what the first way had found and the second one has not.
    unconfirmed: BTreeSet<String>,
    /// The second way is being told one record after the other: what it leaves out it may still find.
    settling: bool,
    ended: bool,
}

impl List {
    /// While the second way settles, a server stays at the addresses that the first one had for it.
    fn complete(&self, news: &mut BrowseNews) {
        if let BrowseNews::Found(found) = news
            && self.settling
            && let Some(known) = self.known.get(&found.name).filter(|known| known.port == found.port)
        {
            let mut addresses = known.addresses.clone();
            addresses.extend(found.addresses.iter().filter(|address| !known.addresses.contains(*address)));
            found.addresses = addresses;
        }
    }

    /// Whether these news are such to the listener.
    fn takes(&mut self, news: &BrowseNews) -> bool {
        match news {
            BrowseNews::Found(found) => {
                self.unconfirmed.remove(&found.name);
                self.known.insert(found.name.clone(), found.clone()).as_ref() != Some(found)
            }
            BrowseNews::Lost(name) => {
                self.unconfirmed.remove(name);
                self.known.remove(name).is_some()
            }
            BrowseNews::Failed(_) => true,
        }
    }
}

impl Browse {
    /// News of the first way. The wait for the second one to settle is made here, on the first one's thread, which has nothing else to do
    /// any more.
    fn hear(self: &Arc<Self>, news: BrowseNews) {
        match news {
            BrowseNews::Failed(error) => {
                self.move_on(&error);
                self.settle();
            }
            news => self.pass_on(news),
        }
    }

    fn pass_on(&self, mut news: BrowseNews) {
        let is_news = {
            let mut list = self.list.lock();
            list.complete(&mut news);
            list.takes(&news)
        };
        if is_news {
            self.gate.tell(news);
        }
    }

    fn move_on(self: &Arc<Self>, error: &Error) {
        log!(Info, "browsing by the embedded responder from now on: {error}");
        {
            let mut list = self.list.lock();
            list.unconfirmed = list.known.keys().cloned().collect();
            list.settling = true;
        }
        let listener = Arc::downgrade(self);
        let moved = self.place.replace(|| {
            let pass_on = move |news| {
                if let Some(browse) = listener.upgrade() {
                    browse.pass_on(news);
                }
            };
            self.second.browse(None, Arc::new(pass_on))
        });
        if let Err(error) = moved {
            self.gate.tell(BrowseNews::Failed(error));
        }
    }

    fn settle(&self) {
        let lost = {
            let mut list = self.list.lock();
            self.ended.wait_while_for(&mut list, |list| !list.ended, SETTLE);
            if list.ended {
                return;
            }
            list.settling = false;
            std::mem::take(&mut list.unconfirmed)
        };
        lost.into_iter().for_each(|name| self.pass_on(BrowseNews::Lost(name)));
    }
}

struct BrowsingSomehow(Arc<Browse>);

impl Browsing for BrowsingSomehow {
    fn verify(&self, name: &str) {
        if let Tenancy::Taken(browsing) = &*self.0.place.0.lock() {
            browsing.verify(name);
        }
    }
}

impl Drop for BrowsingSomehow {
    fn drop(&mut self) {
        let handle = self.0.place.end();
        self.0.list.lock().ended = true;
        self.0.ended.notify_all();
        self.0.gate.shut();
        drop(handle);
    }
}

#[cfg(test)]
#[path = "auto_tests.rs"]
mod tests;
