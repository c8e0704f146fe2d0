#pragma once
// How a command ends: with an exit code, or with a trouble that is told to the person who typed it.
#include <boost/system/result.hpp>
#include <stdexcept>
#include <string>
#include <utility>

#include "engine/base/result.hpp"

namespace ops::cli {

/// The exit codes scripts may rely on.
enum class Exit : int {
  done = 0,
  refused = 1,        // by the engine, or here for the reason the engine would give
  usage = 2,          // wrong flags, a file that is not there
  unreachable = 3,    // no engine answers
  partly = 4,         // partly delivered by the deadline
  bad_signature = 5,  // a signature does not verify
};

/// What went wrong and what to do next, each one sentence.
struct Trouble {
  Trouble() = default;
  /// Not an aggregate: an Outcome<Exit> must not take an Exit for half a trouble.
  Trouble(Exit code, std::string sentence, std::string advice)
      : exit(code), what(std::move(sentence)), next(std::move(advice)) {}
  Exit exit = Exit::refused;
  std::string what;
  std::string next;
};

[[noreturn]] inline void throw_exception_from_error(const Trouble& trouble,
                                                    const boost::source_location&) {
  throw std::runtime_error(trouble.what);
}

template <class T>
using Outcome = boost::system::result<T, Trouble>;

inline Trouble trouble(Exit exit, std::string what, std::string next = {}) {
  return {exit, std::move(what), std::move(next)};
}
inline Trouble refused(const engine::Failure& failure, std::string next = {}) {
  return {Exit::refused, failure.what, std::move(next)};
}

}  // namespace ops::cli
