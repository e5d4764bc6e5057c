/* Guarantee 8, on_*: setting replaces, NULL removes, at any time; it returns when a running call of the one replaced has
 * ended, so that its user_data may be freed; what is there already is reported to a callback that is set late. */
#include "rig.h"

#define MAGIC 0x600D600Du

/* user_data that tells when it is used after it was freed. */
struct data {
  uint32_t magic;
  atomic_int calls;
};

static void use(struct data *data) {
  CHECK_EQUAL(data->magic, MAGIC);
  sleep_ms(1);
  atomic_fetch_add(&data->calls, 1);
  CHECK_EQUAL(data->magic, MAGIC);
}

static struct data *new_data(void) {
  struct data *data = calloc(1, sizeof *data);
  data->magic = MAGIC;
  return data;
}

static void free_data(struct data *data) {
  data->magic = 0xDEADu;
  free(data);
}

static void device_frame(kinect2_device_t *device, kinect2_frame_t *frame, void *data) {
  (void)device, (void)frame;
  use(data);
}
static void client_frame(kinect2_client_t *client, const char *id, kinect2_frame_t *frame, void *data) {
  (void)client, (void)id, (void)frame;
  use(data);
}
static void client_kinect(kinect2_client_t *client, const char *id, void *data) {
  (void)client, (void)id;
  use(data);
}
static void compressed(kinect2_compressor_t *compressor, const void *bytes, size_t size,
                       const kinect2_frame_info_t *info, void *data) {
  (void)compressor, (void)bytes, (void)size, (void)info;
  use(data);
}

static struct rig rig;
static kinect2_compressor_t *compressor;

static kinect2_result_t set_device(struct data *data) {
  return kinect2_device_on_frame(rig.device, data != NULL ? device_frame : NULL, data);
}
static kinect2_result_t set_depth(struct data *data) {
  return kinect2_client_on_depth_frame(rig.client, data != NULL ? client_frame : NULL, data);
}
static kinect2_result_t set_frame(struct data *data) {
  return kinect2_client_on_frame(rig.client, data != NULL ? client_frame : NULL, data);
}
static kinect2_result_t set_add(struct data *data) {
  return kinect2_client_on_add_kinect(rig.client, data != NULL ? client_kinect : NULL, data);
}
static kinect2_result_t set_compressed(struct data *data) {
  return kinect2_compressor_on_compressed_frame(compressor, data != NULL ? compressed : NULL, data);
}

static void user_data_may_be_freed_at_once(void) {
  static kinect2_result_t (*const setters[])(struct data *) = {set_device, set_depth, set_frame, set_add,
                                                               set_compressed};
  rig = open_rig(new_mock("freed", 300));
  REQUIRE_OK(kinect2_compressor_create(rig.device, KINECT2_STREAM_DEPTH, NULL, &compressor));
  CHECK_OK(kinect2_client_enable_depth_frames(rig.client, NULL));
  for (size_t i = 0; i < sizeof setters / sizeof *setters; i++) {
    struct data *data = new_data();
    CHECK_OK(setters[i](data));
    CHECK_WITHIN(5000, data->calls > 0);
    for (int round = 0; round < 40; round++) {
      struct data *next = new_data();
      CHECK_OK(setters[i](next)); /* replaces */
      free_data(data);
      data = next;
      sleep_ms((uint32_t)round % 7);
    }
    CHECK_OK(setters[i](NULL)); /* removes */
    free_data(data);
  }
  sleep_ms(50); /* a late call would find what was freed */
  CHECK_OK(kinect2_compressor_destroy(compressor));
  close_rig(&rig);
}

static void held_frame(kinect2_client_t *client, const char *id, kinect2_frame_t *frame, void *gate) {
  (void)client, (void)id, (void)frame;
  pass_gate(gate);
}

static void *open_after_a_while(void *gate) {
  sleep_ms(300);
  atomic_store(&((struct gate *)gate)->open, 1);
  return NULL;
}

static void replacing_waits_for_the_running_call(void) {
  struct gate gate = {0};
  rig = open_rig(new_mock("running", 100));
  CHECK_OK(kinect2_client_on_frame(rig.client, held_frame, &gate));
  CHECK_OK(kinect2_client_enable_depth_frames(rig.client, NULL));
  CHECK_WITHIN(5000, gate.entered == 1);
  struct data *other = new_data(); /* of other kinds nothing runs: these return while that call is held */
  CHECK_OK(set_depth(other));
  CHECK_OK(set_add(other));
  const pthread_t opener = start_thread(open_after_a_while, &gate);
  CHECK_OK(set_frame(NULL));
  CHECK_EQUAL(gate.left, gate.entered);
  const int calls = gate.entered;
  sleep_ms(100);
  CHECK_EQUAL(gate.entered, calls);
  pthread_join(opener, NULL);
  close_rig(&rig);
  free_data(other);
}

/* Counts of the callbacks that report a state. */
struct state {
  atomic_int connected, added, servers;
};

static void on_connect(kinect2_client_t *client, void *state) {
  CHECK_EQUAL(kinect2_client_is_connected(client), 1);
  atomic_fetch_add(&((struct state *)state)->connected, 1);
}
static void on_add(kinect2_client_t *client, const char *id, void *state) {
  (void)client;
  CHECK_TEXT(id, "late");
  CHECK_EQUAL(((struct state *)state)->connected, 1); /* after on_connect */
  atomic_fetch_add(&((struct state *)state)->added, 1);
}
static void on_add_server(kinect2_browser_t *browser, const kinect2_server_info_t *server, void *state) {
  (void)browser;
  CHECK(server->struct_size >= sizeof *server);
  CHECK(strncmp(server->endpoint, "tcp://127.0.0.1:", 16) == 0);
  if (strcmp(server->name, "Set late") == 0) atomic_fetch_add(&((struct state *)state)->servers, 1);
}

static void before_or_after_the_connection_is_the_same(void) {
  struct state early = {0}, late = {0};
  rig = open_rig(new_push("late"));
  CHECK_OK(kinect2_client_on_connect(rig.client, on_connect, &late));
  CHECK_OK(kinect2_client_on_add_kinect(rig.client, on_add, &late));
  CHECK_WITHIN(2000, late.connected == 1 && late.added == 1);

  kinect2_client_t *client = new_client(rig.endpoint);
  CHECK_OK(kinect2_client_on_connect(client, on_connect, &early));
  CHECK_OK(kinect2_client_on_add_kinect(client, on_add, &early));
  connect_client(client, 1);
  CHECK_WITHIN(2000, early.connected == 1 && early.added == 1);

  struct state another = {.connected = 1}; /* its predecessor's on_connect was called */
  CHECK_OK(kinect2_client_on_add_kinect(client, on_add, &another));
  CHECK_WITHIN(2000, another.added == 1);
  sleep_ms(wait_ms(200));
  CHECK(late.connected == 1 && late.added == 1 && early.connected == 1 && early.added == 1 && another.added == 1);
  CHECK_OK(kinect2_client_destroy(client));
  close_rig(&rig);
}

static bool lists(kinect2_browser_t *browser, const char *name) {
  char endpoint[KINECT2_TEXT_CAPACITY];
  return kinect2_browser_server_endpoint(browser, name, endpoint, sizeof endpoint, NULL) == KINECT2_OK;
}

static void servers_found_before_are_reported(void) {
  kinect2_server_options_t options = quiet_options();
  options.announce = 1;
  options.name = "Set late";
  kinect2_server_t *server = NULL;
  REQUIRE_OK(kinect2_server_create(&options, &server));
  REQUIRE_OK(kinect2_server_start(server));
  kinect2_browser_options_t browsing;
  kinect2_browser_options_init(&browsing, sizeof browsing);
  browsing.address = "127.0.0.1";
  kinect2_browser_t *browser = NULL;
  REQUIRE_OK(kinect2_browser_create(&browsing, &browser));
  struct state early = {0}, late = {0};
  CHECK_OK(kinect2_browser_on_add_server(browser, on_add_server, &early));
  REQUIRE_OK(kinect2_browser_start(browser));
  REQUIRE_WITHIN(10000, lists(browser, "Set late"));
  CHECK_WITHIN(2000, early.servers == 1);
  CHECK_OK(kinect2_browser_on_add_server(browser, on_add_server, &late));
  CHECK_WITHIN(2000, late.servers == 1);
  CHECK_OK(kinect2_browser_destroy(browser));
  CHECK_OK(kinect2_server_destroy(server));
}

int main(void) {
  RUN(user_data_may_be_freed_at_once);
  RUN(replacing_waits_for_the_running_call);
  RUN(before_or_after_the_connection_is_the_same);
  RUN(servers_found_before_are_reported);
  return finish_tests();
}
