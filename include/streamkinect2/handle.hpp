// handle.hpp - what device, server, browser, client and compressor have in common: they own a handle of the C library
// and the callbacks that are registered with it.
#ifndef STREAMKINECT2_HANDLE_HPP
#define STREAMKINECT2_HANDLE_HPP

#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "callback.hpp"

namespace kinect2 {
namespace detail {

/// Callbacks of handles that shutdown() destroyed and whose objects went before it was done. Who destroys a handle for
/// the second time is not told when its last callback ends; shutdown() is.
class shutdown_keeper {
 public:
  static shutdown_keeper &instance() {
    static auto *keeper = new shutdown_keeper;  // as exception_sink
    return *keeper;
  }

  kinect2_result_t shut_down() {
    {
      const std::lock_guard<std::mutex> lock(mutex_);
      ++running_;
    }
    const kinect2_result_t code = kinect2_shutdown();
    std::vector<std::shared_ptr<void>> ended;
    const std::lock_guard<std::mutex> lock(mutex_);
    if (--running_ == 0) ended.swap(kept_);
    return code;
  }

  void keep(std::shared_ptr<void> callbacks) {
    const std::lock_guard<std::mutex> lock(mutex_);
    if (running_ > 0) kept_.push_back(std::move(callbacks));
  }

 private:
  std::mutex mutex_;
  unsigned running_ = 0;
  std::vector<std::shared_ptr<void>> kept_;
};

/// Keeps the constructors that take a handle apart from those that take options, also from `{}`.
struct adopt_t {
  explicit adopt_t() = default;
};

/// Owns a handle: move-only. An object that was moved from or reset is empty; its functions fail with
/// status::bad_handle.
///
/// Several threads may use it at once. As with any object, none may while another one moves or destroys it; but its own
/// callbacks may while it is destroyed, reset or assigned over, since these wait for them. (What they call then fails
/// with status::bad_handle.)
template <class Handle, class Callbacks, kinect2_result_t (*Destroy)(Handle *)>
class handle {
 public:
  handle(handle &&other) noexcept
      : handle_(std::exchange(other.handle_, nullptr)), callbacks_(std::move(other.callbacks_)) {}
  handle &operator=(handle &&other) noexcept {
    if (this != &other) {
      reset();
      handle_ = std::exchange(other.handle_, nullptr);
      callbacks_ = std::move(other.callbacks_);
    }
    return *this;
  }

  /// Whether it is not empty.
  explicit operator bool() const noexcept { return handle_ != nullptr; }
  /// The handle, for functions of the C library. It stays this object's.
  Handle *get() const noexcept { return handle_; }

  /// Destroys it now: from here on no callback starts, and the last one has returned when this returns. Inside a
  /// callback of its own it does not wait for that one. Afterwards it is empty.
  void reset() noexcept {
    const kinect2_result_t code = Destroy(handle_);  // until this has returned, callbacks may use this object
    handle_ = nullptr;
    std::shared_ptr<Callbacks> ended = std::move(callbacks_);
    if (code == KINECT2_ERROR_BAD_HANDLE && ended) shutdown_keeper::instance().keep(std::move(ended));
  }

 protected:
  ~handle() { reset(); }

  /// Takes a handle of the C library over.
  handle(adopt_t, Handle *created) : handle(created) {
    callbacks_ = std::make_shared<Callbacks>();  // should this throw, the handle is owned already
  }

  /// Sets the callback of one kind.
  template <class... Arguments, class Trampoline>
  result<void> set(callback_slot<Arguments...> Callbacks::*kind, std::function<void(Arguments...)> function,
                   kinect2_result_t (*setter)(Handle *, Trampoline, void *),
                   std::common_type_t<Trampoline> trampoline) {
    if (!callbacks_) return done(setter(nullptr, nullptr, nullptr));  // says that there is no handle
    const std::shared_ptr<Callbacks> callbacks = callbacks_;  // what was captured by what is replaced may own this object
    return ((*callbacks).*kind).set(std::move(function), handle_, setter, trampoline);
  }

  const std::shared_ptr<Callbacks> &callbacks() const noexcept { return callbacks_; }

 private:
  explicit handle(Handle *created) noexcept : handle_(created) {}

  Handle *handle_;
  std::shared_ptr<Callbacks> callbacks_;
};

/// The texts that a list of a handle's has, by their indices. A list that changes meanwhile may lack some.
template <class Handle>
std::vector<std::string> ids(const Handle *handle, std::uint32_t (*count)(const Handle *),
                             kinect2_result_t (*ask)(const Handle *, std::uint32_t, char *, std::size_t,
                                                     std::size_t *)) {
  std::vector<std::string> all;
  const std::uint32_t there = count(handle);
  for (std::uint32_t i = 0; i < there; i++)
    if (auto id = text([&](char *buffer, std::size_t capacity, std::size_t *length) {
          return ask(handle, i, buffer, capacity, length);
        }))
      all.push_back(*std::move(id));
  return all;
}

}  // namespace detail
}  // namespace kinect2

#endif
