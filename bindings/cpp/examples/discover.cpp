// discover.cpp - lists the Kinect servers of the network as they come and go.
//
//     c++ -std=c++17 bindings/cpp/examples/discover.cpp -Iinclude -Ltarget/release -lstreamkinect2 -o discover
//
// `+ NAME ENDPOINT` is a server that appeared, `- NAME ENDPOINT` one that went away.
#include "support/options.hpp"
#include "support/program.hpp"

namespace {

int watch(kinect2::browser &browser, clock_type::time_point limit) {
  using kinect2::event_type;
  bool found = false;
  while (running(limit)) {
    const auto event = browser.next_event(tick);
    if (!event) continue;
    switch (event->type) {
      case event_type::add_server:
        std::printf("+ %s %s\n", event->id.c_str(), event->text.c_str());
        found = true;
        break;
      case event_type::remove_server:
        std::printf("- %s %s\n", event->id.c_str(), event->text.c_str());
        break;
      case event_type::overflow:
        std::fprintf(stderr, "%llu changes came too fast to list\n", static_cast<unsigned long long>(event->value));
        break;
      case event_type::error:
        print_error(*event);
        break;
      default:
        break;
    }
  }
  return found || stop_signal_came ? EXIT_SUCCESS : EXIT_NOTHING;
}

}  // namespace

int main(int argc, char **argv) {
  kinect2::browser_options options;
  double seconds = 0;
  bool verbose = false;
  parse({"discover",
         "Lists Kinect servers: + NAME ENDPOINT when one appears, - when one goes away.",
         {{"--seconds", "S", "end after S seconds (0: on Ctrl-C)", &seconds},
          {"--address", "A", "listen on the interface with this address (all)", &options.address},
          {"--verbose", "", "show the library's log", &verbose}}},
        argc, argv);
  return run_program(verbose, [&] {
    kinect2::browser browser(options);
    browser.start();
    return watch(browser, time_limit(seconds));
  });
}
