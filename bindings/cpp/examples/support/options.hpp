// options.hpp - command lines: `--name VALUE`, `--name=VALUE`, `--flag` and operands.
//
// A program describes its options in one table, from which they are read, checked and explained by --help.
#ifndef EXAMPLES_SUPPORT_OPTIONS_HPP
#define EXAMPLES_SUPPORT_OPTIONS_HPP

#include <cmath>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <limits>
#include <string>
#include <variant>
#include <vector>

/// The exit status of every program here, with EXIT_SUCCESS and EXIT_FAILURE.
enum : int {
  EXIT_USAGE = 2,     // wrong arguments
  EXIT_NOTHING = 3,   // nothing was found, or no frame came in time
  EXIT_DIFFERENT = 4  // a received frame is not what was recorded
};

struct option {
  std::string name;      // "--rate"
  std::string argument;  // "HZ" in the help; empty for a flag
  std::string help;
  std::variant<bool *, std::string *, double *, std::uint32_t *> value;
  double least = 0;  // numbers outside of these are refused
  double most = std::numeric_limits<double>::infinity();
};

struct command_line {
  std::string program;
  std::string about;  // what it does, a sentence or two
  std::vector<option> options;
  std::string operands = {};  // "PATH..." in the help
  std::size_t least_operands = 0, most_operands = 0;
};

namespace detail {

inline void help(const command_line &line) {
  std::printf("usage: %s [options]%s%s\n\n%s\n\n", line.program.c_str(), line.operands.empty() ? "" : " ",
              line.operands.c_str(), line.about.c_str());
  for (const option &each : line.options)
    std::printf("  %-18s %s\n", (each.name + " " + each.argument).c_str(), each.help.c_str());
  std::printf("  %-18s %s\n", "--help", "show this and exit");
}

[[noreturn]] inline void refuse(const command_line &line, const std::string &what, const std::string &given) {
  std::fprintf(stderr, "%s: %s \"%s\" (see %s --help)\n", line.program.c_str(), what.c_str(), given.c_str(),
               line.program.c_str());
  std::exit(EXIT_USAGE);
}

inline double number(const command_line &line, const option &given, const std::string &value, bool whole) {
  const double most = whole ? std::fmin(given.most, std::numeric_limits<std::uint32_t>::max()) : given.most;
  char *end = nullptr;
  const double number = std::strtod(value.c_str(), &end);
  if (end != value.c_str() + value.size() || value.empty() || !std::isfinite(number) || number < given.least ||
      number > most || (whole && number != std::floor(number))) {
    char range[80];
    std::snprintf(range, sizeof range, std::isinf(given.most) ? "from %g" : "from %g to %g", given.least, given.most);
    refuse(line, given.name + " wants a " + (whole ? "whole number " : "number ") + range + ", not", value);
  }
  return number;
}

inline void store(const command_line &line, const option &given, const std::string &value) {
  if (auto text = std::get_if<std::string *>(&given.value))
    **text = value;
  else if (auto real = std::get_if<double *>(&given.value))
    **real = number(line, given, value, false);
  else
    **std::get_if<std::uint32_t *>(&given.value) = static_cast<std::uint32_t>(number(line, given, value, true));
}

}  // namespace detail

/// Reads the command line and returns the operands. Ends the program after --help (status 0) and where something is
/// wrong (status 2): call it before anything else.
inline std::vector<std::string> parse(const command_line &line, int argc, char **argv) {
  std::vector<std::string> operands;
  for (int i = 1; i < argc; ++i) {
    const std::string word = argv[i];
    if (word.size() < 2 || word[0] != '-') {
      operands.push_back(word);
      continue;
    }
    if (word == "--help" || word == "-h") {
      detail::help(line);
      std::exit(EXIT_SUCCESS);
    }
    const std::size_t equals = word.find('=');
    const option *given = nullptr;
    for (const option &each : line.options)
      if (each.name == word.substr(0, equals)) given = &each;
    if (!given) detail::refuse(line, "unknown option", word);
    if (auto flag = std::get_if<bool *>(&given->value)) {
      if (equals != std::string::npos) detail::refuse(line, "this option has no value:", word);
      **flag = true;
    } else if (equals != std::string::npos) {
      detail::store(line, *given, word.substr(equals + 1));
    } else if (i + 1 < argc) {
      detail::store(line, *given, argv[++i]);
    } else {
      detail::refuse(line, "a value is missing after", word);
    }
  }
  if (operands.size() > line.most_operands) detail::refuse(line, "unexpected argument", operands[line.most_operands]);
  if (operands.size() < line.least_operands) detail::refuse(line, "missing argument:", line.operands);
  return operands;
}

#endif
