/* Guarantee 12: nothing happens before the first call: no threads, descriptors or signal handlers; and afterwards no
 * signal handler either, and not a word on stdout or stderr. That a panic becomes KINECT2_ERROR_INTERNAL is tested where
 * one can be made: inside the library. */
#include "rig.h"

#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

enum { SIGNALS = 65 };
static struct sigaction actions[SIGNALS];

static void remember_signals(struct sigaction found[SIGNALS]) {
  memset(found, 0, SIGNALS * sizeof *found);
  for (int signal = 1; signal < SIGNALS; signal++) sigaction(signal, NULL, &found[signal]);
}

static void nothing_happens_before_the_first_call(void) {
  CHECK_EQUAL(count_threads(), 1);
  CHECK_EQUAL(count_descriptors(), 3); /* stdin, stdout, stderr: main() closed what it had inherited */
  for (int signal = 1; signal < SIGNALS; signal++) {
    if (actions[signal].sa_flags & SA_SIGINFO) CHECK(actions[signal].sa_sigaction == NULL);
    else CHECK(actions[signal].sa_handler == SIG_DFL || actions[signal].sa_handler == SIG_IGN);
  }
}

/* A life as full of mistakes as of successes, since both could be worth a message. */
static void live(void) {
  struct rig rig = open_rig(new_mock("quiet", 100));
  kinect2_frame_t *frame = NULL;
  CHECK_OK(kinect2_client_enable_depth_frames(rig.client, NULL));
  CHECK_OK(kinect2_client_take_frame(rig.client, NULL, KINECT2_STREAM_DEPTH, wait_ms(5000), &frame));
  CHECK_OK(kinect2_frame_release(frame));
  CHECK_OK(kinect2_server_start(rig.server)); /* a warning, for a log callback */
  CHECK_OK(kinect2_device_start(rig.device));
  CHECK_OK(kinect2_client_connect(rig.client));
  CHECK(kinect2_device_start(NULL) < 0);
  CHECK(kinect2_client_create("nonsense", NULL, &(kinect2_client_t *){NULL}) < 0);
  CHECK_OK(kinect2_server_stop(rig.server)); /* the client loses it */
  CHECK_OK(kinect2_server_stop(rig.server));
  CHECK_WITHIN(10000, kinect2_client_is_connected(rig.client) == 0);
  close_rig(&rig);
}

static void signal_handlers_are_left_alone(void) {
  static struct sigaction after[SIGNALS];
  sigset_t blocked_before, blocked_after;
  sigemptyset(&blocked_before);
  sigemptyset(&blocked_after);
  sigprocmask(SIG_SETMASK, NULL, &blocked_before);
  live();
  sigprocmask(SIG_SETMASK, NULL, &blocked_after);
  remember_signals(after);
  for (int signal = 1; signal < SIGNALS; signal++) {
    CHECK(memcmp(&actions[signal].sa_handler, &after[signal].sa_handler, sizeof after[signal].sa_handler) == 0);
    CHECK_EQUAL(sigismember(&blocked_before, signal), sigismember(&blocked_after, signal));
  }
}

static void nothing_is_printed(void) {
  FILE *paper = tmpfile();
  REQUIRE(paper != NULL);
  fflush(NULL);
  const int standard_output = dup(STDOUT_FILENO), standard_error = dup(STDERR_FILENO);
  dup2(fileno(paper), STDOUT_FILENO);
  dup2(fileno(paper), STDERR_FILENO);
  live();
  fflush(NULL);
  dup2(standard_output, STDOUT_FILENO);
  dup2(standard_error, STDERR_FILENO);
  close(standard_output);
  close(standard_error);
  const off_t written = lseek(fileno(paper), 0, SEEK_END);
  CHECK_EQUAL(written, 0);
  if (written > 0) { /* show it */
    char line[256];
    rewind(paper);
    while (fgets(line, sizeof line, paper) != NULL) fputs(line, stderr);
  }
  fclose(paper);
}

static void everything_ends_with_the_last_handle(void) {
  CHECK_WITHIN(2000, count_threads() == 1);
}

int main(int count, char **arguments) {
  if (count == 1) { /* begin again without the descriptors that were inherited */
    for (int descriptor = 3; descriptor < 1024; descriptor++) close(descriptor);
    char again[] = "again";
    char *const changed[] = {arguments[0], again, NULL};
    execv(arguments[0], changed);
    return EXIT_FAILURE;
  }
  remember_signals(actions);
  nothing_happens_before_the_first_call(); /* not with RUN, which calls the library */
  RUN(signal_handlers_are_left_alone);
  RUN(nothing_is_printed);
  RUN(everything_ends_with_the_last_handle);
  return finish_tests();
}
