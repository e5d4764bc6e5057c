// Servers are found by browsers and by clients that know their names; what a server has to tell.
#include <unistd.h>

#include <set>

#include "rig.hpp"

namespace {

// Others may be testing on this machine too: only this server counts.
std::string own_name(const char *what) { return std::string(what) + " " + std::to_string(::getpid()); }

kinect2::server announced(const std::string &name) {
  kinect2::server_options options = quiet();
  options.announce = true;
  options.name = name;
  kinect2::server server(options);
  server.start();
  return server;
}

kinect2::browser on_loopback() {
  kinect2::browser_options options;
  options.address = "127.0.0.1";
  return kinect2::browser(options);
}

bool lists(const kinect2::browser &browser, const std::string &name) {
  for (const kinect2::server_info &server : browser.servers())
    if (server.name == name) return true;
  return false;
}

void servers_come_and_go() {
  const std::string name = own_name("C++");
  std::atomic<int> added{0}, late{0}, removed{0};
  kinect2::browser browser = on_loopback();
  std::string endpoint;
  browser.on_add_server([&](const kinect2::server_info &server) {
    if (server.name != name) return;
    endpoint = server.endpoint;
    ++added;
  });
  browser.on_remove_server([&](const kinect2::server_info &server) {
    if (server.name == name && server.endpoint == endpoint) ++removed;
  });
  browser.start();
  kinect2::server server = announced(name);
  REQUIRE_WITHIN(10s, added == 1);
  CHECK_EQUAL(endpoint, server.endpoint());
  CHECK_EQUAL(browser.endpoint(name), endpoint);
  CHECK(lists(browser, name));
  browser.on_add_server([&](const kinect2::server_info &found) { late += found.name == name; });
  CHECK_WITHIN(2s, late == 1);  // those already listed are reported
  server.stop();
  CHECK_WITHIN(10s, removed == 1 && !lists(browser, name));
  CHECK_THROWS(not_found, browser.endpoint(name));
  browser.stop();
  while (browser.next_event(0ms)) {
  }
  CHECK_EQUAL(browser.next_event(kinect2::forever).code(), kinect2::status::closed);
}

void a_browser_is_polled_and_destroyed_in_its_callback() {
  const std::string name = own_name("Polled");
  const kinect2::server server = announced(name);
  kinect2::browser browser = on_loopback();
  const std::intptr_t descriptor = browser.poll_fd();
  CHECK(descriptor > 0);
  browser.start();
  std::string endpoint;
  REQUIRE_WITHIN(10s, [&] {
    const auto event = browser.next_event(100ms);
    if (event && event->type == kinect2::event_type::add_server && event->id == name) endpoint = event->text;
    return !endpoint.empty();
  }());
  CHECK_EQUAL(endpoint, server.endpoint());
  std::atomic<bool> unused{false}, ended{false};
  browser.on_add_server([&](const kinect2::server_info &found) {
    while (!unused) std::this_thread::yield();
    browser.reset();
    CHECK(!found.name.empty());
    ended = true;
  });
  unused = true;
  CHECK_WITHIN(5s, ended);
}

void a_client_follows_a_name() {
  const std::string name = own_name("Followed");
  auto device = small_mock("named", 100);
  kinect2::server server = announced(name);
  server.add_kinect(device);
  device.start();
  kinect2::client_options options = patient();
  options.server_name = name;
  kinect2::client client(options);
  client.enable_depth_frames();
  client.connect();
  const auto frame = client.take_frame(kinect2::stream::depth, check::stretched(10s));
  REQUIRE(frame.has_value());
  CHECK_EQUAL(client.server_name(), name);
  CHECK_EQUAL(client.endpoint(), server.endpoint());
  CHECK_EQUAL(client.endpoint(kinect2::endpoint_type::frames_depth, "named"),
              server.endpoint(kinect2::endpoint_type::frames_depth, "named"));
  CHECK_THROWS(not_found, client.endpoint(kinect2::endpoint_type::frames_depth, "nobody"));
}

void a_server_tells_about_itself() {
  const std::string name = own_name("Telling");
  kinect2::server server = announced(name);
  CHECK_EQUAL(server.name(), name);
  CHECK(server.is_running());
  auto one = small_push("one"), two = small_push("two");
  server.add_kinect(one);
  server.add_kinect(two);
  CHECK(server.kinects() == std::vector<std::string>{"one", "two"});
  server.remove_kinect(one);
  CHECK(server.kinects() == std::vector<std::string>{"two"});
  two.reset();  // destroying a device takes it out
  CHECK(server.kinects().empty());
  server.stop();
  CHECK(!server.is_running());
}

}  // namespace

int main() {
  RUN(servers_come_and_go);
  RUN(a_browser_is_polled_and_destroyed_in_its_callback);
  RUN(a_client_follows_a_name);
  RUN(a_server_tells_about_itself);
  return check::finish();
}
