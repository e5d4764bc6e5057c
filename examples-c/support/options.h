/* options.h - command lines: `--name VALUE`, `--name=VALUE`, `--flag` and operands.
 *
 * A program describes its options in one table, from which they are read, checked and explained by
 * --help. An option's value is stored through whichever of its pointers is set, so the table cannot
 * confuse types. All here is in the header so that one `cc program.c` builds a program. */
#ifndef EXAMPLES_SUPPORT_OPTIONS_H
#define EXAMPLES_SUPPORT_OPTIONS_H

#include <errno.h>
#include <math.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The exit status of every program here; stdlib.h has success and failure as 0 and 1. */
enum {
  EXIT_USAGE = 2,    /* wrong arguments */
  EXIT_NOTHING = 3,  /* nothing was found, or no frame came in time */
  EXIT_DIFFERENT = 4 /* a received frame is not what was recorded */
};

struct option {
  const char *name;     /* "--rate" */
  const char *argument; /* "HZ" in the help; NULL for a flag */
  const char *help;
  /* One of these is set: */
  bool *flag;
  const char **text;
  double *real;
  uint32_t *count;
  /* Numbers outside of these are refused; both 0: any that is not negative. */
  double least, most;
};

struct command_line {
  const char *program;
  const char *operands; /* "PATH..." in the help; NULL where there are none */
  size_t least_operands, most_operands;
  const char *about; /* what the program does, a sentence or two */
  const struct option *options;
  size_t option_count;
};

static inline void options_help(const struct command_line *line) {
  printf("usage: %s [options]%s%s\n\n%s\n\n", line->program, line->operands ? " " : "",
         line->operands ? line->operands : "", line->about);
  for (size_t i = 0; i < line->option_count; i++) {
    const struct option *option = &line->options[i];
    char left[40];
    snprintf(left, sizeof left, "%s %s", option->name, option->argument ? option->argument : "");
    printf("  %-18s %s\n", left, option->help);
  }
  printf("  %-18s %s\n", "--help", "show this and exit");
}

/* Ends the program: what was wrong, where to read more, status 2. */
_Noreturn static inline void options_refuse(const struct command_line *line, const char *what,
                                            const char *given) {
  fprintf(stderr, "%s: %s \"%s\" (see %s --help)\n", line->program, what, given, line->program);
  exit(EXIT_USAGE);
}

static inline double options_number(const struct command_line *line, const struct option *option,
                                    const char *value) {
  char *end = NULL;
  errno = 0;
  double number = strtod(value, &end);
  bool wrong = end == value || *end != '\0' || errno != 0 || !isfinite(number);
  bool any = option->least == 0 && option->most == 0;
  if (wrong || number < option->least || (!any && number > option->most) ||
      (option->count && (number > UINT32_MAX || number != (uint32_t)number))) {
    char what[160];
    if (any)
      snprintf(what, sizeof what, "%s wants a %s from 0, not", option->name,
               option->count ? "whole number" : "number");
    else
      snprintf(what, sizeof what, "%s wants a %s from %g to %g, not", option->name,
               option->count ? "whole number" : "number", option->least, option->most);
    options_refuse(line, what, value);
  }
  return number;
}

static inline void options_store(const struct command_line *line, const struct option *option,
                                 const char *value) {
  if (option->text)
    *option->text = value;
  else if (option->real)
    *option->real = options_number(line, option, value);
  else
    *option->count = (uint32_t)options_number(line, option, value);
}

static inline const struct option *options_find(const struct command_line *line, const char *word,
                                                size_t length) {
  for (size_t i = 0; i < line->option_count; i++)
    if (strlen(line->options[i].name) == length &&
        strncmp(line->options[i].name, word, length) == 0)
      return &line->options[i];
  return NULL;
}

/* Reads argv, moves the operands to argv[0..] and returns how many there are. Ends the program
 * after --help (status 0) and where something is wrong (status 2): call it before anything else. */
static inline size_t options_parse(const struct command_line *line, int argc, char **argv) {
  size_t operands = 0;
  bool only_operands = false;
  for (int i = 1; i < argc; i++) {
    char *word = argv[i];
    if (only_operands || word[0] != '-' || word[1] == '\0') {
      argv[operands++] = word;
      continue;
    }
    if (strcmp(word, "--") == 0) {
      only_operands = true;
      continue;
    }
    if (strcmp(word, "--help") == 0 || strcmp(word, "-h") == 0) {
      options_help(line);
      exit(EXIT_SUCCESS);
    }
    const char *equals = strchr(word, '=');
    size_t length = equals ? (size_t)(equals - word) : strlen(word);
    const struct option *option = options_find(line, word, length);
    if (!option) options_refuse(line, "unknown option", word);
    if (option->flag) {
      if (equals) options_refuse(line, "this option has no value:", word);
      *option->flag = true;
    } else if (equals) {
      options_store(line, option, equals + 1);
    } else if (i + 1 < argc) {
      options_store(line, option, argv[++i]);
    } else {
      options_refuse(line, "a value is missing after", word);
    }
  }
  if (operands > line->most_operands)
    options_refuse(line, "unexpected argument", argv[line->most_operands]);
  if (operands < line->least_operands) options_refuse(line, "missing argument:", line->operands);
  return operands;
}

#endif
