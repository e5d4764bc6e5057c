//! What a process does that was started to be a sender or a receiver: it hears orders on its standard input until that ends.

use std::io::{stdin, stdout};
use std::sync::Arc;

use parking_lot::Mutex;

use crate::coding::Encoder;
use crate::pace::Pace;
use crate::parts::Parts;
use crate::pictures::Pictures;
use crate::words::{Arrival, Done, Order, Part, Ready, Received, Role, Side, Streamed, hear, say};
use crate::{Outcome, bare, ours};

/// Sends frames: through the library, or by libzmq alone.
pub trait Sender {
    fn places(&self) -> Outcome<Vec<String>>;

    /// Sends frame `number` of a device.
    fn send(&mut self, device: usize, number: u64, pictures: &Pictures) -> Outcome<()>;

    /// What was done to the last frame of a device, where that can be seen; to be asked when it is done.
    fn done(&mut self, device: usize, number: u64) -> Outcome<Option<Done>>;
}

/// Where a receiver's thread or callback puts what has come.
pub type Log = Arc<Mutex<Vec<Arrival>>>;

pub fn play(part: &Part) -> Outcome<()> {
    match &part.role {
        Role::Sender { devices, folder, coding, rate } => {
            let pictures = Pictures::load(folder)?;
            let encoder = coding.encoder()?;
            let sender: Box<dyn Sender> = match part.side {
                Side::Ours => Box::new(ours::Sender::new(*devices, coding.options()?, *rate, &pictures)?),
                Side::Bare => Box::new(bare::Sender::new(*devices, encoder, *rate, &pictures)?),
            };
            play_sender(sender, *devices, encoder, &pictures)
        }
        Role::Receiver { places, parts } => {
            let log = Log::default();
            let parts = parts.map(|format| Parts::new(format.coding.encoder()?, format.width, format.height)).transpose()?;
            // Both receive on threads of their own, until the process ends or the handle is dropped.
            let _client = match part.side {
                Side::Ours => Some(ours::receive(places, parts, &log)?),
                Side::Bare => {
                    bare::receive(places, parts, &log)?;
                    None
                }
            };
            play_receiver(&log)
        }
    }
}

fn play_sender(mut sender: Box<dyn Sender>, devices: usize, encoder: Encoder, pictures: &Pictures) -> Outcome<()> {
    let picture_bytes = pictures.count() * pictures.bytes_of_one();
    say(&mut stdout(), &Ready { places: sender.places()?, picture_bytes })?;
    let mut parts = Parts::new(encoder, pictures.width, pictures.height)?;
    let mut next = 0;
    while let Some(order) = hear(&mut stdin().lock())? {
        let Order::Stream { frames, rate, parts: measured } = order else { return Err("a sender has nothing to report".into()) };
        let streamed = stream(&mut *sender, devices, next..next + frames, rate, pictures, measured.then_some(&mut parts))?;
        next += frames;
        say(&mut stdout(), &streamed)?;
    }
    Ok(())
}

fn stream(
    sender: &mut dyn Sender,
    devices: usize,
    numbers: std::ops::Range<u64>,
    rate: Option<f64>,
    pictures: &Pictures,
    mut parts: Option<&mut Parts>,
) -> Outcome<Streamed> {
    let (first, count) = (numbers.start, numbers.end - numbers.start);
    let (mut done, mut between) = (Vec::new(), Vec::new());
    let pace = Pace::new(rate);
    for number in numbers {
        let periods = (number - first) as f64;
        for device in 0..devices {
            // Sensors do not keep step with each other.
            pace.wait(periods + device as f64 / devices as f64);
            sender.send(device, number, pictures)?;
        }
        if let Some(parts) = &mut parts {
            pace.wait(periods + 0.5);
            done.extend(sender.done(0, number)?);
            // Not the one that was just sent: its picture is still in the caches.
            between.push(parts.prepare(pictures, number + pictures.count() as u64 / 2)?);
        }
    }
    pace.wait(count as f64);
    Ok(Streamed { seconds: pace.seconds(), done, between })
}

fn play_receiver(log: &Log) -> Outcome<()> {
    say(&mut stdout(), &Ready { places: Vec::new(), picture_bytes: 0 })?;
    while let Some(order) = hear(&mut stdin().lock())? {
        let Order::Report = order else { return Err("a receiver has nothing to stream".into()) };
        let arrivals = std::mem::take(&mut *log.lock());
        say(&mut stdout(), &Received { arrivals })?;
    }
    Ok(())
}
