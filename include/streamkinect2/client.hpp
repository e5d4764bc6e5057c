// client.hpp - a connection to one server, its kinects, and their frames.
#ifndef STREAMKINECT2_CLIENT_HPP
#define STREAMKINECT2_CLIENT_HPP

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "event.hpp"
#include "frame.hpp"
#include "handle.hpp"

namespace kinect2 {

/// How to make a client. What is not set is the library's default.
struct client_options {
  /// How often the server is asked whether it is there; 10 s.
  std::chrono::milliseconds heartbeat_period{library().heartbeat_period_ms};
  /// How long an answer may take before the server is lost; 5 s.
  std::chrono::milliseconds response_timeout{library().response_timeout_ms};
  /// Whether to keep trying while there is no answer; true.
  bool reconnect = library().reconnect != 0;
  /// How to find `server_name`.
  kinect2::discovery discovery = static_cast<kinect2::discovery>(library().discovery);
  /// Follow the server of this name to any endpoint; "*": the first that is found; empty: stay at the endpoint.
  std::string server_name = {};

 private:
  static kinect2_client_options_t library() noexcept { return detail::defaults(kinect2_client_options_init); }
};

/// How a client wants a stream.
struct stream_options {
  kinect2::format format = kinect2::format::as_it_comes;
};

/// Figures of one stream of one kinect, since it was enabled.
struct client_stats {
  std::uint64_t received = 0;   ///< frames that came and decoded
  std::uint64_t lost = 0;       ///< frames that did not come, by gaps in the sequence
  std::uint64_t dropped = 0;    ///< frames that were replaced by a newer one before anyone got them
  std::uint64_t corrupt = 0;    ///< messages that did not decode
  std::uint64_t bytes = 0;      ///< of all messages that came
  std::uint64_t delivered = 0;  ///< frames that reached a callback or a poller
  std::uint64_t taken = 0;      ///< of these, by take_frame()
  std::optional<std::chrono::nanoseconds> latency_p50;  ///< median from capture to delivery, of the last few seconds
  std::optional<std::chrono::nanoseconds> latency_p99;  ///< of which one frame in a hundred takes longer
  std::chrono::nanoseconds decode_time{};               ///< time spent decoding
};

namespace detail {
struct client_callbacks {
  callback_slot<> connect;
  callback_slot<status> disconnect;
  callback_slot<const std::string &> add_kinect, remove_kinect;
  callback_slot<const kinect2::frame &> depth_frame, frame;
  callback_slot<const kinect2::event &> event;
  one_shots<const result<std::chrono::nanoseconds> &> pongs;
};
}  // namespace detail

/// A connection to one server, which it keeps over the server's absence.
///
/// The order of callbacks is on_connect, on_add_kinect, that kinect's frames, on_remove_kinect for each there is,
/// on_disconnect. Setting one replaces the one before, and an empty one removes it, at any time: when the call returns,
/// the one before runs no more (but inside of it: when it has returned).
class client : public detail::handle<kinect2_client_t, detail::client_callbacks, kinect2_client_destroy> {
 public:
  using frame_callback = std::function<void(const frame &)>;
  using kinect_callback = std::function<void(const std::string &kinect_id)>;

  /// Of the server at `control_endpoint`, such as "tcp://192.168.1.4:40001". Nothing is sent before connect().
  /// status::invalid_argument if it is not tcp://host:port; unsupported for a kind of discovery that this build does
  /// not have.
  explicit client(const std::string &control_endpoint, const client_options &options = {})
      : client(try_create(control_endpoint, options).value()) {}
  /// Of the server that the options name.
  explicit client(const client_options &options) : client(try_create(std::nullopt, options).value()) {}
  static result<client> try_create(const std::optional<std::string> &control_endpoint,
                                   const client_options &options = {}) {
    auto to = detail::defaults(kinect2_client_options_init);
    to.heartbeat_period_ms = detail::milliseconds(options.heartbeat_period);
    to.response_timeout_ms = detail::milliseconds(options.response_timeout);
    to.reconnect = options.reconnect ? 1 : 0;
    to.discovery = detail::number(options.discovery);
    to.server_name = detail::text_or_null(options.server_name);
    kinect2_client_t *made = nullptr;
    const kinect2_result_t code = kinect2_client_create(detail::text_or_null(control_endpoint), &to, &made);
    if (code != KINECT2_OK) return detail::last_failure(code);
    return client(detail::adopt_t(), made);
  }

  // ---- the connection ----

  /// Begins to connect and returns at once; callbacks and events tell what comes of it. status::io; out_of_memory.
  void connect() { try_connect().value(); }
  result<void> try_connect() { return detail::done(kinect2_client_connect(get())); }

  /// Disconnects, or ends trying to connect. Its last callback, on_disconnect with status::ok, has returned when this
  /// returns (inside a callback it does not wait). Enabled streams stay enabled for the next connect().
  void disconnect() { try_disconnect().value(); }
  result<void> try_disconnect() { return detail::done(kinect2_client_disconnect(get())); }

  /// Whether the server answers.
  bool is_connected() const noexcept { return kinect2_client_is_connected(get()) != 0; }

  /// The server's name, as its last answer said. status::not_found before the first one.
  std::string server_name() const { return try_server_name().value(); }
  result<std::string> try_server_name() const {
    return detail::text([this](char *buffer, std::size_t capacity, std::size_t *length) {
      return kinect2_client_server_name(get(), buffer, capacity, length);
    });
  }

  /// An endpoint of the server, or of a kinect, as its last answer said. status::not_found if it is not known.
  std::string endpoint(endpoint_type type = endpoint_type::control,
                       const std::optional<std::string> &kinect_id = {}) const {
    return try_endpoint(type, kinect_id).value();
  }
  result<std::string> try_endpoint(endpoint_type type = endpoint_type::control,
                                   const std::optional<std::string> &kinect_id = {}) const {
    return detail::text([&](char *buffer, std::size_t capacity, std::size_t *length) {
      return kinect2_client_endpoint(get(), detail::text_or_null(kinect_id), detail::number(type), buffer, capacity,
                                     length);
    });
  }

  /// Asks the server for a sign of life. `pong` is called once, with the time that it took, or status::timeout, closed
  /// (disconnected first) or an error; not at all if the client is destroyed first. It may be empty: then there is only
  /// the event. status::bad_state if not connected and not trying; limit if 64 wait already.
  void ping(std::function<void(const result<std::chrono::nanoseconds> &)> pong = {}) {
    try_ping(std::move(pong)).value();
  }
  result<void> try_ping(std::function<void(const result<std::chrono::nanoseconds> &)> pong = {}) {
    if (!pong || !callbacks()) return detail::done(kinect2_client_ping(get(), nullptr, nullptr));
    return callbacks()->pongs.add(std::move(pong), [this](void *user_data) {
      return kinect2_client_ping(get(), &end_ping, user_data);
    });
  }

  // ---- kinects and streams ----

  /// The ids of the kinects that it sees, in the order of their coming.
  std::vector<std::string> kinects() const {
    return detail::ids(get(), kinect2_client_kinect_count, kinect2_client_kinect_id);
  }

  /// The streams that a kinect offers; stream::none if there is no such kinect.
  stream streams(const std::string &kinect_id) const noexcept {
    return static_cast<stream>(kinect2_client_streams(get(), detail::c_text(kinect_id)));
  }

  /// What a stream of a kinect is. status::not_found if there is no such kinect; unsupported if it lacks the stream.
  kinect2::stream_info stream_info(const std::string &kinect_id, stream which) const {
    return try_stream_info(kinect_id, which).value();
  }
  result<kinect2::stream_info> try_stream_info(const std::string &kinect_id, stream which) const {
    auto info = detail::sized<kinect2_stream_info_t>();
    const kinect2_result_t code =
        kinect2_client_stream_info(get(), detail::c_text(kinect_id), detail::number(which), &info);
    if (code != KINECT2_OK) return detail::last_failure(code);
    return detail::converted(info);
  }

  /// Enables depth frames: of one kinect that it sees, or of every one, now and later. It lasts until it is disabled,
  /// over the loss and return of kinect or server too. status::not_found; unsupported.
  void enable_depth_frames(const std::optional<std::string> &kinect_id = {}) {
    try_enable_depth_frames(kinect_id).value();
  }
  result<void> try_enable_depth_frames(const std::optional<std::string> &kinect_id = {}) {
    return detail::done(kinect2_client_enable_depth_frames(get(), detail::text_or_null(kinect_id)));
  }

  /// Disables depth frames. Those that wait are dropped.
  void disable_depth_frames(const std::optional<std::string> &kinect_id = {}) {
    try_disable_depth_frames(kinect_id).value();
  }
  result<void> try_disable_depth_frames(const std::optional<std::string> &kinect_id = {}) {
    return detail::done(kinect2_client_disable_depth_frames(get(), detail::text_or_null(kinect_id)));
  }

  /// Enables streams, as enable_depth_frames(). status::unsupported also for a format that this version cannot make of
  /// the stream.
  void enable_stream(stream streams, const std::optional<std::string> &kinect_id = {},
                     const stream_options &options = {}) {
    try_enable_stream(streams, kinect_id, options).value();
  }
  result<void> try_enable_stream(stream streams, const std::optional<std::string> &kinect_id = {},
                                 const stream_options &options = {}) {
    auto to = detail::defaults(kinect2_stream_options_init);
    to.format = detail::number(options.format);
    return detail::done(
        kinect2_client_enable_stream(get(), detail::text_or_null(kinect_id), detail::number(streams), &to));
  }

  /// Disables streams. Frames of them that wait are dropped.
  void disable_stream(stream streams, const std::optional<std::string> &kinect_id = {}) {
    try_disable_stream(streams, kinect_id).value();
  }
  result<void> try_disable_stream(stream streams, const std::optional<std::string> &kinect_id = {}) {
    return detail::done(
        kinect2_client_disable_stream(get(), detail::text_or_null(kinect_id), detail::number(streams)));
  }

  /// Figures of one stream of one kinect. status::not_found; unsupported if the kinect has no such stream.
  client_stats stats(const std::string &kinect_id, stream which) const { return try_stats(kinect_id, which).value(); }
  result<client_stats> try_stats(const std::string &kinect_id, stream which) const {
    auto figures = detail::sized<kinect2_client_stats_t>();
    const kinect2_result_t code =
        kinect2_client_stats(get(), detail::c_text(kinect_id), detail::number(which), &figures);
    if (code != KINECT2_OK) return detail::last_failure(code);
    return client_stats{figures.received,  figures.lost,  figures.dropped, figures.corrupt, figures.bytes,
                        figures.delivered, figures.taken,
                        detail::known<std::chrono::nanoseconds>(figures.latency_p50_ns),
                        detail::known<std::chrono::nanoseconds>(figures.latency_p99_ns),
                        detail::nanoseconds(figures.decode_time_ns)};
  }

  // ---- polling ----

  /// Takes the newest frame of these streams, which callbacks get too: of one kinect, or of any. Where several wait, it
  /// is the one that waits longest. Without a value: status::timeout (none came, also while the server is lost) or
  /// closed (not connected and not trying). Inside a callback of this client it does not wait.
  result<frame> take_frame(stream streams, std::chrono::milliseconds timeout,
                           const std::optional<std::string> &kinect_id = {}) {
    return detail::unless_error(try_take_frame(streams, timeout, kinect_id));
  }
  result<frame> try_take_frame(stream streams, std::chrono::milliseconds timeout,
                               const std::optional<std::string> &kinect_id = {}) {
    kinect2_frame_t *taken = nullptr;
    const kinect2_result_t code = kinect2_client_take_frame(
        get(), detail::text_or_null(kinect_id), detail::number(streams), detail::milliseconds(timeout), &taken);
    if (code != KINECT2_OK) return detail::last_failure(code);
    return frame::adopt(taken);
  }

  /// Takes the next event, which callbacks get too. Without a value: status::timeout or closed.
  result<event> next_event(std::chrono::milliseconds timeout) { return detail::unless_error(try_next_event(timeout)); }
  result<event> try_next_event(std::chrono::milliseconds timeout) {
    return detail::next_event(get(), timeout, kinect2_client_next_event);
  }

  /// A descriptor for the program's own loop, readable exactly while an event, or a frame of any kinect and stream,
  /// waits: see server::poll_fd(). Take frames with stream::all and without an id, or what is left keeps it readable.
  std::intptr_t poll_fd(poll_for what) const { return try_poll_fd(what).value(); }
  result<std::intptr_t> try_poll_fd(poll_for what) const {
    return detail::poll_fd(get(), detail::number(what), kinect2_client_poll_fd);
  }

  // ---- callbacks ----

  /// The server answers. Called at once if it does already.
  void on_connect(std::function<void()> callback) { try_on_connect(std::move(callback)).value(); }
  result<void> try_on_connect(std::function<void()> callback) {
    return set(&detail::client_callbacks::connect, std::move(callback), kinect2_client_on_connect,
               [](kinect2_client_t *, void *user_data) {
                 detail::callback_slot<>::run(user_data, [](auto &function) { function(); });
               });
  }

  /// The server is gone, or did not answer in the first place: status::ok after disconnect(), timeout, or an error.
  void on_disconnect(std::function<void(status reason)> callback) { try_on_disconnect(std::move(callback)).value(); }
  result<void> try_on_disconnect(std::function<void(status reason)> callback) {
    return set(&detail::client_callbacks::disconnect, std::move(callback), kinect2_client_on_disconnect,
               [](kinect2_client_t *, kinect2_result_t reason, void *user_data) {
                 detail::callback_slot<status>::run(
                     user_data, [&](auto &function) { function(static_cast<status>(reason)); });
               });
  }

  /// A kinect came; called for those that are there already, too.
  void on_add_kinect(kinect_callback callback) { try_on_add_kinect(std::move(callback)).value(); }
  result<void> try_on_add_kinect(kinect_callback callback) {
    return set(&detail::client_callbacks::add_kinect, std::move(callback), kinect2_client_on_add_kinect, &tell_kinect);
  }

  /// A kinect went.
  void on_remove_kinect(kinect_callback callback) { try_on_remove_kinect(std::move(callback)).value(); }
  result<void> try_on_remove_kinect(kinect_callback callback) {
    return set(&detail::client_callbacks::remove_kinect, std::move(callback), kinect2_client_on_remove_kinect,
               &tell_kinect);
  }

  /// A depth frame came; it goes here first, then to on_frame(). Depth must be enabled, too.
  void on_depth_frame(frame_callback callback) { try_on_depth_frame(std::move(callback)).value(); }
  result<void> try_on_depth_frame(frame_callback callback) {
    return set(&detail::client_callbacks::depth_frame, std::move(callback), kinect2_client_on_depth_frame, &tell_frame);
  }

  /// A frame of any stream came. The stream must be enabled, too.
  void on_frame(frame_callback callback) { try_on_frame(std::move(callback)).value(); }
  result<void> try_on_frame(frame_callback callback) {
    return set(&detail::client_callbacks::frame, std::move(callback), kinect2_client_on_frame, &tell_frame);
  }

  /// What next_event() gives, from now on.
  void on_event(std::function<void(const event &)> callback) { try_on_event(std::move(callback)).value(); }
  result<void> try_on_event(std::function<void(const event &)> callback) {
    return set(&detail::client_callbacks::event, std::move(callback), kinect2_client_on_event,
               [](kinect2_client_t *, const kinect2_event_t *happened, void *user_data) {
                 detail::callback_slot<const event &>::run(
                     user_data, [&](auto &function) { function(detail::converted(detail::copied(happened))); });
               });
  }

 private:
  client(detail::adopt_t how, kinect2_client_t *made) : handle(how, made) {}

  static void tell_kinect(kinect2_client_t *, const char *kinect_id, void *user_data) {
    detail::callback_slot<const std::string &>::run(user_data, [&](auto &function) { function(kinect_id); });
  }

  static void tell_frame(kinect2_client_t *, const char *, kinect2_frame_t *came, void *user_data) {
    detail::callback_slot<const frame &>::run(user_data, [&](auto &function) { function(frame::retain(came)); });
  }

  static void end_ping(kinect2_client_t *, kinect2_result_t outcome, std::uint64_t round_trip_ns, void *user_data) {
    using round_trip = result<std::chrono::nanoseconds>;
    detail::one_shots<const round_trip &>::run(user_data, [&](auto &pong) {
      pong(outcome == KINECT2_OK ? round_trip(detail::nanoseconds(round_trip_ns))
                                 : round_trip(failure{static_cast<status>(outcome)}));
    });
  }
};

}  // namespace kinect2

#endif
