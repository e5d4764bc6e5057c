// browser.hpp - finds servers on the network.
#ifndef STREAMKINECT2_BROWSER_HPP
#define STREAMKINECT2_BROWSER_HPP

#include <chrono>
#include <cstdint>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "event.hpp"
#include "handle.hpp"

namespace kinect2 {

/// How to make a browser. What is not set is the library's default.
struct browser_options {
  kinect2::discovery discovery = static_cast<kinect2::discovery>(library().discovery);
  std::string address = {};  ///< numeric address of the interface to listen on; empty: all interfaces

 private:
  static kinect2_browser_options_t library() noexcept { return detail::defaults(kinect2_browser_options_init); }
};

/// A server that was found.
struct server_info {
  std::string name;      ///< for people, unique among those that are listed
  std::string endpoint;  ///< where it answers: for a client
};

namespace detail {
struct browser_callbacks {
  callback_slot<const server_info &> add_server, remove_server;
};
}  // namespace detail

/// Finds servers by Zeroconf and keeps a list of those that answer.
class browser : public detail::handle<kinect2_browser_t, detail::browser_callbacks, kinect2_browser_destroy> {
 public:
  /// Not started. status::invalid_argument; unsupported for a kind of discovery that this build does not have.
  explicit browser(const browser_options &options = {}) : browser(try_create(options).value()) {}
  static result<browser> try_create(const browser_options &options = {}) {
    auto to = detail::defaults(kinect2_browser_options_init);
    to.discovery = detail::number(options.discovery);
    to.address = detail::text_or_null(options.address);
    kinect2_browser_t *made = nullptr;
    const kinect2_result_t code = kinect2_browser_create(&to, &made);
    if (code != KINECT2_OK) return detail::last_failure(code);
    return browser(detail::adopt_t(), made);
  }

  /// Starts looking. status::invalid_argument if no interface of this host has the address; io.
  void start() { try_start().value(); }
  result<void> try_start() { return detail::done(kinect2_browser_start(get())); }

  /// Stops looking: all servers are forgotten, without a call; its last callback has returned when this returns
  /// (inside a callback it does not wait for that one).
  void stop() { try_stop().value(); }
  result<void> try_stop() { return detail::done(kinect2_browser_stop(get())); }

  /// The servers that are listed now, in the order of their coming.
  std::vector<server_info> servers() const {
    std::vector<server_info> listed;
    for (std::string &name : detail::ids(get(), kinect2_browser_server_count, kinect2_browser_server_name))
      if (result<std::string> endpoint = try_endpoint(name)) listed.push_back({std::move(name), *std::move(endpoint)});
    return listed;
  }

  /// The endpoint of the server of that name. status::not_found if it is not listed now.
  std::string endpoint(const std::string &name) const { return try_endpoint(name).value(); }
  result<std::string> try_endpoint(const std::string &name) const {
    return detail::text([&](char *buffer, std::size_t capacity, std::size_t *length) {
      return kinect2_browser_server_endpoint(get(), detail::c_text(name), buffer, capacity, length);
    });
  }

  /// Sets the callback that gets servers that come, those already listed first. Empty removes it.
  void on_add_server(std::function<void(const server_info &)> callback) {
    try_on_add_server(std::move(callback)).value();
  }
  result<void> try_on_add_server(std::function<void(const server_info &)> callback) {
    return set(&detail::browser_callbacks::add_server, std::move(callback), kinect2_browser_on_add_server, &tell);
  }

  /// Sets the callback that gets servers that go, as they were listed. Empty removes it.
  void on_remove_server(std::function<void(const server_info &)> callback) {
    try_on_remove_server(std::move(callback)).value();
  }
  result<void> try_on_remove_server(std::function<void(const server_info &)> callback) {
    return set(&detail::browser_callbacks::remove_server, std::move(callback), kinect2_browser_on_remove_server, &tell);
  }

  /// Takes the next event, which callbacks get too. Without a value: status::timeout or closed.
  result<event> next_event(std::chrono::milliseconds timeout) { return detail::unless_error(try_next_event(timeout)); }
  result<event> try_next_event(std::chrono::milliseconds timeout) {
    return detail::next_event(get(), timeout, kinect2_browser_next_event);
  }

  /// A descriptor for the program's own loop, readable exactly while an event waits: see server::poll_fd().
  std::intptr_t poll_fd() const { return try_poll_fd().value(); }
  result<std::intptr_t> try_poll_fd() const {
    return detail::poll_fd(get(), KINECT2_POLL_EVENTS, kinect2_browser_poll_fd);
  }

 private:
  browser(detail::adopt_t how, kinect2_browser_t *made) : handle(how, made) {}

  static void tell(kinect2_browser_t *, const kinect2_server_info_t *server, void *user_data) {
    detail::callback_slot<const server_info &>::run(
        user_data, [&](auto &function) { function(server_info{server->name, server->endpoint}); });
  }
};

}  // namespace kinect2

#endif
