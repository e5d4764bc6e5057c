//! Changes of state that wait for their callbacks: none is dropped, but a change and its undoing that both still wait cancel out, so
//! the queue is bounded by what there is and not by how long a callback takes.

use std::collections::VecDeque;

/// A queue of changes of type `T`, numbered from 1 in the order of their coming.
#[derive(Debug)]
pub struct Transitions<T> {
    waiting: VecDeque<(u64, T)>,
    pushed: u64,
}

impl<T> Default for Transitions<T> {
    fn default() -> Self {
        Self { waiting: VecDeque::new(), pushed: 0 }
    }
}

impl<T> Transitions<T> {
    /// Appends `change`, or, where one that it undoes still waits, removes that one instead.
    pub fn push(&mut self, change: T, undoes: impl Fn(&T) -> bool) {
        if !self.cancel(undoes) {
            self.append(change);
        }
    }

    /// Removes the newest of those that are undone, if one still waits.
    pub fn cancel(&mut self, undone: impl Fn(&T) -> bool) -> bool {
        let at = self.waiting.iter().rposition(|(_, waiting)| undone(waiting));
        at.is_some_and(|at| self.waiting.remove(at).is_some())
    }

    /// Appends `change`.
    pub fn append(&mut self, change: T) {
        self.pushed += 1;
        self.waiting.push_back((self.pushed, change));
    }

    /// Puts a replay of something long reported before all that waits, but behind replays that `stays_before` names.
    pub fn replay(&mut self, change: T, stays_before: impl Fn(&T) -> bool) {
        let at = self.waiting.iter().take_while(|(_, waiting)| stays_before(waiting)).count();
        self.waiting.insert(at, (0, change));
    }

    /// Takes the next one.
    pub fn pop(&mut self) -> Option<T> {
        self.waiting.pop_front().map(|(_, change)| change)
    }

    /// Whether one waits for which `is` holds.
    pub fn any(&self, is: impl Fn(&T) -> bool) -> bool {
        self.waiting.iter().any(|(_, change)| is(change))
    }

    /// Drops those for which `keep` does not hold.
    pub fn retain(&mut self, keep: impl Fn(&T) -> bool) {
        self.waiting.retain(|(_, change)| keep(change));
    }

    /// The number of the newest change: for [`Transitions::has_until`].
    pub fn newest(&self) -> u64 {
        self.pushed
    }

    /// Whether a change with this number or an older one still waits.
    pub fn has_until(&self, number: u64) -> bool {
        self.waiting.iter().any(|(n, _)| *n <= number)
    }

    /// Whether none waits.
    pub fn is_empty(&self) -> bool {
        self.waiting.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_change_and_its_undoing_cancel_out_while_both_wait() {
        let mut queue = Transitions::default();
        queue.push(("add", 1), |_| false);
        queue.push(("add", 2), |_| false);
        queue.push(("remove", 1), |c| *c == ("add", 1));
        queue.push(("remove", 3), |c| *c == ("add", 3));
        let rest: Vec<_> = std::iter::from_fn(|| queue.pop()).collect();
        assert_eq!(rest, [("add", 2), ("remove", 3)]);
    }

    #[test]
    fn a_replay_goes_before_what_waits() {
        let mut queue = Transitions::default();
        queue.append("add b");
        queue.replay("connect", |_| false);
        queue.replay("add a", |c| *c == "connect");
        let rest: Vec<_> = std::iter::from_fn(|| queue.pop()).collect();
        assert_eq!(rest, ["connect", "add a", "add b"]);
    }
}
