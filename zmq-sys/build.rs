//! Builds libzmq with libsodium, and tells it what the system has.
//!
//! zeromq-src compiles libzmq with an empty configuration: what its configure script would have found is missing. It is passed as
//! compiler flags, which the `cc` crate takes from the environment.

use std::env;

/// What Linux has, by the names of libzmq's `platform.hpp`: what it would leave out or do worse without being told. Not `HAVE_FORK`: it
/// costs a system call on each signal between threads, for handles that do not survive a fork anyway.
const LINUX: &[&str] = &[
    "HAVE_ACCEPT4",
    "HAVE_CLOCK_GETTIME", // timers by the monotonic clock, not by the wall clock
    "HAVE_POSIX_MEMALIGN=1",
    "ZMQ_CACHELINE_SIZE=64",
    "ZMQ_HAVE_EVENTFD",
    "ZMQ_HAVE_EVENTFD_CLOEXEC",
    "ZMQ_HAVE_PTHREAD_SETNAME_2",
    "ZMQ_HAVE_SO_KEEPALIVE",
    "ZMQ_HAVE_SOCK_CLOEXEC",
    "ZMQ_HAVE_TCP_KEEPCNT",
    "ZMQ_HAVE_TCP_KEEPIDLE",
    "ZMQ_HAVE_TCP_KEEPINTVL",
    "ZMQ_IOTHREAD_POLLER_USE_EPOLL_CLOEXEC",
];

/// The same for macOS.
const MACOS: &[&str] = &[
    "HAVE_POSIX_MEMALIGN=1",
    "ZMQ_CACHELINE_SIZE=128", // of Apple's processors; Intel's have 64
    "ZMQ_HAVE_PTHREAD_SETNAME_1",
    "ZMQ_HAVE_SO_KEEPALIVE",
    "ZMQ_HAVE_TCP_KEEPALIVE",
    "ZMQ_HAVE_TCP_KEEPCNT",
    "ZMQ_HAVE_TCP_KEEPINTVL",
];

fn main() {
    println!("cargo:rerun-if-changed=build.rs");
    let definitions = match variable("CARGO_CFG_TARGET_OS").as_str() {
        "linux" => LINUX,
        "macos" => MACOS,
        _ => &[], // Windows: libzmq knows it by itself
    };
    add_to_flags(definitions);
    let sodium = zeromq_src::LibLocation::new(variable("DEP_SODIUM_LIB"), variable("DEP_SODIUM_INCLUDE"));
    zeromq_src::Build::new().with_libsodium(Some(sodium)).build();
}

/// Appends definitions to the flags of the C++ compiler that are in force for the target.
fn add_to_flags(definitions: &[&str]) {
    let of_target = format!("CXXFLAGS_{}", variable("TARGET").replace('-', "_"));
    let mut flags = env::var(&of_target).or_else(|_| env::var("CXXFLAGS")).unwrap_or_default();
    for definition in definitions {
        flags.push_str(" -D");
        flags.push_str(definition);
    }
    env::set_var(of_target, flags);
}

fn variable(name: &str) -> String {
    env::var(name).unwrap_or_else(|_| panic!("{name} is not set: this is run by cargo"))
}
