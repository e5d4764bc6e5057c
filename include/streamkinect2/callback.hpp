// callback.hpp - std::function as callbacks of a C library: how they live as long as they may be called, and what
// becomes of exceptions.
//
// Each function lies in an object of its own on the heap, whose address is the library's user_data: moving a client
// moves no callback. The library says when an address may be freed (guarantees 8 and 9 of streamkinect2.h): when the
// call that replaces, removes or destroys has returned; but inside of the callback itself, only after that one
// (guarantee 10). So a running callback holds a reference to its own object.
#ifndef STREAMKINECT2_CALLBACK_HPP
#define STREAMKINECT2_CALLBACK_HPP

#include <algorithm>
#include <cstdio>
#include <exception>
#include <functional>
#include <memory>
#include <mutex>
#include <utility>
#include <vector>

#include "result.hpp"

namespace kinect2 {

/// Gets exceptions that left a callback. Runs on the callback's thread, perhaps on several at once.
using exception_handler = std::function<void(std::exception_ptr)>;

namespace detail {

struct exception_sink {
  std::mutex mutex;
  std::shared_ptr<const exception_handler> handler;

  /// Never destroyed: callbacks may run while the program's globals are.
  static exception_sink &instance() {
    static auto *sink = new exception_sink;
    return *sink;
  }
};

#if defined(__cpp_exceptions) || defined(_CPPUNWIND)
inline void print(const std::exception_ptr &thrown) {
  try {
    std::rethrow_exception(thrown);
  } catch (const std::exception &exception) {
    std::fprintf(stderr, "streamkinect2: an exception left a callback: %s\n", exception.what());
  } catch (...) {
    std::fprintf(stderr, "streamkinect2: an exception left a callback\n");
  }
}

inline void report_exception() noexcept {
  const std::exception_ptr thrown = std::current_exception();
  try {
    std::shared_ptr<const exception_handler> handler;
    {
      exception_sink &sink = exception_sink::instance();
      const std::lock_guard<std::mutex> lock(sink.mutex);
      handler = sink.handler;
    }
    handler ? (*handler)(thrown) : print(thrown);
  } catch (...) {  // NOLINT: a handler that fails has nobody left to tell
  }
}

/// Runs the host's code: no exception passes, since the library beneath is not C++.
template <class Body>
void guarded(Body &&body) noexcept {
  try {
    body();
  } catch (...) {
    report_exception();
  }
}
#else
template <class Body>
void guarded(Body &&body) noexcept {
  body();
}
#endif

/// One function that the library calls back.
template <class... Arguments>
struct callback : std::enable_shared_from_this<callback<Arguments...>> {
  explicit callback(std::function<void(Arguments...)> given) : function(std::move(given)) {}

  std::function<void(Arguments...)> function;
};

/// The callback of one kind that a handle has. It may be set by several threads at once, and inside of itself.
///
/// Of calls to the library that overlap nobody can tell which came last. So what was set in an overlap is kept, and
/// what was there before it is freed when the last of these calls has returned: by then each has been replaced and
/// has run for the last time.
template <class... Arguments>
class callback_slot {
 public:
  using function = std::function<void(Arguments...)>;

  /// Registers `wanted`, or removes what there is if it is empty. `trampoline` is what the library calls; it calls
  /// run() with its user_data.
  template <class Handle, class Trampoline>
  result<void> set(function wanted, Handle *handle, kinect2_result_t (*setter)(Handle *, Trampoline, void *),
                   std::common_type_t<Trampoline> trampoline) {
    const shared next = wanted ? std::make_shared<callback<Arguments...>>(std::move(wanted)) : nullptr;
    begin(next);
    const kinect2_result_t code = setter(handle, next ? trampoline : nullptr, next.get());
    result<void> outcome = done(code);
    const std::vector<shared> ended = end(next, outcome.has_value());
    return outcome;  // `ended` goes here, with no lock held: destructors of what a function captured may do anything
  }

  /// What a trampoline does: `body(function)`, which calls the function with what it is to get.
  template <class Body>
  static void run(void *user_data, Body body) noexcept {
    const shared self = static_cast<callback<Arguments...> *>(user_data)->shared_from_this();
    guarded([&] { body(self->function); });
  }

 private:
  using shared = std::shared_ptr<callback<Arguments...>>;

  void begin(const shared &next) {
    const std::lock_guard<std::mutex> lock(mutex_);
    if (next) registered_.push_back(next);
    if (calls_++ == 0) {
      older_ = registered_.size() - (next ? 1 : 0);
      replaced_ = false;
    }
  }

  std::vector<shared> end(const shared &next, bool success) {
    std::vector<shared> ended;
    const std::lock_guard<std::mutex> lock(mutex_);
    replaced_ |= success;
    if (!success && next) {
      const auto failed = std::find(registered_.begin(), registered_.end(), next);
      ended.push_back(std::move(*failed));
      registered_.erase(failed);
    }
    if (--calls_ == 0 && replaced_) {
      const auto newer = registered_.begin() + static_cast<std::ptrdiff_t>(older_);
      std::move(registered_.begin(), newer, std::back_inserter(ended));
      registered_.erase(registered_.begin(), newer);
    }
    return ended;
  }

  std::mutex mutex_;
  std::vector<shared> registered_;  // in the order of begin(); usually one or none
  std::size_t calls_ = 0;           // that have begun and not ended
  std::size_t older_ = 0;           // the first so many were there when the first of these calls began
  bool replaced_ = false;           // one of these calls replaced what was there
};

/// Functions that are called once, or not at all if their handle goes first.
template <class... Arguments>
class one_shots {
 public:
  using function = std::function<void(Arguments...)>;

  /// Hands `wanted` over by `call(user_data)`.
  template <class Call>
  result<void> add(function wanted, Call call) {
    auto shot = std::make_unique<one_shot>(one_shot{this, std::move(wanted)});
    one_shot *const user_data = shot.get();
    {
      const std::lock_guard<std::mutex> lock(mutex_);
      waiting_.push_back(std::move(shot));
    }
    result<void> outcome = done(call(user_data));
    if (!outcome) take(user_data);
    return outcome;
  }

  /// As callback_slot::run(). The handle, and this with it, may be gone when `body` returns.
  template <class Body>
  static void run(void *user_data, Body body) noexcept {
    auto *const called = static_cast<one_shot *>(user_data);
    const std::unique_ptr<one_shot> shot = called->home->take(called);
    guarded([&] { body(shot->call); });
  }

 private:
  struct one_shot {
    one_shots *home;
    function call;
  };

  std::unique_ptr<one_shot> take(const one_shot *wanted) noexcept {
    const std::lock_guard<std::mutex> lock(mutex_);
    const auto found = std::find_if(waiting_.begin(), waiting_.end(), [&](auto &shot) { return shot.get() == wanted; });
    std::unique_ptr<one_shot> shot = std::move(*found);
    waiting_.erase(found);
    return shot;
  }

  std::mutex mutex_;
  std::vector<std::unique_ptr<one_shot>> waiting_;
};

}  // namespace detail

/// Sets what happens to exceptions that leave a callback: they end there and go to `handler`. Without one, or with an
/// empty one, their what() is printed on stderr. Exceptions of the handler itself are dropped. One for the program.
inline void on_callback_exception(exception_handler handler) {
  auto next = handler ? std::make_shared<const exception_handler>(std::move(handler)) : nullptr;
  detail::exception_sink &sink = detail::exception_sink::instance();
  const std::lock_guard<std::mutex> lock(sink.mutex);
  sink.handler.swap(next);
}

}  // namespace kinect2

#endif
