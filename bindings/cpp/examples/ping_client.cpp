// ping_client.cpp - pings each server as it is discovered, and says how long the answer took.
//
//     c++ -std=c++17 bindings/cpp/examples/ping_client.cpp -Iinclude -Ltarget/release -lstreamkinect2 -o ping_client
//
// This program shows the callbacks; discover.cpp and depth_client.cpp show polling. Callbacks of one object never run at
// the same time, so the list of clients, which only the browser's callbacks touch while the browser lives, needs no lock.
#include <atomic>
#include <map>
#include <string>

#include "support/options.hpp"
#include "support/program.hpp"

namespace {

struct pings {
  std::map<std::string, kinect2::client> clients;  // by the name of their server
  std::atomic<unsigned> pongs{0};                  // clients' callbacks write it, main reads it
};

void add(pings &all, const kinect2::server_info &server) {
  std::printf("Discovered server \"%s\" at \"%s\"\n", server.name.c_str(), server.endpoint.c_str());
  auto [place, added] = all.clients.try_emplace(server.name, server.endpoint);
  if (!added) return;
  kinect2::client &client = place->second;
  client.connect();
  client.ping([&all, &client, name = server.name](const kinect2::result<std::chrono::nanoseconds> &round_trip) {
    if (round_trip) {
      std::printf("Got pong from \"%s\" after %.2f ms\n", name.c_str(), milliseconds(*round_trip));
      ++all.pongs;
    } else {
      std::fprintf(stderr, "No pong from \"%s\" (%s)\n", name.c_str(), kinect2::name(round_trip.code()));
    }
    (void)client.try_disconnect();  // asked and answered; fails where the client is being destroyed
  });
}

void remove(pings &all, const kinect2::server_info &server) {
  std::printf("Server \"%s\" at \"%s\" went away\n", server.name.c_str(), server.endpoint.c_str());
  all.clients.erase(server.name);  // returns when the client's last callback has
}

}  // namespace

int main(int argc, char **argv) {
  kinect2::browser_options options;
  double seconds = 0;
  std::uint32_t count = 0;
  bool verbose = false;
  parse({"ping_client",
         "Pings each Kinect server as it is discovered.",
         {{"--seconds", "S", "end after S seconds (0: on Ctrl-C)", &seconds},
          {"--count", "N", "end after N pongs (0: on Ctrl-C)", &count},
          {"--address", "A", "listen on the interface with this address (all)", &options.address},
          {"--verbose", "", "show the library's log", &verbose}}},
        argc, argv);
  return run_program(verbose, [&] {
    std::atomic<bool> trouble{false};
    kinect2::on_callback_exception([&](std::exception_ptr thrown) {
      trouble = true;
      try {
        std::rethrow_exception(thrown);
      } catch (const std::exception &exception) {
        std::fprintf(stderr, "%s\n", exception.what());
      }
    });
    pings all;
    kinect2::browser browser(options);
    browser.on_add_server([&](const kinect2::server_info &server) { add(all, server); });
    browser.on_remove_server([&](const kinect2::server_info &server) { remove(all, server); });
    browser.start();
    const auto limit = time_limit(seconds);
    // The callbacks do the work on the library's threads; waiting for events passes the time.
    while (running(limit) && (count == 0 || all.pongs < count)) {
      const auto event = browser.next_event(tick);
      if (event && event->type == kinect2::event_type::error) print_error(*event);
    }
    const bool enough = all.pongs >= (count ? count : 1);
    browser.reset();  // from here on none of its callbacks runs: the list is this thread's
    all.clients.clear();
    kinect2::on_callback_exception({});  // the handler's variables end here, too
    return trouble ? EXIT_FAILURE : enough || stop_signal_came ? EXIT_SUCCESS : EXIT_NOTHING;
  });
}
