// server.hpp - offers kinects to the network.
#ifndef STREAMKINECT2_SERVER_HPP
#define STREAMKINECT2_SERVER_HPP

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "device.hpp"
#include "event.hpp"

namespace kinect2 {

/// How to make a server. What is not set is the library's default.
struct server_options {
  bool announce = library().announce != 0;  ///< whether to advertise over Zeroconf; true
  kinect2::discovery discovery = static_cast<kinect2::discovery>(library().discovery);
  std::uint32_t port = library().port;            ///< control port; 0: any free one, chosen at each start
  std::string name = {};                          ///< for people; empty: one is made up
  std::string address = {};                       ///< numeric address to bind; empty: all interfaces
  std::uint32_t data_port = library().data_port;  ///< first port for frames, four for each kinect; 0: any free ones

 private:
  static kinect2_server_options_t library() noexcept { return detail::defaults(kinect2_server_options_init); }
};

/// How to compress, chosen by who sends. What is not set is the library's default: lossless.
struct encode_options {
  kinect2::codec codec = kinect2::codec::automatic;
  kinect2::profile profile = kinect2::profile::automatic;  ///< of codec::k2d only
  std::uint32_t max_error_mm = 0;   ///< largest error of a pixel in millimetres (infrared: in units), of codec::k2d only
  std::uint32_t max_error_ppm = 0;  ///< the same in millionths of its distance; of both the larger one is allowed
};

/// Figures of one stream of one kinect, since it was added.
struct server_stats {
  std::uint32_t subscribers = 0;           ///< how many there are now
  std::uint64_t frames_in = 0;             ///< frames that came from the device
  std::uint64_t encoded = 0;               ///< frames that were encoded, in however many codecs
  std::uint64_t sent = 0;                  ///< frames that were sent: once each, however many subscribers there are
  std::uint64_t dropped = 0;               ///< frames that were wanted, but a newer one came first
  std::uint64_t bytes = 0;                 ///< encoded bytes in all
  std::chrono::nanoseconds encode_time{};  ///< time spent on encoding in all
};

namespace detail {
struct server_callbacks {
  callback_slot<const kinect2::event &> event;
};

inline kinect2_encode_options_t converted(const encode_options &options) noexcept {
  auto to = defaults(kinect2_encode_options_init);
  to.codec = number(options.codec);
  to.profile = number(options.profile);
  to.max_error_mm = options.max_error_mm;
  to.max_error_ppm = options.max_error_ppm;
  return to;
}
}  // namespace detail

/// Answers clients, sends them frames, and announces itself. Its devices may be destroyed before or after it.
class server : public detail::handle<kinect2_server_t, detail::server_callbacks, kinect2_server_destroy> {
 public:
  /// Not started. status::invalid_argument; unsupported for a kind of discovery that this build does not have.
  explicit server(const server_options &options = {}) : server(try_create(options).value()) {}
  static result<server> try_create(const server_options &options = {}) {
    auto to = detail::defaults(kinect2_server_options_init);
    to.announce = options.announce ? 1 : 0;
    to.discovery = detail::number(options.discovery);
    to.port = options.port;
    to.name = detail::text_or_null(options.name);
    to.address = detail::text_or_null(options.address);
    to.data_port = options.data_port;
    kinect2_server_t *made = nullptr;
    const kinect2_result_t code = kinect2_server_create(&to, &made);
    if (code != KINECT2_OK) return detail::last_failure(code);
    return server(detail::adopt_t(), made);
  }

  /// Starts it: it is bound and answers when this returns. status::in_use if a port is taken; io.
  void start() { try_start().value(); }
  result<void> try_start() { return detail::done(kinect2_server_start(get())); }

  /// Stops it: its ports are free and its last callback has returned when this returns (inside a callback it does not
  /// wait for that one). Its kinects and settings stay.
  void stop() { try_stop().value(); }
  result<void> try_stop() { return detail::done(kinect2_server_stop(get())); }

  bool is_running() const noexcept { return kinect2_server_is_running(get()) != 0; }

  /// Its name, as it is announced now.
  std::string name() const { return try_name().value(); }
  result<std::string> try_name() const {
    return detail::text([this](char *buffer, std::size_t capacity, std::size_t *length) {
      return kinect2_server_name(get(), buffer, capacity, length);
    });
  }

  /// Its address, as it is bound. status::bad_state if it does not run.
  std::string address() const { return try_address().value(); }
  result<std::string> try_address() const {
    return detail::text([this](char *buffer, std::size_t capacity, std::size_t *length) {
      return kinect2_server_address(get(), buffer, capacity, length);
    });
  }

  /// An endpoint, such as "tcp://192.168.1.4:40001": the server's own, or that of a kinect. status::bad_state if it
  /// does not run; not_found if there is no such kinect or endpoint.
  std::string endpoint(endpoint_type type = endpoint_type::control,
                       const std::optional<std::string> &kinect_id = {}) const {
    return try_endpoint(type, kinect_id).value();
  }
  result<std::string> try_endpoint(endpoint_type type = endpoint_type::control,
                                   const std::optional<std::string> &kinect_id = {}) const {
    return detail::text([&](char *buffer, std::size_t capacity, std::size_t *length) {
      return kinect2_server_endpoint(get(), detail::text_or_null(kinect_id), detail::number(type), buffer, capacity,
                                     length);
    });
  }

  /// Adds a kinect, before or after the start; a device may be in several servers. status::in_use if it or its id is
  /// there already, or a fixed port is taken; limit if there are no ports left above data_port.
  void add_kinect(const device &kinect) { try_add_kinect(kinect).value(); }
  result<void> try_add_kinect(const device &kinect) {
    return detail::done(kinect2_server_add_kinect(get(), kinect.get()));
  }

  /// Takes a kinect out. The device goes on. status::not_found if it is not there.
  void remove_kinect(const device &kinect) { try_remove_kinect(kinect).value(); }
  result<void> try_remove_kinect(const device &kinect) {
    return detail::done(kinect2_server_remove_kinect(get(), kinect.get()));
  }

  /// Says how to compress, from the next frame on: the streams of one device, or of all that have no setting of their
  /// own. Without options: back to the default. status::not_found if the device is not there; invalid_argument if no
  /// stream is named; unsupported for a codec that does not carry such streams.
  void set_encoding(stream streams, const std::optional<encode_options> &options, const device *only = nullptr) {
    try_set_encoding(streams, options, only).value();
  }
  result<void> try_set_encoding(stream streams, const std::optional<encode_options> &options,
                                const device *only = nullptr) {
    const auto to = detail::converted(options.value_or(encode_options{}));
    return detail::done(kinect2_server_set_encoding(get(), only ? only->get() : nullptr, detail::number(streams),
                                                    options ? &to : nullptr));
  }

  /// The ids of its kinects, in the order of their coming.
  std::vector<std::string> kinects() const {
    return detail::ids(get(), kinect2_server_kinect_count, kinect2_server_kinect_id);
  }

  /// Figures of one stream of one kinect. status::not_found; invalid_argument.
  server_stats stats(const std::string &kinect_id, stream which) const { return try_stats(kinect_id, which).value(); }
  result<server_stats> try_stats(const std::string &kinect_id, stream which) const {
    auto figures = detail::sized<kinect2_server_stats_t>();
    const kinect2_result_t code =
        kinect2_server_stats(get(), detail::c_text(kinect_id), detail::number(which), &figures);
    if (code != KINECT2_OK) return detail::last_failure(code);
    return server_stats{figures.subscribers, figures.frames_in, figures.encoded, figures.sent,
                        figures.dropped,     figures.bytes,     detail::nanoseconds(figures.encode_time_ns)};
  }

  /// Sets the callback that gets its events, from now on. Empty removes it.
  void on_event(std::function<void(const event &)> callback) { try_on_event(std::move(callback)).value(); }
  result<void> try_on_event(std::function<void(const event &)> callback) {
    using slot = detail::callback_slot<const event &>;
    return set(&detail::server_callbacks::event, std::move(callback), kinect2_server_on_event,
               [](kinect2_server_t *, const kinect2_event_t *happened, void *user_data) {
                 slot::run(user_data,
                           [&](auto &function) { function(detail::converted(detail::copied(happened))); });
               });
  }

  /// Takes the next event, which callbacks get too. Without a value: status::timeout or closed.
  result<event> next_event(std::chrono::milliseconds timeout) { return detail::unless_error(try_next_event(timeout)); }
  result<event> try_next_event(std::chrono::milliseconds timeout) {
    return detail::next_event(get(), timeout, kinect2_server_next_event);
  }

  /// A descriptor for the program's own loop (on Windows an event HANDLE), readable exactly while an event waits. It
  /// is the library's, and the same for the server's whole life: take it out of the loop before the server goes.
  std::intptr_t poll_fd() const { return try_poll_fd().value(); }
  result<std::intptr_t> try_poll_fd() const {
    return detail::poll_fd(get(), KINECT2_POLL_EVENTS, kinect2_server_poll_fd);
  }

 private:
  server(detail::adopt_t how, kinect2_server_t *made) : handle(how, made) {}
};

}  // namespace kinect2

#endif
