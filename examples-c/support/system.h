/* system.h - the little that the programs need of POSIX and that C11 does not have. */
#ifndef EXAMPLES_SUPPORT_SYSTEM_H
#define EXAMPLES_SUPPORT_SYSTEM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Sleeps for this long, or less if a signal comes. */
void system_sleep_ns(uint64_t duration_ns);

/* True if there is a folder of this name. */
bool system_is_folder(const char *path);

/* The paths of the files in a folder whose names end in `suffix`, in name order. The caller frees
 * each and the list. False (errno says why): the folder cannot be read. */
bool system_list_folder(const char *folder, const char *suffix, char ***paths, size_t *count);

#endif
