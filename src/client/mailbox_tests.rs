use super::*;
use crate::dispatch::Dispatcher;

/// Which callbacks are set; they do nothing and are not run: the tests look at what would be called.
#[derive(Default)]
struct Set {
    starts: bool,
    ends: bool,
}

fn mailbox(set: &Set) -> ClientMailbox {
    let dispatcher = Dispatcher::new("test", ClientMailbox::default());
    if set.starts {
        let (connect, add): (Arc<ConnectFn>, Arc<KinectFn>) = (Arc::new(|| ()), Arc::new(|_| ()));
        dispatcher.set_callback(Some(connect), |m| &mut m.callbacks.connect, |_| ()).unwrap();
        dispatcher.set_callback(Some(add), |m| &mut m.callbacks.add_kinect, |_| ()).unwrap();
    }
    if set.ends {
        let (lost, remove): (Arc<DisconnectFn>, Arc<KinectFn>) = (Arc::new(|_| ()), Arc::new(|_| ()));
        dispatcher.set_callback(Some(lost), |m| &mut m.callbacks.disconnect, |_| ()).unwrap();
        dispatcher.set_callback(Some(remove), |m| &mut m.callbacks.remove_kinect, |_| ()).unwrap();
    }
    let mailbox = dispatcher.with(std::mem::take);
    dispatcher.close();
    mailbox
}

fn connect(mailbox: &mut ClientMailbox) {
    mailbox.connected("Lab", &Endpoints::default());
    mailbox.update_kinects(vec![KinectView { id: "a".into(), endpoints: Endpoints::default(), streams: Vec::new() }]);
}

fn lose(mailbox: &mut ClientMailbox) {
    mailbox.lost(Outcome::Timeout, "no answer", Loss::default());
}

/// What waits to be told.
fn waiting(mailbox: &mut ClientMailbox) -> Vec<&'static str> {
    let name = |change| match change {
        Change::Connect => "connect",
        Change::Add(_) => "add",
        Change::Remove { .. } => "remove",
        Change::Disconnect { .. } => "disconnect",
        Change::Pong(..) => "pong",
    };
    std::iter::from_fn(|| mailbox.changes.pop()).map(name).collect()
}

#[test]
fn a_connection_and_its_loss_that_both_wait_cancel_out() {
    let mut mailbox = mailbox(&Set { starts: true, ends: true });
    connect(&mut mailbox);
    lose(&mut mailbox);
    assert_eq!(waiting(&mut mailbox), [""; 0]);
    connect(&mut mailbox);
    assert_eq!(waiting(&mut mailbox), ["connect", "add"]);
    lose(&mut mailbox);
    connect(&mut mailbox);
    assert_eq!(waiting(&mut mailbox), [""; 0]);
    lose(&mut mailbox);
    assert_eq!(waiting(&mut mailbox), ["remove", "disconnect"]);
}

#[test]
fn what_nobody_is_to_hear_of_cancels_nothing() {
    let mut mailbox = mailbox(&Set { starts: false, ends: true });
    connect(&mut mailbox);
    lose(&mut mailbox);
    assert_eq!(waiting(&mut mailbox), ["remove", "disconnect"]);
}

#[test]
fn a_callback_that_is_removed_takes_along_what_waits_for_it() {
    let mut mailbox = mailbox(&Set { starts: true, ends: true });
    connect(&mut mailbox);
    mailbox.callbacks.connect = None;
    mailbox.callbacks.add_kinect = None;
    mailbox.settle_callbacks();
    lose(&mut mailbox);
    assert_eq!(waiting(&mut mailbox), ["remove", "disconnect"]);
}
