//! A browse by the system's service.

use std::sync::Arc;
use std::time::Instant;

use super::listing::Listing;
use super::service::{Seen, Watch};
use super::{Job, Orders, TURN};
use crate::discovery::BrowseNews;
use crate::discovery::addresses::Networks;
use crate::discovery::gate::Gate;
use crate::error::{Error, Result};

/// See the module.
pub struct Browse {
    listing: Listing,
    gate: Arc<Gate<BrowseNews>>,
}

impl Browse {
    /// One that tells through `gate`.
    pub fn new(gate: Arc<Gate<BrowseNews>>) -> Self {
        Self { listing: Listing::default(), gate }
    }
}

impl Job for Browse {
    fn work(&mut self, orders: &Orders, served: &mut dyn FnMut()) -> Result<()> {
        let mut watch = Watch::start()?;
        self.listing.look_again(Instant::now());
        served();
        while !orders.is_over() {
            for seen in watch.poll(TURN)? {
                match seen {
                    Seen::Record(record) => {
                        let news = self.listing.heard(record, &Networks::read());
                        news.into_iter().for_each(|news| self.gate.tell(news));
                    }
                    Seen::Gone(name) => self.listing.gone(&name, Instant::now()),
                    Seen::Unresolved => self.listing.unresolved(Instant::now()),
                }
            }
            if !orders.to_verify().is_empty() {
                self.listing.doubt(Instant::now());
            }
            let now = Instant::now();
            if self.listing.look_is_due(now) {
                watch = Watch::start()?;
                self.listing.look_again(now);
            }
            self.listing.settle(now, &Networks::read()).into_iter().for_each(|news| self.gate.tell(news));
        }
        Ok(())
    }

    fn tell(&self, error: Error) {
        self.gate.tell(BrowseNews::Failed(error));
    }
}
