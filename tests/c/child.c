/* child.c - see child.h */
#include "child.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdarg.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

enum { MOST_ARGUMENTS = 16 };

extern char **environ;
static const char child_mark[] = "--play";
static const char *own_path;

void play_role(int count, char *arguments[], const struct role roles[]) {
  own_path = arguments[0];
  if (count < 3 || strcmp(arguments[1], child_mark) != 0) return;
  prctl(PR_SET_PDEATHSIG, SIGKILL); /* also where it is stopped and does not see the end of its input */
  for (const struct role *role = roles; role->name != NULL; role++) {
    if (strcmp(role->name, arguments[2]) == 0) exit(role->play(arguments + 3));
  }
  fprintf(stderr, "no role is named %s\n", arguments[2]);
  exit(EXIT_FAILURE);
}

/* A pipe of which no other child gets an end: as long as one has it, the reader sees no end. */
static void make_pipe(int ends[2]) {
  REQUIRE(pipe(ends) == 0);
  for (int i = 0; i < 2; i++) REQUIRE(fcntl(ends[i], F_SETFD, FD_CLOEXEC) == 0);
}

struct child start_child(const char *role, const char *const arguments[]) {
  char *all[MOST_ARGUMENTS] = {(char *)own_path, (char *)child_mark, (char *)role};
  size_t count = 3;
  for (; *arguments != NULL && count < MOST_ARGUMENTS - 1; arguments++) all[count++] = (char *)*arguments;
  REQUIRE(*arguments == NULL);
  int input[2], output[2];
  make_pipe(input);
  make_pipe(output);
  posix_spawn_file_actions_t actions;
  REQUIRE(posix_spawn_file_actions_init(&actions) == 0);
  REQUIRE(posix_spawn_file_actions_adddup2(&actions, input[0], STDIN_FILENO) == 0);
  REQUIRE(posix_spawn_file_actions_adddup2(&actions, output[1], STDOUT_FILENO) == 0);
  struct child child = {.input = input[1], .output = output[0]};
  fflush(NULL);
  REQUIRE(posix_spawn(&child.pid, own_path, &actions, NULL, all, environ) == 0);
  posix_spawn_file_actions_destroy(&actions);
  close(input[0]);
  close(output[1]);
  return child;
}

/* A whole line of what was heard; false: there is none yet. */
static bool take_line(struct child *child, char line[CHILD_LINE]) {
  const char *end = memchr(child->heard, '\n', child->length);
  if (end == NULL) return false;
  const size_t length = (size_t)(end - child->heard);
  memcpy(line, child->heard, length);
  line[length] = '\0';
  child->length -= length + 1;
  memmove(child->heard, end + 1, child->length);
  return true;
}

bool hear(struct child *child, uint32_t milliseconds, char line[CHILD_LINE]) {
  const uint64_t deadline = deadline_in(milliseconds);
  while (!take_line(child, line)) {
    const uint64_t now = now_ns();
    struct pollfd ready = {.fd = child->output, .events = POLLIN};
    if (poll(&ready, 1, now < deadline ? (int)((deadline - now) / 1000000 + 1) : 0) < 1) return false;
    const ssize_t bytes = read(child->output, child->heard + child->length, sizeof child->heard - child->length);
    if (bytes <= 0) return false; /* it has ended, or says lines without an end */
    child->length += (size_t)bytes;
  }
  return true;
}

void freeze(const struct child *child) {
  int status = 0;
  REQUIRE(kill(child->pid, SIGSTOP) == 0);
  REQUIRE(waitpid(child->pid, &status, WUNTRACED) == child->pid && WIFSTOPPED(status));
}

void thaw(const struct child *child) { REQUIRE(kill(child->pid, SIGCONT) == 0); }

static int close_child(struct child *child) {
  int status = 0;
  close(child->input);
  while (waitpid(child->pid, &status, 0) < 0 && errno == EINTR) {
  }
  close(child->output);
  return status;
}

void kill_child(struct child *child) {
  REQUIRE(kill(child->pid, SIGKILL) == 0);
  close_child(child);
}

void end_child(struct child *child) {
  const int status = close_child(child);
  CHECK(WIFEXITED(status) && WEXITSTATUS(status) == EXIT_SUCCESS);
}

uint64_t child_resident_bytes(const struct child *child) {
  char path[64];
  unsigned long long total = 0, resident = 0;
  snprintf(path, sizeof path, "/proc/%ld/statm", (long)child->pid);
  FILE *file = fopen(path, "r");
  REQUIRE(file != NULL && fscanf(file, "%llu %llu", &total, &resident) == 2);
  fclose(file);
  return resident * (uint64_t)sysconf(_SC_PAGESIZE);
}

unsigned child_descriptors(const struct child *child) {
  char path[64];
  unsigned descriptors = 0;
  snprintf(path, sizeof path, "/proc/%ld/fd", (long)child->pid);
  DIR *listing = opendir(path);
  REQUIRE(listing != NULL);
  for (const struct dirent *entry = readdir(listing); entry != NULL; entry = readdir(listing)) {
    if (entry->d_name[0] != '.') descriptors++;
  }
  closedir(listing);
  return descriptors;
}

void say(const char *format, ...) {
  va_list arguments;
  va_start(arguments, format);
  flockfile(stdout); /* several threads speak */
  vprintf(format, arguments);
  putchar('\n');
  fflush(stdout);
  funlockfile(stdout);
  va_end(arguments);
}

void wait_for_the_end(void) {
  char byte;
  while (read(STDIN_FILENO, &byte, 1) > 0) {
  }
}
