// Without callbacks: a loop over descriptors, events in their order, the newest frame.
#include <poll.h>

#include <map>

#include "rig.hpp"

namespace {

bool readable(std::intptr_t descriptor, std::chrono::milliseconds timeout) {
  struct pollfd waited = {static_cast<int>(descriptor), POLLIN, 0};
  return ::poll(&waited, 1, static_cast<int>(timeout.count())) == 1;
}

kinect2::event expect(kinect2::client &client, kinect2::event_type type) {
  kinect2::result<kinect2::event> event = client.next_event(check::stretched(5s));
  REQUIRE(event.has_value());
  CHECK_EQUAL(event->type, type);
  CHECK(event->time <= kinect2::monotonic_clock::now() && event->time.time_since_epoch() > 0ns);
  return *event;
}

const kinect2::image_layout small = kinect2::image_layout::depth(small_width, small_height);

void events_come_in_their_order() {
  rig<kinect2::push_device> rig(small_push("polled"));
  kinect2::client client(rig.server.endpoint(), patient());
  const std::intptr_t events = client.poll_fd(kinect2::poll_for::events);
  CHECK(!readable(events, 0ms));
  client.connect();
  CHECK(readable(events, check::stretched(5s)));
  expect(client, kinect2::event_type::connect);
  CHECK_EQUAL(expect(client, kinect2::event_type::add_kinect).id, "polled");
  CHECK(!readable(events, 0ms));
  client.ping();
  const kinect2::event pong = expect(client, kinect2::event_type::pong);
  CHECK_EQUAL(pong.result, kinect2::status::ok);
  CHECK(pong.round_trip() > 0ns && pong.round_trip() < check::stretched(5s));
  client.disconnect();
  expect(client, kinect2::event_type::remove_kinect);
  CHECK_EQUAL(expect(client, kinect2::event_type::disconnect).result, kinect2::status::ok);
  CHECK_EQUAL(client.next_event(kinect2::forever).code(), kinect2::status::closed);
}

void one_loop_serves_server_and_client() {
  rig<kinect2::push_device> rig(small_push("looped"));
  const std::intptr_t served = rig.server.poll_fd(), frames = rig.client->poll_fd(kinect2::poll_for::frames);
  rig.client->enable_depth_frames();
  REQUIRE(readable(served, check::stretched(5s)));
  const auto event = rig.server.next_event(0ms);
  REQUIRE(event.has_value());
  CHECK_EQUAL(event->type, kinect2::event_type::subscribers);
  CHECK_EQUAL(event->value, 1U);
  CHECK_EQUAL(event->id, "looped");
  CHECK_EQUAL(event->stream, kinect2::stream::depth);
  CHECK(!readable(served, 0ms));
  for (std::uint16_t value = 0; value < 5; ++value) {
    CHECK(!readable(frames, 0ms));
    rig.device.push(small, counting(value));
    REQUIRE(readable(frames, check::stretched(5s)));
    const auto frame = rig.client->take_frame(kinect2::stream::all, 0ms);
    REQUIRE(frame.has_value());
    CHECK_EQUAL(frame->pixels()[0], value);
    CHECK_EQUAL(rig.client->take_frame(kinect2::stream::all, 0ms).code(), kinect2::status::timeout);
  }
}

void callbacks_and_polling_get_the_same() {
  rig<kinect2::push_device> rig(small_push("both"));
  std::atomic<int> called{0};
  rig.client->on_frame([&](const kinect2::frame &) { ++called; });
  rig.client->enable_depth_frames();
  rig.wait_for_subscribers(1);
  rig.device.push(small, counting(0));
  CHECK(rig.client->take_frame(kinect2::stream::depth, check::stretched(5s)).has_value());
  CHECK_WITHIN(2s, called == 1);
  rig.client->disable_stream(kinect2::stream::depth);
  rig.wait_for_subscribers(0);
  rig.client->enable_stream(kinect2::stream::depth, "both");
  rig.wait_for_subscribers(1);
  rig.client->disable_depth_frames("both");
  rig.wait_for_subscribers(0);
  CHECK_THROWS(not_found, rig.client->enable_depth_frames("nobody"));
}

void a_wait_for_ever_ends_with_the_object() {
  kinect2::client client("tcp://127.0.0.1:9", patient());
  client.connect();
  std::atomic<bool> closed{false};
  // by its handle: an object must not be used by two threads while one destroys it
  std::thread waiter([&closed, handle = client.get()] {
    kinect2_frame_t *frame = nullptr;
    closed = kinect2_client_take_frame(handle, nullptr, KINECT2_STREAM_ALL, KINECT2_WAIT_FOREVER, &frame) == KINECT2_CLOSED;
  });
  std::this_thread::sleep_for(20ms);
  client.reset();
  waiter.join();
  CHECK(closed);
}

void figures_add_up() {
  rig<kinect2::mock_device> rig(small_mock("counted", 100));
  rig.client->enable_depth_frames();
  for (int taken = 0; taken < 10; ++taken)
    REQUIRE(rig.client->take_frame(kinect2::stream::depth, check::stretched(5s)).has_value());
  const kinect2::client_stats here = rig.client->stats("counted", kinect2::stream::depth);
  CHECK_WITHIN(2s, rig.server.stats("counted", kinect2::stream::depth).sent >= here.received);  // counted when it is sent
  const kinect2::server_stats there = rig.server.stats("counted", kinect2::stream::depth);
  CHECK_EQUAL(here.taken, 10U);
  CHECK(here.delivered == 10 && here.received >= 10 && here.corrupt == 0 && here.bytes > 0);
  CHECK(here.latency_p50 && here.latency_p99 && *here.latency_p50 <= *here.latency_p99);
  CHECK(here.decode_time > 0ns && there.encode_time > 0ns);
  CHECK(there.subscribers == 1 && there.frames_in >= there.encoded && there.bytes > 0);
  CHECK_THROWS(not_found, rig.client->stats("nobody", kinect2::stream::depth));
  CHECK_THROWS(unsupported, rig.client->stats("counted", kinect2::stream::infrared));
}

}  // namespace

int main() {
  RUN(events_come_in_their_order);
  RUN(one_loop_serves_server_and_client);
  RUN(callbacks_and_polling_get_the_same);
  RUN(a_wait_for_ever_ends_with_the_object);
  RUN(figures_add_up);
  return check::finish();
}
