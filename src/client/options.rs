//! How a client is to be.

use std::time::Duration;

use crate::discovery::DiscoveryKind;
use crate::error::{Error, Result};

/// See the module.
#[derive(Debug, Clone)]
pub struct ClientOptions {
    /// Pause between heartbeats; servers that speak the extension are asked once a second at least.
    pub heartbeat_period: Duration,
    /// No answer for so long: the server is lost.
    pub response_timeout: Duration,
    /// Whether to keep trying while there is no answer.
    pub reconnect: bool,
    /// How `server_name` is found.
    pub discovery: DiscoveryKind,
    /// Follow the server of this name to any endpoint; `*`: the first that is found.
    pub server_name: Option<String>,
}

impl Default for ClientOptions {
    fn default() -> Self {
        Self {
            heartbeat_period: Duration::from_secs(10),
            response_timeout: Duration::from_secs(5),
            reconnect: true,
            discovery: DiscoveryKind::Auto,
            server_name: None,
        }
    }
}

impl ClientOptions {
    /// Refuses what no client can keep.
    pub(super) fn check(&self) -> Result<()> {
        if self.heartbeat_period.is_zero() || self.response_timeout.is_zero() {
            return Err(Error::invalid("heartbeat period and response timeout must be at least 1 ms"));
        }
        if self.server_name.as_ref().is_some_and(|name| name.is_empty() || name.chars().any(char::is_control)) {
            return Err(Error::invalid("the name of the server to follow is empty or has control characters; \"*\" means any server"));
        }
        Ok(())
    }
}
