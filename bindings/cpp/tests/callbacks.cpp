// Callbacks live exactly as long as they may be called: over moves and replacing, also while they run and inside of
// themselves.
#include <memory>
#include <thread>

#include "witness.hpp"

namespace {

void what_is_replaced_or_removed_is_freed_when_the_call_returns() {
  std::atomic<int> alive{0};
  mock_rig rig(small_mock("freed", 300));
  kinect2::compressor compressor(rig.device, kinect2::stream::depth);
  rig.client->enable_depth_frames();
  const auto try_kind = [&](auto set) {
    auto current = std::make_shared<witness>(alive);
    for (int round = 0; round < 40; ++round) {
      current = std::make_shared<witness>(alive);
      set([held = current](const auto &...) { held->use(); });
      std::this_thread::sleep_for(std::chrono::milliseconds(round % 7));
      CHECK_EQUAL(alive.load(), 1);  // those before are gone with what they captured
    }
    CHECK_WITHIN(5s, current->calls > 0);
    set(nullptr);
    const int calls = current->calls;
    CHECK_EQUAL(current.use_count(), 1);
    std::this_thread::sleep_for(20ms);
    CHECK_EQUAL(current->calls.load(), calls);
  };
  try_kind([&](auto function) { rig.device.on_frame(std::move(function)); });
  try_kind([&](auto function) { rig.client->on_frame(std::move(function)); });
  try_kind([&](auto function) { rig.client->on_depth_frame(std::move(function)); });
  try_kind([&](auto function) { rig.client->on_add_kinect(std::move(function)); });
  try_kind([&](auto function) { rig.client->on_connect(std::move(function)); });
  try_kind([&](auto function) { compressor.on_compressed_frame(std::move(function)); });
  CHECK_EQUAL(alive.load(), 0);
}

void replacing_waits_for_the_call_that_runs() {
  gate gate;
  mock_rig rig(small_mock("running", 100));
  rig.client->on_frame([&](const kinect2::frame &) { gate.pass(); });
  rig.client->enable_depth_frames();
  REQUIRE_WITHIN(5s, gate.entered == 1);
  std::thread opener([&] {
    std::this_thread::sleep_for(200ms);
    gate.open = true;
  });
  rig.client->on_frame(nullptr);
  CHECK(gate.open);
  CHECK_EQUAL(gate.left.load(), gate.entered.load());
  opener.join();
}

void a_callback_replaces_itself_while_another_thread_does() {
  std::atomic<int> alive{0}, inner{0}, outer{0};
  gate gate;
  mock_rig rig(small_mock("both", 100));
  rig.client->enable_depth_frames();
  for (int round = 0; round < 10; ++round) {
    gate.open = false;
    gate.entered = 0;
    auto held = std::make_shared<witness>(alive);
    rig.client->on_frame([&, held](const kinect2::frame &) {
      if (gate.entered == 0) gate.pass();
      rig.client->on_frame([&, held](const kinect2::frame &) { ++inner; });
      held->use();  // this function is alive until it returns
    });
    held.reset();
    REQUIRE_WITHIN(5s, gate.entered == 1);
    std::thread replacer([&] { rig.client->on_frame([&](const kinect2::frame &) { ++outer; }); });
    std::this_thread::sleep_for(20ms);  // it waits for the call that runs
    gate.open = true;
    replacer.join();
    inner = outer = 0;
    CHECK_WITHIN(5s, inner + outer > 0);  // one of the two is set, and is called
    CHECK(inner == 0 || outer == 0);
    rig.client->on_frame(nullptr);
    CHECK_EQUAL(alive.load(), 0);
  }
}

void many_threads_replace_at_once() {
  std::atomic<int> alive{0};
  mock_rig rig(small_mock("many", 300));
  rig.client->enable_depth_frames();
  std::vector<std::thread> threads;
  for (int number = 0; number < 4; ++number)
    threads.emplace_back([&] {
      for (int round = 0; round < 100; ++round) {
        auto held = std::make_shared<witness>(alive);
        rig.client->on_frame([held](const kinect2::frame &) { held->use(); });
      }
    });
  for (std::thread &thread : threads) thread.join();
  std::atomic<int> calls{0};
  rig.client->on_frame([&](const kinect2::frame &) { ++calls; });
  CHECK_EQUAL(alive.load(), 0);
  CHECK_WITHIN(5s, calls > 0);
}

void a_callback_sets_another_of_its_object() {
  std::atomic<int> alive{0}, frames{0};
  mock_rig rig(small_mock("other", 100));
  rig.client->on_frame([held = std::make_shared<witness>(alive)](const kinect2::frame &) { held->use(); });
  rig.client->on_depth_frame([&](const kinect2::frame &) {
    rig.client->on_frame([&](const kinect2::frame &) { ++frames; });
    CHECK_EQUAL(alive.load(), 0);  // that one does not run: it goes at once
  });
  rig.client->enable_depth_frames();
  CHECK_WITHIN(5s, frames > 2);
}

void objects_move_while_their_callbacks_run() {
  std::atomic<int> frames{0}, alive{0};
  mock_rig rig(small_mock("moved", 300));
  rig.client->on_frame([&, held = std::make_shared<witness>(alive)](const kinect2::frame &) {
    held->use();
    ++frames;
  });
  rig.client->enable_depth_frames();
  std::vector<kinect2::client> clients;
  clients.push_back(std::move(*rig.client));
  CHECK(!*rig.client);
  for (int round = 0; round < 50; ++round) {
    clients.push_back(kinect2::client(rig.server.endpoint(), patient()));  // the vector grows and moves the others
    std::swap(clients.front(), clients.back());
    std::swap(clients.front(), clients.back());
    const int before = frames;
    CHECK_WITHIN(5s, frames > before);
  }
  clients.front() = kinect2::client(rig.server.endpoint());  // what is assigned over is destroyed
  CHECK_EQUAL(alive.load(), 0);
  const int after = frames;
  std::this_thread::sleep_for(30ms);
  CHECK_EQUAL(frames.load(), after);
}

void a_callback_assigns_a_new_object_over_its_own() {
  std::atomic<int> frames{0};
  std::atomic<bool> unused{false};
  mock_rig rig(small_mock("again", 100));
  rig.client->on_frame([&](const kinect2::frame &) {
    while (!unused) std::this_thread::yield();
    kinect2::client next(rig.server.endpoint(), patient());
    next.on_frame([&](const kinect2::frame &) { ++frames; });
    next.enable_depth_frames();
    next.connect();
    *rig.client = std::move(next);
  });
  rig.client->enable_depth_frames();
  unused = true;
  CHECK_WITHIN(5s, frames > 2);
  rig.client.reset();
}

void pongs_are_called_once_or_freed_with_the_client() {
  std::atomic<int> alive{0}, pongs{0};
  push_rig rig(small_push("pinged"));
  for (int i = 0; i < 10; ++i)
    rig.client->ping([&, held = std::make_shared<witness>(alive)](const auto &round_trip) {
      if (CHECK(round_trip.has_value())) CHECK(*round_trip > 0ns);
      ++pongs;
    });
  CHECK_WITHIN(5s, pongs == 10 && alive == 0);
  kinect2::client nobody("tcp://127.0.0.1:9", patient());
  const auto held = std::make_shared<witness>(alive);
  CHECK_THROWS(bad_state, nobody.ping([held](const auto &) { held->use(); }));
  CHECK_EQUAL(held.use_count(), 1);
  nobody.connect();
  std::atomic<int> closed{0};
  nobody.ping([&, held](const kinect2::result<std::chrono::nanoseconds> &round_trip) {
    CHECK_EQUAL(round_trip.code(), kinect2::status::closed);
    ++closed;
  });
  nobody.disconnect();
  CHECK_EQUAL(closed.load(), 1);
  nobody.connect();
  nobody.ping([held](const auto &) { held->use(); });
  nobody.reset();
  CHECK_EQUAL(held.use_count(), 1);
  CHECK_EQUAL(held->calls.load(), 0);
}

}  // namespace

int main() {
  RUN(what_is_replaced_or_removed_is_freed_when_the_call_returns);
  RUN(replacing_waits_for_the_call_that_runs);
  RUN(a_callback_replaces_itself_while_another_thread_does);
  RUN(many_threads_replace_at_once);
  RUN(a_callback_sets_another_of_its_object);
  RUN(objects_move_while_their_callbacks_run);
  RUN(a_callback_assigns_a_new_object_over_its_own);
  RUN(pongs_are_called_once_or_freed_with_the_client);
  return check::finish();
}
