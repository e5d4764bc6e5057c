/* child.h - this program once more, in a process of its own that a test can stop and kill.
 *
 * A child is the program started anew with the name of a role, because handles do not survive a fork. It speaks to its
 * parent in lines on its standard output, and ends when its standard input does or when its parent dies: nothing is left
 * over, however a test ends. */
#ifndef STREAMKINECT2_CHILD_H
#define STREAMKINECT2_CHILD_H

#include <sys/types.h>

#include "check.h"

enum { CHILD_LINE = 512 };

struct child {
  pid_t pid;
  int input, output; /* of the child */
  char heard[CHILD_LINE];
  size_t length;
};

/* What a child does: `arguments` are those given to start_child(), and what it returns is its exit code. */
struct role {
  const char *name;
  int (*play)(char *const arguments[]);
};

/* The first call of main(): a child plays its role and does not return. Roles end with one without a name. */
void play_role(int count, char *arguments[], const struct role roles[]);

/* `arguments` ends with NULL. */
struct child start_child(const char *role, const char *const arguments[]);
/* The next line that the child says; false: none within wait_ms(milliseconds). */
bool hear(struct child *child, uint32_t milliseconds, char line[CHILD_LINE]);
/* SIGSTOP and SIGCONT; freeze returns when no thread of the child runs any more. */
void freeze(const struct child *child);
void thaw(const struct child *child);
/* SIGKILL; returns when the system has taken back all that the child had. */
void kill_child(struct child *child);
/* Tells the child to end and checks that it finds nothing wrong. */
void end_child(struct child *child);
uint64_t child_resident_bytes(const struct child *child);
unsigned child_descriptors(const struct child *child);

/* In a child: says a line. */
void say(const char *format, ...);
/* In a child: returns when the parent wants it to end. */
void wait_for_the_end(void);

#endif
