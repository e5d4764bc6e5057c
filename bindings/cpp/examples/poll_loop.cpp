// poll_loop.cpp - a browser and up to ten clients in one poll(2), with a timer and Ctrl-C.
//
//     c++ -std=c++17 bindings/cpp/examples/poll_loop.cpp -Iinclude -Ltarget/release -lstreamkinect2 -o poll_loop
//
// One thread, no callbacks, and no waiting inside the library: each object has descriptors that are readable exactly
// while there is something to take. Level-triggered: what is not taken now is reported again, so the loop takes one thing
// for each descriptor and is fair to all of them.
#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <optional>
#include <string>
#include <system_error>
#include <vector>

#include "support/options.hpp"
#include "support/program.hpp"

namespace {

constexpr std::size_t most_clients = 10;

// A signal that comes just before poll() would not end it. A byte in a pipe does.
int signal_pipe[2] = {-1, -1};

void on_signal(int number) {
  const int saved = errno;
  on_stop_signal(number);
  [[maybe_unused]] const ssize_t written = ::write(signal_pipe[1], "", 1);  // a full pipe is readable, too
  errno = saved;
}

void watch_signals() {
  struct sigaction action = {};
  action.sa_handler = on_signal;
  if (::pipe(signal_pipe) != 0 || ::fcntl(signal_pipe[1], F_SETFL, O_NONBLOCK) != 0 ||
      ::sigaction(SIGINT, &action, nullptr) != 0 || ::sigaction(SIGTERM, &action, nullptr) != 0)
    throw std::system_error(errno, std::generic_category(), "cannot watch for signals");
}

struct receiver {
  explicit receiver(const std::string &of) : endpoint(of), client(of) {
    client.enable_depth_frames();
    client.connect();
  }

  std::string endpoint;
  kinect2::client client;
  std::uint64_t frames = 0, printed = 0;  // in all, and of these when the rate was last printed
};

class loop {
 public:
  loop(const kinect2::browser_options &options, const std::vector<std::string> &endpoints)
      : browser_(options), follow_(endpoints.empty()) {
    browser_.start();
    for (const std::string &endpoint : endpoints) add(endpoint);
  }

  int run(double seconds, std::uint32_t frames) {
    const auto limit = time_limit(seconds);
    auto printed = clock_type::now();
    while (running(limit) && !enough(frames)) {
      const auto next_print = printed + std::chrono::seconds(1), due = std::min(next_print, limit);
      wait_until(due);
      const auto now = clock_type::now();
      if (now >= next_print) {
        print_rates(std::chrono::duration<double>(now - printed).count());
        printed = now;
      }
    }
    const bool found = frames ? enough(frames) : frames_ > 0;
    for (std::size_t i = 0; i < most_clients; ++i) remove(i);
    std::printf("woken up %llu times, %llu times for nothing\n", static_cast<unsigned long long>(wake_ups_),
                static_cast<unsigned long long>(for_nothing_));
    return found || stop_signal_came ? EXIT_SUCCESS : EXIT_NOTHING;
  }

 private:
  void add(const std::string &endpoint) {
    const auto place = std::find_if(receivers_.begin(), receivers_.end(), [](auto &receiver) { return !receiver; });
    if (place == receivers_.end())
      std::fprintf(stderr, "there are %zu clients: none for %s\n", most_clients, endpoint.c_str());
    else
      place->emplace(endpoint);
  }

  void remove(std::size_t place) {
    if (!receivers_[place]) return;
    std::printf("client %zu received %llu frames\n", place + 1,
                static_cast<unsigned long long>(receivers_[place]->frames));
    receivers_[place].reset();
  }

  // Waits for something to take, and takes one thing where there is one. The descriptors are asked for anew each time,
  // which costs little: so none of an object that is gone can be left among them.
  void wait_until(clock_type::time_point due) {
    std::vector<pollfd> waited{{signal_pipe[0], POLLIN, 0}};
    const auto wait_for = [&](std::intptr_t descriptor) {
      waited.push_back({static_cast<int>(descriptor), POLLIN, 0});
    };
    wait_for(browser_.poll_fd());
    for (const auto &receiver : receivers_)
      if (receiver) {
        wait_for(receiver->client.poll_fd(kinect2::poll_for::events));
        wait_for(receiver->client.poll_fd(kinect2::poll_for::frames));
      }
    const auto rest = std::chrono::ceil<std::chrono::milliseconds>(due - clock_type::now());
    const int ready = ::poll(waited.data(), waited.size(), static_cast<int>(std::max<long long>(rest.count(), 0)));
    if (ready < 0 && errno != EINTR) throw std::system_error(errno, std::generic_category(), "poll");
    if (ready > 0) serve(waited);
  }

  void serve(const std::vector<pollfd> &waited) {
    bool took = true;
    ++wake_ups_;
    std::size_t next = 2;
    for (std::size_t i = 0; i < most_clients; ++i) {
      if (!receivers_[i]) continue;
      if (waited[next++].revents) took &= take_event(i);
      if (waited[next++].revents) took &= take_frame(*receivers_[i]);
    }
    if (waited[1].revents) took &= take_server();  // last, because it may change what is waited for
    if (!took) ++for_nothing_;
  }

  // These return false if there was nothing.

  bool take_event(std::size_t place) {
    using kinect2::event_type;
    const auto event = receivers_[place]->client.next_event({});
    if (!event) return false;
    const std::size_t number = place + 1;
    switch (event->type) {
      case event_type::connect:
        std::printf("client %zu connected to %s\n", number, receivers_[place]->endpoint.c_str());
        break;
      case event_type::disconnect:
        std::printf("client %zu lost its server (%s), trying again\n", number, name(event->result));
        break;
      case event_type::add_kinect:
        std::printf("client %zu kinect %s\n", number, event->id.c_str());
        break;
      case event_type::remove_kinect:
        std::printf("client %zu kinect %s went away\n", number, event->id.c_str());
        break;
      case event_type::error:
        std::fprintf(stderr, "client %zu: %s (%s)\n", number, event->text.c_str(), name(event->result));
        break;
      default:
        break;
    }
    return true;
  }

  // Of any kinect and stream: one that is left would keep the descriptor readable.
  bool take_frame(receiver &from) {
    if (!from.client.take_frame(kinect2::stream::all, {})) return false;
    ++from.frames;
    ++frames_;
    return true;
  }

  bool take_server() {
    const auto event = browser_.next_event({});
    if (!event) return false;
    switch (event->type) {
      case kinect2::event_type::add_server:
        std::printf("+ %s %s\n", event->id.c_str(), event->text.c_str());
        if (follow_) add(event->text);
        break;
      case kinect2::event_type::remove_server:
        std::printf("- %s %s\n", event->id.c_str(), event->text.c_str());
        for (std::size_t i = 0; follow_ && i < most_clients; ++i)
          if (receivers_[i] && receivers_[i]->endpoint == event->text) remove(i);
        break;
      case kinect2::event_type::error:
        print_error(*event);
        break;
      default:
        break;
    }
    return true;
  }

  void print_rates(double seconds) {
    for (std::size_t i = 0; i < most_clients; ++i) {
      if (!receivers_[i]) continue;
      receiver &each = *receivers_[i];
      std::printf("client %zu fps %.1f\n", i + 1, static_cast<double>(each.frames - each.printed) / seconds);
      each.printed = each.frames;
    }
  }

  // Whether there are clients, and each has so many frames; `frames` 0: never.
  bool enough(std::uint32_t frames) const {
    const auto there = [](const auto &receiver) { return receiver.has_value(); };
    const auto waits = [&](const auto &receiver) { return receiver && receiver->frames < frames; };
    return frames != 0 && std::any_of(receivers_.begin(), receivers_.end(), there) &&
           std::none_of(receivers_.begin(), receivers_.end(), waits);
  }

  std::array<std::optional<receiver>, most_clients> receivers_;
  kinect2::browser browser_;
  bool follow_;  // every server that is found gets a client
  std::uint64_t frames_ = 0, wake_ups_ = 0, for_nothing_ = 0;
};

}  // namespace

int main(int argc, char **argv) {
  kinect2::browser_options browser_options;
  std::uint32_t frames = 0;
  double seconds = 0;
  bool verbose = false;
  const auto endpoints = parse(
      {"poll_loop",
       "Receives depth frames with up to ten clients in one poll(2), and prints servers as\n"
       "they come and go and each client's frames per second. There is a client for each\n"
       "ENDPOINT, which may be given several times, or else for each server that is found.",
       {{"--address", "A", "look for servers on the interface with this address (all)", &browser_options.address},
        {"--frames", "N", "end when each client has N frames (0: on Ctrl-C)", &frames},
        {"--seconds", "S", "end after S seconds (0: on Ctrl-C)", &seconds},
        {"--verbose", "", "show the library's log", &verbose}},
       "[ENDPOINT...]",
       0,
       most_clients},
      argc, argv);
  return run_program(verbose, [&] {
    watch_signals();
    return loop(browser_options, endpoints).run(seconds, frames);
  });
}
