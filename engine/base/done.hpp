#pragma once
// Done<T>: a completion that is called exactly once, with the answer. Destroying it uncalled is a
// bug: somebody would wait for ever.
#include <concepts>
#include <functional>
#include <utility>

#include "engine/base/ensure.hpp"

namespace engine {

template <class T>
class Done {
 public:
  template <class F>
  requires std::invocable<F&, T> Done(F function)
      : function_(std::move(function)) {}  // NOLINT: meant to convert

  Done(Done&& other) noexcept : function_(std::exchange(other.function_, nullptr)) {}
  Done& operator=(Done&& other) noexcept {
    ENSURE(!function_);
    function_ = std::exchange(other.function_, nullptr);
    return *this;
  }
  ~Done() { ENSURE(!function_); }

  void operator()(T answer) {
    ENSURE(function_);
    std::exchange(function_, nullptr)(std::move(answer));
  }

 private:
  std::function<void(T)> function_;
};

}  // namespace engine
