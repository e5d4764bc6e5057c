// library.hpp - the library as a whole: its version, its log, its end.
#ifndef STREAMKINECT2_LIBRARY_HPP
#define STREAMKINECT2_LIBRARY_HPP

#include <cstdint>
#include <functional>
#include <string_view>
#include <utility>

#include "handle.hpp"
#include "types.hpp"

namespace kinect2 {

/// The version of the library that runs: major << 16 | minor << 8 | patch. KINECT2_VERSION_* are the header's.
inline std::uint32_t version() noexcept { return kinect2_version(); }
/// The same as text, such as "0.1.0"; static.
inline const char *version_string() noexcept { return kinect2_version_string(); }

/// How much of the library the program still holds: objects, references to frames, and destroyed objects whose
/// callback, in which that happened, still runs. 0 at the end of a program without leaks.
inline std::uint32_t live_objects() noexcept { return kinect2_live_objects(); }

/// How much a message matters.
enum class log_level : std::uint32_t {
  off = KINECT2_LOG_OFF,      ///< as a limit: no messages
  error = KINECT2_LOG_ERROR,  ///< something failed
  warn = KINECT2_LOG_WARN,    ///< something is odd, and the library goes on
  info = KINECT2_LOG_INFO,    ///< what happens in the large
  debug = KINECT2_LOG_DEBUG,  ///< what happens in detail
};

namespace detail {
using log_slot = callback_slot<log_level, std::string_view>;

inline log_slot &the_log() {
  static auto *slot = new log_slot;  // as exception_sink
  return *slot;
}
}  // namespace detail

/// Sets the function that gets the library's messages up to `max_level`; one for the process, which is silent without.
/// It may run on any thread, and on several at once. Empty removes it.
inline result<void> try_set_log(log_level max_level, std::function<void(log_level, std::string_view)> callback) {
  // The handle of this "setter" is the level.
  const auto setter = +[](std::uint32_t *level, kinect2_log_fn function, void *user_data) {
    return kinect2_set_log_callback(*level, function, user_data);
  };
  std::uint32_t level = detail::number(max_level);
  return detail::the_log().set(std::move(callback), &level, setter,
                               [](std::uint32_t of, const char *message, void *user_data) {
                                 detail::log_slot::run(user_data, [&](auto &function) {
                                   function(static_cast<log_level>(of), message);
                                 });
                               });
}
inline void set_log(log_level max_level, std::function<void(log_level, std::string_view)> callback) {
  try_set_log(max_level, std::move(callback)).value();
}

/// Destroys every device, server, browser, client and compressor in the process, removes the log function, and returns
/// when no callback can run any more. Objects of them stay, and fail with status::bad_handle; frames stay as they are.
/// For a program whose code is about to go (a plug-in), not for a library in it. status::bad_state inside a callback.
///
/// Call this and never the C function kinect2_shutdown(): that one does not tell these classes, and an object which goes
/// meanwhile would free a callback that still runs.
inline result<void> try_shutdown() {
  result<void> outcome = detail::done(detail::shutdown_keeper::instance().shut_down());
  if (outcome) outcome = try_set_log(log_level::off, {});  // it is removed already: this frees it
  return outcome;
}
inline void shutdown() { try_shutdown().value(); }

}  // namespace kinect2

#endif
