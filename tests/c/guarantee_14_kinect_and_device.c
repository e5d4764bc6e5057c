/* Guarantee 14: "kinect" and "device" are one thing, a handle on the server's side and an id on the client's; ids are 1
 * to 255 bytes. */
#include "rig.h"

/* The id is the same seen from the device, the server, the client and a frame. */
static void travels(const char *id) {
  struct rig rig = open_rig(new_mock(id, 100));
  char text[KINECT2_ID_CAPACITY];
  CHECK_TEXT(rig.id, id);
  CHECK_OK(kinect2_server_kinect_id(rig.server, 0, text, sizeof text, NULL));
  CHECK_TEXT(text, id);
  CHECK_OK(kinect2_client_kinect_id(rig.client, 0, text, sizeof text, NULL));
  CHECK_TEXT(text, id);
  CHECK_EQUAL(kinect2_client_streams(rig.client, id), KINECT2_STREAM_DEPTH);
  CHECK_OK(kinect2_client_enable_depth_frames(rig.client, id));
  kinect2_frame_t *frame = NULL;
  REQUIRE_OK(kinect2_client_take_frame(rig.client, id, KINECT2_STREAM_DEPTH, wait_ms(5000), &frame));
  CHECK_OK(kinect2_frame_kinect_id(frame, text, sizeof text, NULL));
  CHECK_TEXT(text, id);
  CHECK_OK(kinect2_frame_release(frame));
  kinect2_event_t event = {.struct_size = sizeof event};
  while (event.type != KINECT2_EVENT_ADD_KINECT) REQUIRE_OK(kinect2_client_next_event(rig.client, 0, &event));
  CHECK_TEXT(event.id, id);
  close_rig(&rig);
}

static void ids_are_what_their_makers_say(void) {
  char longest[KINECT2_ID_CAPACITY];
  memset(longest, 'k', sizeof longest);
  longest[255] = '\0';
  travels("k");
  travels(longest);
  travels("Kinect \"2\" \\ / \xe2\x98\x83 \xf0\x9f\x93\xb7");
}

static void ids_of_other_lengths_are_refused(void) {
  char too_long[KINECT2_ID_CAPACITY + 1];
  memset(too_long, 'k', sizeof too_long);
  too_long[256] = '\0';
  kinect2_device_t *device = NULL;
  kinect2_mock_options_t options;
  kinect2_mock_options_init(&options, sizeof options);
  CHECK_RESULT(kinect2_device_create_push("", &device), KINECT2_ERROR_INVALID_ARGUMENT);
  CHECK_RESULT(kinect2_device_create_push(too_long, &device), KINECT2_ERROR_INVALID_ARGUMENT);
  options.id = "";
  CHECK_RESULT(kinect2_device_create_mock(&options, &device), KINECT2_ERROR_INVALID_ARGUMENT);
  options.id = too_long;
  CHECK_RESULT(kinect2_device_create_mock(&options, &device), KINECT2_ERROR_INVALID_ARGUMENT);
}

static void an_id_is_unique_in_a_server(void) {
  kinect2_server_t *server = new_server(NULL);
  kinect2_device_t *one = new_push("twin"), *other = new_mock("twin", 30);
  CHECK_OK(kinect2_server_add_kinect(server, one));
  CHECK_RESULT(kinect2_server_add_kinect(server, one), KINECT2_ERROR_IN_USE);
  CHECK_RESULT(kinect2_server_add_kinect(server, other), KINECT2_ERROR_IN_USE);
  CHECK_EQUAL(kinect2_server_kinect_count(server), 1);
  CHECK_OK(kinect2_server_remove_kinect(server, one));
  CHECK_RESULT(kinect2_server_remove_kinect(server, one), KINECT2_ERROR_NOT_FOUND);
  CHECK_OK(kinect2_server_add_kinect(server, other));
  CHECK_OK(kinect2_device_destroy(one));
  CHECK_OK(kinect2_device_destroy(other)); /* and is out of the server */
  CHECK_EQUAL(kinect2_server_kinect_count(server), 0);
  CHECK_OK(kinect2_server_destroy(server));
}

static void a_device_may_be_in_several_servers(void) {
  struct rig rig = open_rig(new_mock("shared", 100));
  kinect2_server_t *second = new_server("Second");
  CHECK_OK(kinect2_server_add_kinect(second, rig.device));
  CHECK_OK(kinect2_server_start(second));
  char endpoint[KINECT2_TEXT_CAPACITY];
  control_endpoint(second, endpoint);
  kinect2_client_t *clients[2] = {rig.client, new_client(endpoint)};
  connect_client(clients[1], 1);
  for (int i = 0; i < 2; i++) {
    kinect2_frame_t *frame = NULL;
    CHECK_OK(kinect2_client_enable_depth_frames(clients[i], "shared"));
    CHECK_OK(kinect2_client_take_frame(clients[i], "shared", KINECT2_STREAM_DEPTH, wait_ms(5000), &frame));
    CHECK_OK(kinect2_frame_release(frame));
  }
  CHECK_OK(kinect2_client_destroy(clients[1]));
  CHECK_OK(kinect2_server_destroy(second));
  close_rig(&rig);
}

static void kinects_are_listed_in_the_order_of_their_coming(void) {
  static const char *const ids[] = {"c", "a", "b"};
  kinect2_device_t *devices[3];
  char id[KINECT2_ID_CAPACITY];
  kinect2_server_t *server = new_server(NULL);
  for (uint32_t i = 0; i < 3; i++) {
    devices[i] = new_push(ids[i]);
    CHECK_OK(kinect2_server_add_kinect(server, devices[i]));
  }
  CHECK_OK(kinect2_server_start(server));
  char endpoint[KINECT2_TEXT_CAPACITY];
  control_endpoint(server, endpoint);
  kinect2_client_t *client = new_client(endpoint);
  connect_client(client, 3);
  for (uint32_t i = 0; i < 3; i++) {
    CHECK_OK(kinect2_server_kinect_id(server, i, id, sizeof id, NULL));
    CHECK_TEXT(id, ids[i]);
    CHECK_OK(kinect2_client_kinect_id(client, i, id, sizeof id, NULL));
    CHECK_TEXT(id, ids[i]);
  }
  CHECK_RESULT(kinect2_server_kinect_id(server, 3, id, sizeof id, NULL), KINECT2_ERROR_NOT_FOUND);
  CHECK_RESULT(kinect2_client_kinect_id(client, 3, id, sizeof id, NULL), KINECT2_ERROR_NOT_FOUND);
  CHECK_OK(kinect2_server_remove_kinect(server, devices[0]));
  CHECK_OK(kinect2_server_kinect_id(server, 0, id, sizeof id, NULL)); /* the later ones moved down */
  CHECK_TEXT(id, "a");
  CHECK_OK(kinect2_client_destroy(client));
  CHECK_OK(kinect2_server_destroy(server));
  for (int i = 0; i < 3; i++) CHECK_OK(kinect2_device_destroy(devices[i]));
}

/* Makes a push device and a mock without saying their ids, and tells which ids they got. */
static void made_up_ids(char push_id[KINECT2_ID_CAPACITY], char mock_id[KINECT2_ID_CAPACITY]) {
  kinect2_device_t *push = NULL, *mock = NULL;
  REQUIRE_OK(kinect2_device_create_push(NULL, &push));
  REQUIRE_OK(kinect2_device_create_mock(NULL, &mock));
  REQUIRE_OK(kinect2_device_id(push, push_id, KINECT2_ID_CAPACITY, NULL));
  REQUIRE_OK(kinect2_device_id(mock, mock_id, KINECT2_ID_CAPACITY, NULL));
  CHECK_OK(kinect2_device_destroy(push));
  CHECK_OK(kinect2_device_destroy(mock));
}

static const char *program;

static void a_made_up_id_is_the_same_in_the_next_run(void) {
  char command[1024], runs[2][1024] = {"", ""};
  snprintf(command, sizeof command, "'%s' ids", program);
  for (int run = 0; run < 2; run++) {
    FILE *child = popen(command, "r");
    REQUIRE(child != NULL);
    CHECK(fgets(runs[run], sizeof runs[run], child) != NULL);
    CHECK_EQUAL(pclose(child), 0);
  }
  CHECK_TEXT(runs[1], runs[0]);
}

int main(int count, char **arguments) {
  char push_id[KINECT2_ID_CAPACITY], mock_id[KINECT2_ID_CAPACITY];
  program = arguments[0];
  if (count > 1) {
    made_up_ids(push_id, mock_id);
    printf("%s %s\n", push_id, mock_id);
    return strcmp(push_id, mock_id) == 0; /* two devices of one program are two */
  }
  RUN(ids_are_what_their_makers_say);
  RUN(ids_of_other_lengths_are_refused);
  RUN(an_id_is_unique_in_a_server);
  RUN(a_device_may_be_in_several_servers);
  RUN(kinects_are_listed_in_the_order_of_their_coming);
  RUN(a_made_up_id_is_the_same_in_the_next_run);
  return finish_tests();
}
