/* system.c - the only file here that uses POSIX: sleeping and reading folders. */
#define _POSIX_C_SOURCE 200809L
#include "system.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

void system_sleep_ns(uint64_t duration_ns) {
  struct timespec duration = {.tv_sec = (time_t)(duration_ns / 1000000000u),
                              .tv_nsec = (long)(duration_ns % 1000000000u)};
  nanosleep(&duration, NULL);
}

bool system_is_folder(const char *path) {
  struct stat status;
  return stat(path, &status) == 0 && S_ISDIR(status.st_mode);
}

static bool ends_in(const char *name, const char *suffix) {
  size_t length = strlen(name), tail = strlen(suffix);
  return length >= tail && strcmp(name + length - tail, suffix) == 0;
}

bool system_list_folder(const char *folder, const char *suffix, char ***paths, size_t *count) {
  struct dirent **entries = NULL;
  int found = scandir(folder, &entries, NULL, alphasort);
  if (found < 0) return false;
  *count = 0;
  *paths = calloc((size_t)found + 1, sizeof **paths);
  bool fine = *paths != NULL;
  for (int i = 0; i < found; i++) {
    const char *name = entries[i]->d_name;
    if (fine && ends_in(name, suffix)) {
      size_t size = strlen(folder) + strlen(name) + 2;
      char *path = malloc(size);
      if (path) {
        snprintf(path, size, "%s/%s", folder, name);
        (*paths)[(*count)++] = path;
      }
      fine = path != NULL;
    }
    free(entries[i]);
  }
  free(entries);
  if (!fine) {
    for (size_t i = 0; i < *count; i++) free((*paths)[i]);
    free(*paths);
    *paths = NULL;
  }
  return fine;
}
