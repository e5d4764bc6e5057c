use super::*;
use std::net::SocketAddr;
use std::sync::mpsc::{Receiver, channel};

/// A way of discovery that does what the test says.
#[derive(Default)]
struct Scripted {
    refuses: bool,
    announced: Mutex<Vec<(String, AnnounceListener)>>,
    browses: Mutex<Vec<BrowseListener>>,
    /// Handles that are held now.
    held: Arc<Mutex<usize>>,
}

struct Held(Arc<Mutex<usize>>);

impl Held {
    fn new(count: &Arc<Mutex<usize>>) -> Box<Self> {
        *count.lock() += 1;
        Box::new(Self(Arc::clone(count)))
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        *self.0.lock() -= 1;
    }
}

impl Announced for Held {}

impl Browsing for Held {
    fn verify(&self, _: &str) {}
}

impl Discovery for Scripted {
    fn announce(&self, announcement: &Announcement, news: AnnounceListener) -> Result<Box<dyn Announced>> {
        if self.refuses {
            return Err(Error::io("refused"));
        }
        self.announced.lock().push((announcement.name.clone(), news));
        Ok(Held::new(&self.held))
    }

    fn browse(&self, _: Option<IpAddr>, news: BrowseListener) -> Result<Box<dyn Browsing>> {
        if self.refuses {
            return Err(Error::io("refused"));
        }
        self.browses.lock().push(news);
        Ok(Held::new(&self.held))
    }
}

impl Scripted {
    fn tell(&self, news: AnnounceNews) {
        let listener = Arc::clone(&self.announced.lock()[0].1);
        listener(news);
    }

    fn find(&self, news: BrowseNews) {
        let listener = Arc::clone(&self.browses.lock()[0]);
        listener(news);
    }

    fn held(&self) -> usize {
        *self.held.lock()
    }
}

fn pair(refuses: bool) -> (Auto, Arc<Scripted>, Arc<Scripted>) {
    let (first, second) = (Arc::new(Scripted { refuses, ..Scripted::default() }), Arc::<Scripted>::default());
    (Auto { first: first.clone(), second: second.clone() }, first, second)
}

fn announce(auto: &Auto, address: Option<IpAddr>) -> (Box<dyn Announced>, Receiver<AnnounceNews>) {
    let (sender, news) = channel();
    let announcement = Announcement { name: "Lab".into(), port: 5, address };
    (auto.announce(&announcement, Arc::new(move |news| drop(sender.send(news)))).unwrap(), news)
}

fn browse(auto: &Auto) -> (Box<dyn Browsing>, Receiver<BrowseNews>) {
    let (sender, news) = channel();
    (auto.browse(None, Arc::new(move |news| drop(sender.send(news)))).unwrap(), news)
}

fn found(name: &str, port: u16) -> BrowseNews {
    BrowseNews::Found(Found { name: name.into(), port, addresses: Vec::new() })
}

fn gone() -> Error {
    Error::io("gone")
}

#[test]
fn the_first_serves_unless_it_refuses_or_one_address_is_wanted() {
    let (auto, first, second) = pair(false);
    let _all = announce(&auto, None);
    assert_eq!((first.held(), second.held()), (1, 0));
    let _unspecified = announce(&auto, Some("::".parse().unwrap()));
    assert_eq!((first.held(), second.held()), (2, 0));
    let _one = announce(&auto, Some("10.0.0.1".parse().unwrap()));
    assert_eq!((first.held(), second.held()), (2, 1));
    let (auto, first, second) = pair(true);
    let _handles = (announce(&auto, None), browse(&auto));
    assert_eq!((first.held(), second.held()), (0, 2));
}

#[test]
fn an_announcement_moves_on_under_its_present_name() {
    let (auto, first, second) = pair(false);
    let (handle, news) = announce(&auto, None);
    first.tell(AnnounceNews::Renamed("Lab (2)".into()));
    first.tell(AnnounceNews::Announced);
    first.tell(AnnounceNews::Failed(gone()));
    assert_eq!((first.held(), second.held()), (0, 1));
    assert_eq!(second.announced.lock()[0].0, "Lab (2)");
    second.tell(AnnounceNews::Announced);
    let told: Vec<_> = news.try_iter().collect();
    assert_eq!(told, [AnnounceNews::Renamed("Lab (2)".into()), AnnounceNews::Announced, AnnounceNews::Announced]);
    drop(handle);
    second.tell(AnnounceNews::Announced);
    assert_eq!((second.held(), news.try_iter().count()), (0, 0));
}

#[test]
fn what_the_second_finds_again_is_told_once_and_what_it_does_not_is_lost() {
    let (auto, first, second) = pair(false);
    let (handle, news) = browse(&auto);
    for name in ["Lab", "Hall", "Cellar"] {
        first.find(found(name, 5));
    }
    let moving = std::thread::spawn({
        let first = Arc::clone(&first);
        move || first.find(BrowseNews::Failed(gone()))
    });
    while second.held() == 0 {
        std::thread::yield_now();
    }
    second.find(found("Lab", 5));
    second.find(found("Hall", 6));
    moving.join().unwrap();
    let told: Vec<_> = news.try_iter().skip(3).collect();
    assert_eq!(told, [found("Hall", 6), BrowseNews::Lost("Cellar".into())]);
    assert_eq!(first.held(), 0);
    second.find(BrowseNews::Lost("Lab".into()));
    assert_eq!(news.try_recv(), Ok(BrowseNews::Lost("Lab".into())));
    drop(handle);
    assert_eq!(second.held(), 0);
}

#[test]
fn a_server_stays_where_it_was_while_the_second_finds_its_addresses_one_by_one() {
    let (auto, first, second) = pair(false);
    let (_handle, news) = browse(&auto);
    let address = |host: u8| SocketAddr::from(([10, 0, 0, host], 5));
    let at = |hosts: &[u8]| {
        BrowseNews::Found(Found { name: "Lab".into(), port: 5, addresses: hosts.iter().map(|host| address(*host)).collect() })
    };
    first.find(at(&[1, 2]));
    let moving = std::thread::spawn({
        let first = Arc::clone(&first);
        move || first.find(BrowseNews::Failed(gone()))
    });
    while second.held() == 0 {
        std::thread::yield_now();
    }
    second.find(at(&[2]));
    second.find(at(&[2, 3]));
    moving.join().unwrap();
    second.find(at(&[2]));
    assert_eq!(news.try_iter().collect::<Vec<_>>(), [at(&[1, 2]), at(&[1, 2, 3]), at(&[2])]);
}

#[test]
fn an_end_in_the_midst_of_moving_waits_for_nothing_and_leaves_nothing() {
    let (auto, first, second) = pair(false);
    let (handle, news) = browse(&auto);
    first.find(found("Lab", 5));
    let moving = std::thread::spawn({
        let first = Arc::clone(&first);
        move || first.find(BrowseNews::Failed(gone()))
    });
    while second.held() == 0 {
        std::thread::yield_now();
    }
    let start = std::time::Instant::now();
    drop(handle);
    moving.join().unwrap();
    assert!(start.elapsed() < SETTLE / 2);
    assert_eq!((first.held(), second.held(), news.try_iter().count()), (0, 0, 1));
}
