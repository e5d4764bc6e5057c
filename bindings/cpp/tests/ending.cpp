// What ends: objects with their callbacks, outside of these and inside of them, and the library beside both.
#include <memory>
#include <thread>

#include "witness.hpp"

namespace {

void destroying_waits_for_the_last_callback() {
  for (int round = 0; round < 20; ++round) {
    std::atomic<int> alive{0};
    mock_rig rig(small_mock("ended", 300));
    auto held = std::make_shared<witness>(alive);
    rig.client->on_frame([held](const kinect2::frame &) { held->use(); });
    rig.client->on_event([held](const kinect2::event &) { held->use(); });
    rig.client->enable_depth_frames();
    rig.client->ping([held](const auto &) { held->use(); });
    std::this_thread::sleep_for(std::chrono::milliseconds(round));
    rig.client.reset();
    CHECK_EQUAL(held.use_count(), 1);
  }
}

void callbacks_may_use_their_object_while_it_is_destroyed() {
  for (int round = 0; round < 20; ++round) {
    mock_rig rig(small_mock("used", 300));
    std::atomic<int> calls{0};
    rig.client->on_frame([&, client = &*rig.client](const kinect2::frame &) {
      for (int i = 0; i < 20; ++i) {
        const auto outcome = client->try_on_event([](const kinect2::event &) {});
        CHECK(outcome || outcome.code() == kinect2::status::bad_handle);
        CHECK(client->kinects().size() <= 1);
      }
      ++calls;
    });
    rig.client->enable_depth_frames();
    REQUIRE_WITHIN(5s, calls > round % 3);
    if (round % 2)
      rig.client.reset();
    else
      *rig.client = kinect2::client(rig.server.endpoint());
  }
}

// Each sets a callback that calls `end`, in which the client is destroyed, and makes it run.
void a_client_is_destroyed_in_each_of_its_callbacks() {
  using setter = void (*)(push_rig &, const std::function<void()> &end);
  const setter kinds[] = {
      [](push_rig &rig, const std::function<void()> &end) { rig.client->on_connect(end); },
      [](push_rig &rig, const std::function<void()> &end) {
        rig.client->on_disconnect([end](kinect2::status) { end(); });
        rig.server.stop();
      },
      [](push_rig &rig, const std::function<void()> &end) {
        rig.client->on_add_kinect([end](const std::string &id) {
          end();
          CHECK_EQUAL(id, "inside");
        });
      },
      [](push_rig &rig, const std::function<void()> &end) {
        rig.client->on_remove_kinect([end](const std::string &) { end(); });
        rig.server.remove_kinect(rig.device);
      },
      [](push_rig &rig, const std::function<void()> &end) {
        rig.client->on_depth_frame([end](const kinect2::frame &frame) {
          end();
          CHECK_EQUAL(frame.pixels()[1], 8);  // what a callback is given is there until it returns
        });
        rig.client->enable_depth_frames();
        rig.wait_for_subscribers(1);
        rig.device.push(kinect2::image_layout::depth(small_width, small_height), counting(7));
      },
      [](push_rig &rig, const std::function<void()> &end) {
        rig.client->on_event([end](const kinect2::event &) { end(); });
        (void)rig.client->try_ping();
      },
      [](push_rig &rig, const std::function<void()> &end) {
        rig.client->ping([end](const kinect2::result<std::chrono::nanoseconds> &) { end(); });
      },
  };
  for (const setter set : kinds) {
    std::atomic<int> alive{0}, ended{0};
    std::atomic<bool> unused{false};  // the object, by this thread: then the callback may destroy it
    push_rig rig(small_push("inside"));
    kinect2::client *const client = &*rig.client;
    set(rig, [client, &unused, &ended, held = std::make_shared<witness>(alive)] {
      while (!unused) std::this_thread::yield();
      client->reset();
      CHECK(!*client);
      held->use();  // the function that runs is there until it returns
      ++ended;
    });
    unused = true;
    CHECK_WITHIN(5s, ended == 1);
    CHECK_WITHIN(2s, alive == 0);
    CHECK_EQUAL(ended.load(), 1);
    CHECK_THROWS(bad_handle, rig.client->connect());
  }
}

void device_server_and_compressor_are_destroyed_in_their_callbacks() {
  std::atomic<int> alive{0}, ended{0};
  std::atomic<bool> unused{false};
  mock_rig rig(small_mock("inside", 100));
  rig.server.on_event([&, held = std::make_shared<witness>(alive)](const kinect2::event &event) {
    while (!unused) std::this_thread::yield();
    rig.server.reset();
    CHECK_EQUAL(event.type, kinect2::event_type::subscribers);
    held->use();
    ++ended;
  });
  rig.client->enable_depth_frames();
  unused = true;
  CHECK_WITHIN(5s, ended == 1);
  unused = false;
  kinect2::compressor compressor(rig.device, kinect2::stream::depth);
  compressor.on_compressed_frame([&, held = std::make_shared<witness>(alive)](auto data, const auto &info) {
    while (!unused) std::this_thread::yield();
    compressor.reset();
    CHECK(!data.empty() && info.width == small_width);
    held->use();
    ++ended;
  });
  unused = true;
  CHECK_WITHIN(5s, ended == 2);
  unused = false;
  rig.device.on_frame([&, held = std::make_shared<witness>(alive)](const kinect2::frame &frame) {
    while (!unused) std::this_thread::yield();
    rig.device.reset();
    CHECK_EQUAL(frame.width(), small_width);
    held->use();
    ++ended;
  });
  unused = true;
  CHECK_WITHIN(5s, ended == 3);
  CHECK_WITHIN(2s, alive == 0);
}

void a_callback_that_owns_its_object_takes_it_along() {
  std::atomic<int> frames{0};
  mock_rig rig(small_mock("owned", 100));
  auto owned = std::make_shared<kinect2::client>(std::move(*rig.client));
  const std::weak_ptr<kinect2::client> seen = owned;
  owned->on_frame([owned, &frames](const kinect2::frame &) {
    ++frames;
    owned->on_frame(nullptr);  // ends the cycle: with this function the last owner goes
  });
  owned->enable_depth_frames();
  owned.reset();
  CHECK_WITHIN(5s, frames == 1 && seen.expired());
}

// A handle of a library in which a call always begins just before the handle ends.
struct late_caller {
  void (*function)(late_caller *, void *) = nullptr;
  void *user_data = nullptr;
};

kinect2_result_t set_late(late_caller *handle, void (*function)(late_caller *, void *), void *user_data) {
  handle->function = function;
  handle->user_data = user_data;
  return KINECT2_OK;
}

kinect2_result_t destroy_late(late_caller *handle) {
  if (handle && handle->function) handle->function(handle, handle->user_data);
  return KINECT2_OK;
}

struct late_callbacks {
  kinect2::detail::callback_slot<> last;
};

struct late_object : kinect2::detail::handle<late_caller, late_callbacks, destroy_late> {
  explicit late_object(late_caller &caller) : handle(kinect2::detail::adopt_t(), &caller) {}
  void on_last(std::function<void()> function) {
    set(&late_callbacks::last, std::move(function), set_late, [](late_caller *, void *user_data) {
      kinect2::detail::callback_slot<>::run(user_data, [](auto &last) { last(); });
    }).value();
  }
};

void a_call_that_begins_while_the_handle_ends_finds_all_as_it_was() {
  std::atomic<int> alive{0}, calls{0};
  late_caller first, second;
  {
    late_object object(first);
    object.on_last([&, held = std::make_shared<witness>(alive)] {
      held->use();
      CHECK(object.get() == &first);
      ++calls;
    });
    late_object other(second);
    other.on_last([&] { ++calls; });
    object = std::move(other);
    CHECK_EQUAL(calls.load(), 1);
    CHECK_EQUAL(alive.load(), 0);
    CHECK(object.get() == &second && !other);  // NOLINT: that is what is tested
  }
  CHECK_EQUAL(calls.load(), 2);
}

void what_ends_during_a_shutdown_is_kept_until_no_call_can_begin() {
  std::atomic<int> alive{0};
  gate gate;
  mock_rig rig(small_mock("kept", 100));
  rig.client->on_frame([&](const kinect2::frame &) { gate.pass(); });
  rig.client->on_disconnect([held = std::make_shared<witness>(alive)](kinect2::status) { held->use(); });
  rig.client->enable_depth_frames();
  REQUIRE_WITHIN(5s, gate.entered == 1);
  std::thread ending([] { kinect2::shutdown(); });
  CHECK_WITHIN(5s, rig.client->try_connect().code() == kinect2::status::bad_handle);
  rig.client.reset();  // returns at once: that the callback still runs is shutdown()'s to know
  CHECK_EQUAL(alive.load(), 1);
  gate.open = true;
  ending.join();
  CHECK_EQUAL(alive.load(), 0);
}

void shutdown_may_come_before_or_beside_the_destructors() {
  for (int round = 0; round < 10; ++round) {
    std::atomic<int> alive{0};
    auto device = small_mock("shut", 300);
    device.on_frame([held = std::make_shared<witness>(alive)](const kinect2::frame &) { held->use(); });
    device.start();
    std::this_thread::sleep_for(5ms);
    std::thread other([&] { device.reset(); });
    kinect2::shutdown();
    other.join();
    CHECK_EQUAL(alive.load(), 0);
    CHECK_THROWS(bad_handle, device.start());
  }
  auto device = small_mock("shut", 100);
  std::atomic<bool> refused{false};
  device.on_frame([&](const kinect2::frame &) { refused = kinect2::try_shutdown().code() == kinect2::status::bad_state; });
  device.start();
  CHECK_WITHIN(5s, refused);
  kinect2::shutdown();
}

}  // namespace

int main() {
  RUN(destroying_waits_for_the_last_callback);
  RUN(callbacks_may_use_their_object_while_it_is_destroyed);
  RUN(a_client_is_destroyed_in_each_of_its_callbacks);
  RUN(device_server_and_compressor_are_destroyed_in_their_callbacks);
  RUN(a_callback_that_owns_its_object_takes_it_along);
  RUN(a_call_that_begins_while_the_handle_ends_finds_all_as_it_was);
  RUN(what_ends_during_a_shutdown_is_kept_until_no_call_can_begin);
  RUN(shutdown_may_come_before_or_beside_the_destructors);
  return check::finish();
}
