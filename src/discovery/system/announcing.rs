//! An announcement by the system's service.

use std::sync::Arc;

use super::service::{Publication, Standing, Watch};
use super::{Job, Orders, TURN};
use crate::discovery::AnnounceNews;
use crate::discovery::gate::Gate;
use crate::discovery::names::next_instance_name;
use crate::error::{Error, Result};

/// See the module.
pub struct Announcing {
    name: String,
    port: u16,
    /// The name that the listener knows.
    told: String,
    gate: Arc<Gate<AnnounceNews>>,
}

impl Announcing {
    /// For an instance `name` at `port`.
    pub fn new(name: String, port: u16, gate: Arc<Gate<AnnounceNews>>) -> Self {
        Self { told: name.clone(), name, port, gate }
    }

    fn established(&mut self) {
        if self.told != self.name {
            self.told.clone_from(&self.name);
            self.gate.tell(AnnounceNews::Renamed(self.name.clone()));
        }
        self.gate.tell(AnnounceNews::Announced);
    }
}

impl Job for Announcing {
    fn work(&mut self, orders: &Orders, served: &mut dyn FnMut()) -> Result<()> {
        // A registration never says that the service has gone: a watch does.
        let guard = Watch::start()?;
        let mut publication = Publication::start(&self.name, self.port)?;
        let mut standing = Standing::Pending;
        served();
        while !orders.is_over() {
            guard.poll(TURN)?;
            let now = publication.poll(TURN)?;
            match now {
                Standing::Established if standing != now => self.established(),
                Standing::Collision => {
                    self.name = next_instance_name(&self.name);
                    publication = Publication::start(&self.name, self.port)?;
                }
                _ => {}
            }
            standing = now;
        }
        Ok(())
    }

    fn tell(&self, error: Error) {
        self.gate.tell(AnnounceNews::Failed(error));
    }
}
