#pragma once
// An operating error is a value: a disk that is full, a file that cannot be read. It carries one
// sentence for the person who has to act. (Refusals are answers, see refusal.hpp; bugs stop the
// process, see ensure.hpp.)
#include <boost/system/result.hpp>
#include <initializer_list>
#include <stdexcept>
#include <string>
#include <string_view>

namespace engine {

struct Failure {
  std::string what;

  Failure() = default;
  /// Written `Failure{"sentence"}`. A list, so that a string by itself is not taken for a failure
  /// and Result<std::string> can hold one.
  Failure(std::initializer_list<std::string_view> parts) {
    for (const auto part : parts) what += part;
  }
};

[[noreturn]] inline void throw_exception_from_error(const Failure& failure,
                                                    const boost::source_location&) {
  throw std::runtime_error(failure.what);
}

template <class T>
using Result = boost::system::result<T, Failure>;

}  // namespace engine
