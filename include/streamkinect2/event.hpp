// event.hpp - what happens to servers, browsers and clients, for polling and on_event.
#ifndef STREAMKINECT2_EVENT_HPP
#define STREAMKINECT2_EVENT_HPP

#include <chrono>
#include <cstdint>
#include <string>

#include "types.hpp"

namespace kinect2 {

/// What happened. Ignore those that you do not know.
enum class event_type : std::uint32_t {
  none = 0,
  overflow = KINECT2_EVENT_OVERFLOW,            ///< older events had to go; `value`: how many
  error = KINECT2_EVENT_ERROR,                  ///< something failed on its own; `result`, `text`. Never fatal.
  connect = KINECT2_EVENT_CONNECT,              ///< the server answers
  disconnect = KINECT2_EVENT_DISCONNECT,        ///< the server is lost; `result`: the reason
  add_kinect = KINECT2_EVENT_ADD_KINECT,        ///< a kinect came; `id`
  remove_kinect = KINECT2_EVENT_REMOVE_KINECT,  ///< a kinect went; `id`
  pong = KINECT2_EVENT_PONG,                    ///< a ping ended; `result`, round_trip()
  add_server = KINECT2_EVENT_ADD_SERVER,        ///< a server came; `id`: its name, `text`: its endpoint
  remove_server = KINECT2_EVENT_REMOVE_SERVER,  ///< a server went; likewise
  name = KINECT2_EVENT_NAME,                    ///< the server has a new name because another one had the old; `id`
  subscribers = KINECT2_EVENT_SUBSCRIBERS,      ///< came or went; `id`, `stream`, `value`: how many now
};

struct event {
  event_type type = event_type::none;
  status result = status::ok;                      ///< how it ended, where the type says so
  kinect2::stream stream = kinect2::stream::none;  ///< none: none in particular
  time_point time = {};                            ///< when it happened
  std::uint64_t value = 0;                         ///< a number; see the type
  std::string id = {};                             ///< an id or a name; see the type
  std::string text = {};                           ///< a text; see the type

  /// Of a pong: the time from ping to answer.
  std::chrono::nanoseconds round_trip() const noexcept { return detail::nanoseconds(value); }
};

namespace detail {

inline event converted(const kinect2_event_t &happened) {
  event to;
  to.type = static_cast<event_type>(happened.type);
  to.result = static_cast<status>(happened.result);
  to.stream = static_cast<stream>(happened.stream);
  to.time = time_point(nanoseconds(happened.time_ns));
  to.value = happened.value;
  to.id = happened.id;
  to.text = happened.text;
  return to;
}

/// Takes the next event of any kind of handle.
template <class Handle>
result<event> next_event(Handle *handle, std::chrono::milliseconds timeout,
                         kinect2_result_t (*next)(Handle *, std::uint32_t, kinect2_event_t *)) {
  auto happened = sized<kinect2_event_t>();
  const kinect2_result_t code = next(handle, milliseconds(timeout), &happened);
  if (code != KINECT2_OK) return last_failure(code);
  return converted(happened);
}

/// The descriptor of any kind of handle.
template <class Handle>
result<std::intptr_t> poll_fd(const Handle *handle, std::uint32_t what,
                              kinect2_result_t (*ask)(const Handle *, std::uint32_t, std::intptr_t *)) {
  std::intptr_t descriptor = -1;
  const kinect2_result_t code = ask(handle, what, &descriptor);
  if (code != KINECT2_OK) return last_failure(code);
  return descriptor;
}

}  // namespace detail
}  // namespace kinect2

#endif
