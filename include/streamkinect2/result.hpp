// result.hpp - how calls end: `status` is the kind, `error` is thrown, `result<T>` is what the functions
// that begin with try_ return.
#ifndef STREAMKINECT2_RESULT_HPP
#define STREAMKINECT2_RESULT_HPP

#include <cstdio>
#include <cstdlib>
#include <optional>
#include <stdexcept>
#include <string>
#include <utility>

#include "../streamkinect2.h"

namespace kinect2 {

/// How a call ended: 0 is success, negative numbers are errors, positive ones say that there is no value (now).
/// Later versions of the library may add numbers.
enum class status : kinect2_result_t {
  ok = KINECT2_OK,
  timeout = KINECT2_TIMEOUT,                            ///< nothing came in time: no error, ask again
  closed = KINECT2_CLOSED,                              ///< nothing more will come
  internal = KINECT2_ERROR_INTERNAL,                    ///< a defect of the library
  invalid_argument = KINECT2_ERROR_INVALID_ARGUMENT,    ///< outside of what the function accepts
  bad_handle = KINECT2_ERROR_BAD_HANDLE,                ///< an object that is empty, or ended by shutdown()
  bad_state = KINECT2_ERROR_BAD_STATE,                  ///< not possible now
  not_found = KINECT2_ERROR_NOT_FOUND,                  ///< no such kinect, server or stream
  buffer_too_small = KINECT2_ERROR_BUFFER_TOO_SMALL,    ///< the caller's buffer is too small
  io = KINECT2_ERROR_IO,                                ///< the operating system or the network failed
  protocol = KINECT2_ERROR_PROTOCOL,                    ///< the peer does not keep to the protocol
  unsupported = KINECT2_ERROR_UNSUPPORTED,              ///< not offered by this version, build, stream or codec
  corrupt = KINECT2_ERROR_CORRUPT,                      ///< data does not decode
  in_use = KINECT2_ERROR_IN_USE,                        ///< a port that is taken, an id that is there already
  out_of_memory = KINECT2_ERROR_OUT_OF_MEMORY,          ///< memory or a thread could not be had
  limit = KINECT2_ERROR_LIMIT,                          ///< larger or more than is accepted
  refused = KINECT2_ERROR_REFUSED,                      ///< keys or permissions
};

/// The constant's name, such as "KINECT2_ERROR_BAD_HANDLE"; static text.
inline const char *name(status code) noexcept { return kinect2_result_name(static_cast<kinect2_result_t>(code)); }

/// Why there is no value: the kind and, for errors, the library's text of what was wrong and what to do.
struct failure {
  status code = status::ok;
  std::string text = {};
};

/// What functions without try_ throw. what() is the text with the constant's name behind it.
class error : public std::runtime_error {
 public:
  explicit error(const failure &why)
      : std::runtime_error(why.text.empty() ? std::string(name(why.code)) : why.text + " (" + name(why.code) + ")"),
        code_(why.code) {}

  /// The kind of failure; negative.
  status code() const noexcept { return code_; }

 private:
  status code_;
};

namespace detail {

/// Without exceptions in the compiler (-fno-exceptions) there are the functions with try_; the others end the
/// program here.
[[noreturn]] inline void raise(const failure &why) {
#if defined(__cpp_exceptions) || defined(_CPPUNWIND)
  throw error(why);
#else
  std::fprintf(stderr, "streamkinect2: %s (%s)\n", why.text.c_str(), name(why.code));
  std::abort();
#endif
}

/// This thread's last failure has its text in the library until the next one: take it at once.
inline failure last_failure(kinect2_result_t code) {
  failure why{static_cast<status>(code)};
  std::size_t length = 0;
  if (code < 0 && kinect2_last_error(nullptr, 0, &length) == KINECT2_OK) {
    why.text.resize(length + 1);
    kinect2_last_error(why.text.data(), why.text.size(), &length);
    why.text.resize(length);
  }
  return why;
}

}  // namespace detail

/// A value, or why there is none: a small std::expected. Of its observers only value() throws; operator* and
/// operator-> need a value to be there.
template <class T>
class [[nodiscard]] result {
 public:
  result(T value) : value_(std::move(value)) {}              // NOLINT: both are meant to be returned as they are
  result(failure why) noexcept : failure_(std::move(why)) {}  // NOLINT

  bool has_value() const noexcept { return value_.has_value(); }
  explicit operator bool() const noexcept { return has_value(); }

  /// status::ok with a value; timeout and closed are no errors.
  status code() const noexcept { return failure_.code; }
  /// The library's text of an error; empty without one.
  const std::string &text() const noexcept { return failure_.text; }

  T &operator*() & { return *value_; }
  const T &operator*() const & { return *value_; }
  T &&operator*() && { return std::move(*value_); }
  T *operator->() { return &*value_; }
  const T *operator->() const { return &*value_; }

  /// The value. Throws error without one.
  T &value() & { return check(), *value_; }
  const T &value() const & { return check(), *value_; }
  T &&value() && { return check(), std::move(*value_); }

 private:
  void check() const {
    if (!value_) detail::raise(failure_);
  }

  std::optional<T> value_;
  failure failure_;
};

/// Success, or why not.
template <>
class [[nodiscard]] result<void> {
 public:
  result() noexcept = default;
  result(failure why) noexcept : failure_(std::move(why)) {}  // NOLINT: as above

  bool has_value() const noexcept { return failure_.code == status::ok; }
  explicit operator bool() const noexcept { return has_value(); }
  status code() const noexcept { return failure_.code; }
  const std::string &text() const noexcept { return failure_.text; }

  /// Throws error if this is none of success.
  void value() const {
    if (!has_value()) detail::raise(failure_);
  }

 private:
  failure failure_;
};

namespace detail {

/// The result of a call that gives no value.
inline result<void> done(kinect2_result_t code) {
  if (code == KINECT2_OK) return {};
  return last_failure(code);
}

/// For functions without try_ whose result may be "no value now": only errors are thrown.
template <class T>
result<T> unless_error(result<T> outcome) {
  if (outcome.code() < status::ok) raise({outcome.code(), outcome.text()});
  return outcome;
}

/// The text that `ask(buffer, capacity, &length)` gives, however long it is and becomes meanwhile.
template <class Ask>
result<std::string> text(Ask ask) {
  char usual[KINECT2_TEXT_CAPACITY];
  std::size_t length = 0;
  kinect2_result_t code = ask(usual, sizeof usual, &length);
  if (code == KINECT2_OK) return std::string(usual, length);
  std::string longer;
  while (code == KINECT2_ERROR_BUFFER_TOO_SMALL) {
    longer.resize(length + 1);
    code = ask(longer.data(), longer.size(), &length);
  }
  if (code != KINECT2_OK) return last_failure(code);
  longer.resize(length);
  return longer;
}

}  // namespace detail
}  // namespace kinect2

#endif
