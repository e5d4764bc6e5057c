// Errors: exceptions with code and text, the twins that return results, empty objects, and exceptions that leave
// callbacks.
#include <algorithm>
#include <cstring>
#include <mutex>
#include <type_traits>

#include "rig.hpp"

namespace {

// What the types promise.
template <class T>
constexpr bool move_only = !std::is_copy_constructible_v<T> && !std::is_copy_assignable_v<T> &&
                           std::is_nothrow_move_constructible_v<T> && std::is_nothrow_move_assignable_v<T>;
static_assert(move_only<kinect2::device> && move_only<kinect2::mock_device> && move_only<kinect2::push_device>);
static_assert(move_only<kinect2::server> && move_only<kinect2::browser> && move_only<kinect2::client>);
static_assert(move_only<kinect2::compressor>);
static_assert(std::is_nothrow_copy_constructible_v<kinect2::frame> && std::is_nothrow_move_constructible_v<kinect2::frame>);
static_assert(!std::is_convertible_v<std::string, kinect2::client>);

// Streams and flags are sets.
template <class Set>
constexpr bool is_bitmask(Set a, Set b) {
  Set both = a | b, one = both, other = both;
  one &= ~b;
  other ^= a;
  both &= b;
  Set again = one;
  again |= other;
  return one == a && other == b && both == b && again == (a ^ b) && (a & b) == Set::none;
}
static_assert(is_bitmask(kinect2::stream::depth, kinect2::stream::infrared));
static_assert(is_bitmask(kinect2::frame_flags::lossy, kinect2::frame_flags::restarted));
static_assert(~kinect2::stream::all == kinect2::stream::none);

void errors_have_code_and_text() {
  kinect2::client_options options;
  try {
    kinect2::client client("not an endpoint", options);
    CHECK(false);  // not reached
  } catch (const kinect2::error &error) {
    CHECK_EQUAL(error.code(), kinect2::status::invalid_argument);
    const std::string what = error.what();
    CHECK(what.find("not an endpoint") != std::string::npos);  // the library's text
    CHECK(what.find("(KINECT2_ERROR_INVALID_ARGUMENT)") != std::string::npos);
  }
  CHECK_THROWS(invalid_argument, kinect2::client{options});  // neither endpoint nor name
  kinect2::mock_options small;
  small.width = 0;
  CHECK_THROWS(invalid_argument, kinect2::mock_device{small});
  kinect2::mock_options color;
  color.streams = kinect2::stream::color;
  CHECK_THROWS(unsupported, kinect2::mock_device{color});
  kinect2::server_options nowhere;
  nowhere.address = "not.an.address";
  CHECK_THROWS(invalid_argument, kinect2::server{nowhere});
  kinect2::browser_options elsewhere;
  elsewhere.address = "192.0.2.1";
  kinect2::browser browser(elsewhere);
  CHECK_THROWS(invalid_argument, browser.start());
  CHECK_THROWS(not_found, browser.endpoint("nobody"));
}

void texts_with_a_nul_are_refused() {
  using namespace std::string_literals;
  const std::string cut = "tcp://127.0.0.1:9\0 and more"s;
  const kinect2::result<kinect2::client> refused = kinect2::client::try_create(cut);
  CHECK_EQUAL(refused.code(), kinect2::status::invalid_argument);
  CHECK(refused.text().find("has a NUL in it") != std::string::npos);
  CHECK_THROWS(invalid_argument, kinect2::push_device{"id\0"s});
  kinect2::server_options named = quiet();
  named.name = "\0 name"s;
  CHECK_THROWS(invalid_argument, kinect2::server{named});
  auto device = small_push("known");
  kinect2::server server(quiet());
  server.add_kinect(device);
  server.start();
  CHECK_THROWS(invalid_argument, server.stats("known\0"s, kinect2::stream::depth));
  CHECK_THROWS(invalid_argument, server.endpoint(kinect2::endpoint_type::depth, "known\0"s));
  kinect2::client client(server.endpoint());
  CHECK_THROWS(invalid_argument, client.enable_depth_frames("known\0"s));
  client.connect();
  CHECK_WITHIN(5s, client.streams("known") == kinect2::stream::depth);
  CHECK_EQUAL(client.streams("known\0"s), kinect2::stream::none);
  CHECK_THROWS(invalid_argument, kinect2::browser{}.endpoint("name\0"s));
}

void a_taken_port_and_id_are_in_use() {
  kinect2::server first(quiet());
  first.start();
  const std::string endpoint = first.endpoint();
  kinect2::server_options options = quiet();
  options.port = static_cast<std::uint32_t>(std::stoul(endpoint.substr(endpoint.rfind(':') + 1)));
  kinect2::server second(options);
  CHECK_THROWS(in_use, second.start());
  const kinect2::result<void> outcome = second.try_start();
  CHECK_EQUAL(outcome.code(), kinect2::status::in_use);
  CHECK(outcome.text().find(std::to_string(options.port)) != std::string::npos);
  CHECK_THROWS(bad_state, second.endpoint());
  CHECK_THROWS(bad_state, second.address());
  CHECK_EQUAL(first.address(), "127.0.0.1");
  auto device = small_push("twice"), other = small_push("twice");
  first.add_kinect(device);
  CHECK_THROWS(in_use, first.add_kinect(other));
  CHECK_THROWS(not_found, first.remove_kinect(other));
  CHECK_THROWS(not_found, first.stats("nobody", kinect2::stream::depth));
}

void results_are_values_or_reasons() {
  kinect2::result<kinect2::server> made = kinect2::server::try_create(quiet());
  REQUIRE(made.has_value());
  CHECK_EQUAL(made.code(), kinect2::status::ok);
  CHECK(made.text().empty());
  kinect2::server server = *std::move(made);
  CHECK(server.try_start().has_value());
  CHECK(server.is_running());
  const kinect2::result<std::string> none = server.try_endpoint(kinect2::endpoint_type::depth, "nobody");
  CHECK(!none);
  CHECK_EQUAL(none.code(), kinect2::status::not_found);
  CHECK(none.text().find("nobody") != std::string::npos);
  CHECK_THROWS(not_found, none.value());
  const kinect2::result<kinect2::client> refused = kinect2::client::try_create("nonsense");
  CHECK_EQUAL(refused.code(), kinect2::status::invalid_argument);
  // texts stay as they were, whatever fails afterwards
  const std::string before = refused.text();
  (void)server.try_endpoint(kinect2::endpoint_type::depth, "somebody else");
  CHECK_EQUAL(refused.text(), before);
  CHECK_EQUAL(std::string(kinect2::name(kinect2::status::timeout)), "KINECT2_TIMEOUT");
}

void texts_of_any_length_come_whole() {
  // no server of this library has a name this long, but one may that grows while it is asked for
  std::string theirs(2000, 'x');
  const auto ask = [&theirs](char *buffer, std::size_t capacity, std::size_t *length) -> kinect2_result_t {
    *length = theirs.size();
    if (capacity <= theirs.size()) {
      if (theirs.size() < 2002) theirs += 'y';
      return KINECT2_ERROR_BUFFER_TOO_SMALL;
    }
    std::memcpy(buffer, theirs.c_str(), theirs.size() + 1);
    return KINECT2_OK;
  };
  CHECK_EQUAL(kinect2::detail::text(ask).value(), std::string(2000, 'x') + "yy");
}

void no_value_now_is_never_thrown() {
  kinect2::client client("tcp://127.0.0.1:9", patient());
  CHECK_EQUAL(client.take_frame(kinect2::stream::all, kinect2::forever).code(), kinect2::status::closed);
  CHECK_EQUAL(client.next_event(kinect2::forever).code(), kinect2::status::closed);
  client.connect();
  const auto start = std::chrono::steady_clock::now();
  const kinect2::result<kinect2::frame> none = client.take_frame(kinect2::stream::depth, 50ms);
  CHECK_EQUAL(none.code(), kinect2::status::timeout);
  CHECK(none.text().empty());
  CHECK(std::chrono::steady_clock::now() - start >= 50ms);
  CHECK_EQUAL(client.next_event(-1s).code(), kinect2::status::timeout);
  CHECK_THROWS(invalid_argument, (void)client.take_frame(kinect2::stream::none, 0ms));
  CHECK_EQUAL(client.try_take_frame(kinect2::stream::none, 0ms).code(), kinect2::status::invalid_argument);
}

void empty_objects_say_so() {
  auto device = small_push("given away");
  kinect2::server server(quiet());
  kinect2::client client("tcp://127.0.0.1:9");
  kinect2::browser browser;
  kinect2::compressor compressor(device, kinect2::stream::depth);
  const auto taken = std::make_tuple(std::move(device), std::move(server), std::move(client), std::move(browser),
                                     std::move(compressor));
  CHECK(std::get<0>(taken) && std::get<1>(taken) && std::get<2>(taken));
  CHECK(!device && !server && !client && !browser && !compressor);  // NOLINT: that is what is tested
  CHECK_THROWS(bad_handle, device.start());
  CHECK_THROWS(bad_handle, device.on_frame([](const kinect2::frame &) {}));
  CHECK_THROWS(bad_handle, device.push(kinect2::image_layout::depth(small_width, small_height), counting(0)));
  CHECK_THROWS(bad_handle, server.name());
  CHECK_THROWS(bad_handle, server.on_event({}));
  CHECK_THROWS(bad_handle, (void)server.next_event(0ms));
  CHECK_THROWS(bad_handle, server.poll_fd());
  CHECK_THROWS(bad_handle, client.ping([](const auto &) {}));
  CHECK_THROWS(bad_handle, client.on_connect([] {}));
  CHECK_THROWS(bad_handle, (void)client.take_frame(kinect2::stream::all, 0ms));
  CHECK_THROWS(bad_handle, browser.on_add_server({}));
  CHECK_THROWS(bad_handle, compressor.on_compressed_frame({}));
  CHECK(server.kinects().empty() && client.kinects().empty() && browser.servers().empty());
  CHECK(!server.is_running() && !client.is_connected() && compressor.dropped() == 0);
  const kinect2::frame nothing;
  CHECK(!nothing && nothing.bytes().empty() && nothing.width() == 0);
  CHECK_THROWS(bad_handle, nothing.kinect_id());
  CHECK_THROWS(unsupported, nothing.pixels());
}

// Collects what exceptions that left callbacks said.
class caught {
 public:
  caught() {
    kinect2::on_callback_exception([this](std::exception_ptr thrown) {
      try {
        std::rethrow_exception(thrown);
      } catch (const std::exception &exception) {
        add(exception.what());
      } catch (int number) {
        add(std::to_string(number));
      }
    });
  }
  ~caught() { kinect2::on_callback_exception({}); }

  bool has(const std::string &text) {
    const std::lock_guard<std::mutex> lock(mutex_);
    return std::find(texts_.begin(), texts_.end(), text) != texts_.end();
  }

 private:
  void add(const std::string &text) {
    const std::lock_guard<std::mutex> lock(mutex_);
    texts_.push_back(text);
  }

  std::mutex mutex_;
  std::vector<std::string> texts_;
};

void exceptions_end_where_they_leave_the_callback() {
  caught caught;
  std::atomic<int> frames{0};
  rig<kinect2::mock_device> rig(small_mock("thrower", 100));
  const auto fails = [](const char *text) { throw std::runtime_error(text); };
  kinect2::compressor compressor(rig.device, kinect2::stream::depth);
  rig.device.on_frame([&](const kinect2::frame &) { fails("device"); });
  rig.server.on_event([&](const kinect2::event &) { fails("server"); });
  compressor.on_compressed_frame([&](auto, const auto &) { fails("compressor"); });
  rig.client->on_connect([&] { fails("connect"); });
  rig.client->on_add_kinect([&](const std::string &) { fails("add"); });
  rig.client->on_remove_kinect([&](const std::string &) { fails("remove"); });
  rig.client->on_disconnect([&](kinect2::status) { fails("disconnect"); });
  rig.client->on_event([&](const kinect2::event &) { fails("event"); });
  rig.client->on_depth_frame([](const kinect2::frame &) { throw 42; });
  rig.client->on_frame([&](const kinect2::frame &) {
    ++frames;
    fails("frame");
  });
  rig.client->enable_depth_frames();
  rig.client->ping([&](const auto &) { fails("pong"); });
  CHECK_WITHIN(5s, frames > 5);  // it goes on, whatever they throw
  rig.client->disconnect();
  CHECK_WITHIN(5s, caught.has("server"));
  for (const char *text : {"device", "compressor", "connect", "add", "remove", "disconnect", "event", "42", "frame", "pong"})
    if (!CHECK_WITHIN(2s, caught.has(text))) std::fprintf(stderr, "  %s\n", text);
}

void exceptions_of_log_and_handler_end_there_too() {
  std::atomic<int> handled{0}, logged{0};
  kinect2::on_callback_exception([&](std::exception_ptr) {
    ++handled;
    throw std::runtime_error("a handler that fails");
  });
  kinect2::set_log(kinect2::log_level::debug, [&](kinect2::log_level, std::string_view) {
    ++logged;
    throw std::runtime_error("a log that fails");
  });
  auto device = small_push("logged");
  device.start();
  device.start();  // is logged as a warning
  CHECK_WITHIN(2s, logged > 0);
  kinect2::set_log(kinect2::log_level::off, {});
  CHECK_EQUAL(handled.load(), logged.load());
  kinect2::on_callback_exception({});
}

void the_log_may_be_replaced_inside_of_itself() {
  std::atomic<int> first{0}, second{0};
  std::string text;
  kinect2::set_log(kinect2::log_level::warn, [&](kinect2::log_level level, std::string_view message) {
    CHECK_EQUAL(level, kinect2::log_level::warn);
    text = message;
    kinect2::set_log(kinect2::log_level::debug, [&](kinect2::log_level, std::string_view) { ++second; });
    ++first;
  });
  auto device = small_push("logged");
  device.start();
  device.start();
  CHECK_WITHIN(2s, first == 1);
  CHECK(!text.empty());
  device.start();
  CHECK_WITHIN(2s, second > 0);
  kinect2::set_log(kinect2::log_level::off, {});
  CHECK_EQUAL(first.load(), 1);
}

void a_shutdown_frees_the_log() {
  auto held = std::make_shared<int>(0);
  kinect2::set_log(kinect2::log_level::debug, [held](kinect2::log_level, std::string_view) {});
  CHECK_EQUAL(held.use_count(), 2);
  kinect2::shutdown();
  CHECK_EQUAL(held.use_count(), 1);
}

void versions_are_told() {
  CHECK_EQUAL(kinect2::version() >> 16, static_cast<std::uint32_t>(KINECT2_VERSION_MAJOR));
  const std::string text = std::to_string(KINECT2_VERSION_MAJOR) + "." + std::to_string(KINECT2_VERSION_MINOR) + ".";
  CHECK_EQUAL(std::string(kinect2::version_string()).rfind(text, 0), 0U);
}

}  // namespace

int main() {
  RUN(errors_have_code_and_text);
  RUN(texts_with_a_nul_are_refused);
  RUN(a_taken_port_and_id_are_in_use);
  RUN(results_are_values_or_reasons);
  RUN(texts_of_any_length_come_whole);
  RUN(no_value_now_is_never_thrown);
  RUN(empty_objects_say_so);
  RUN(exceptions_end_where_they_leave_the_callback);
  RUN(exceptions_of_log_and_handler_end_there_too);
  RUN(the_log_may_be_replaced_inside_of_itself);
  RUN(a_shutdown_frees_the_log);
  RUN(versions_are_told);
  return check::finish();
}
