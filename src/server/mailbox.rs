//! What waits for a server's callback and pollers: events.

use crate::dispatch::{EventCall, EventPort, Mailbox, Registration};

/// See the module.
#[derive(Default)]
pub struct ServerMailbox {
    pub events: EventPort,
}

impl Mailbox for ServerMailbox {
    type Call = EventCall;

    fn next_call(&mut self) -> Option<(Registration, EventCall)> {
        self.events.next_call()
    }

    fn has_call(&self) -> bool {
        self.events.has_call()
    }

    fn run(call: EventCall) {
        call.run();
    }

    fn refresh(&mut self) {
        self.events.refresh();
    }
}
