//! The server's worker: the thread that owns the control socket and answers requests.

use std::sync::{Arc, mpsc};
use std::thread::JoinHandle;

use super::Inner;
use super::kinect::Stage;
use crate::error::{Error, Result};
use crate::log::log;
use crate::protocol::control::{self, BadRequest, Request};
use crate::thread;
use crate::transport::{self, Bound, Commands, Inbox, Role, Waiter, Watched};

/// More parts than a request ever has are thrown away one by one, not kept.
const MAX_PARTS: usize = 4;

/// What the worker is asked to do.
pub enum Command {
    /// A device has a stream that it did not have.
    StreamsChanged,
    /// End.
    Stop,
}

/// A running worker.
pub struct Worker {
    commands: Commands<Command>,
    bound: Bound,
    thread: JoinHandle<()>,
}

impl Worker {
    /// Binds the control port and starts answering.
    pub fn start(server: &Arc<Inner>, stage: &Stage, port: u16) -> Result<Self> {
        let (commands, inbox) = transport::command_queue()?;
        let (report, bound) = mpsc::sync_channel(1);
        let (server, stage) = (Arc::downgrade(server), stage.clone());
        let thread = thread::spawn("kinect2-server", move || match ControlPort::new(&stage, port) {
            Ok(control) => {
                let _ = report.send(Ok(control.bound.clone()));
                control.run(&inbox, &server);
            }
            Err(error) => {
                let _ = report.send(Err(error));
            }
        })?;
        let bound = bound.recv().unwrap_or_else(|_| Err(Error::internal("the server's thread ended before it was bound")))?;
        Ok(Self { commands, bound, thread })
    }

    pub fn bound(&self) -> &Bound {
        &self.bound
    }

    pub fn commands(&self) -> &Commands<Command> {
        &self.commands
    }

    /// Ends it; the control port is free when this returns.
    pub fn stop(self) {
        self.commands.send(Command::Stop);
        // A panic there has been told of by the panic hook.
        let _ = self.thread.join();
    }
}

struct ControlPort {
    socket: Watched,
    bound: Bound,
    session: u64,
}

impl ControlPort {
    fn new(stage: &Stage, port: u16) -> Result<Self> {
        let socket = Watched::new(&stage.context, Role::ControlServer)?;
        let bound = transport::bind(socket.socket(), stage.address, port)?;
        Ok(Self { socket, bound, session: stage.session })
    }

    fn run(mut self, inbox: &Inbox<Command>, server: &std::sync::Weak<Inner>) {
        let mut waiter = Waiter::default();
        'running: loop {
            if let Err(error) = waiter.wait([inbox.poll_item()], [&self.socket].into_iter(), None) {
                report(server, &error);
                break;
            }
            while let Some(command) = inbox.next() {
                match command {
                    Command::Stop => break 'running,
                    Command::StreamsChanged => {
                        if let Some(server) = server.upgrade() {
                            server.start_missing_publishers();
                        }
                    }
                }
            }
            // Nothing depends on what it says until the end, but it must not fill up.
            self.socket.lost_connection();
            // One request a turn, so that a flood of them does not keep commands waiting.
            if let Err(error) = self.serve(server) {
                report(server, &error);
            }
        }
        self.socket.close_bound(&self.bound);
    }

    fn serve(&mut self, server: &std::sync::Weak<Inner>) -> Result<()> {
        let Some(mut first) = transport::receive(self.socket.socket())? else { return Ok(()) };
        let mut more = first.get_more();
        let mut rest = Vec::new();
        while more {
            let Some(part) = transport::receive(self.socket.socket())? else { break };
            more = part.get_more();
            if rest.len() < MAX_PARTS {
                rest.push(part);
            }
        }
        let parts: Vec<&[u8]> = std::iter::once(&*first).chain(rest.iter().map(|part| &**part)).collect();
        let request = control::parse_request(&parts);
        drop(parts);
        let reply = match request {
            Ok(Request::Ping) => control::pong(),
            Ok(Request::Who) => {
                let connection = transport::local_address(&mut first);
                let me = server.upgrade().map(|server| server.me(connection, self.bound.port, self.session));
                match me {
                    Some(Ok(json)) => control::me(json),
                    Some(Err(error)) => control::error(&BadRequest { reason: error.message }),
                    None => control::error(&BadRequest { reason: "the server is ending".to_owned() }),
                }
            }
            Err(bad) => {
                log!(Debug, "a client's request was refused: {}", bad.reason);
                control::error(&bad)
            }
        };
        transport::setup("cannot answer", transport::retry(|| self.socket.socket().send_multipart(&reply, zmq::DONTWAIT)))
    }
}

fn report(server: &std::sync::Weak<Inner>, error: &Error) {
    log!(Error, "server: {error}");
    if let Some(server) = server.upgrade() {
        server.emit(crate::dispatch::Event::error(error));
    }
}
