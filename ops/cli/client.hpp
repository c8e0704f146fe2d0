#pragma once
// HTTP/1.1 and WebSocket to one engine, over plain TCP or TLS, one thing at a time: every call
// returns when it is done or its time is over. Beast stays in client.cpp and client_tls.cpp, since
// a file that has it over both takes three times as long to compile as two that have one each.
#include <memory>
#include <optional>
#include <string>

#include "engine/base/time.hpp"
#include "ops/cli/outcome.hpp"
#include "ops/cli/url.hpp"

namespace ops::cli {

struct Request {
  std::string method = "GET";
  std::string target;  // path and query, without the prefix of the Url
  std::string accept = "application/json";
  std::string content_type;
  std::string body;
  std::string token;  // empty, or sent as Authorization: Bearer
  engine::Duration timeout = std::chrono::seconds{20};
};

struct Response {
  int status = 0;
  std::string content_type;
  std::string position;     // Tocsin-Position
  std::string retry_after;  // Retry-After
  std::string body;         // at most 16 MiB
};

/// Why an exchange failed: before anything was sent, since nobody was there or somebody whose
/// certificate does not hold; or when it may have arrived already.
struct Unanswered {
  enum class When { not_sent, not_trusted, maybe_sent } when = When::not_sent;
  std::string why;
};
template <class T>
using Answered = boost::system::result<T, Unanswered>;
[[noreturn]] inline void throw_exception_from_error(const Unanswered& unanswered,
                                                    const boost::source_location&) {
  throw std::runtime_error(unanswered.why);
}

/// One request on a connection of its own.
Answered<Response> exchange(const Url& url, const Request& request);

/// The engine's stream of alerts.
class Stream {
 public:
  /// Either the stream, or what the engine answered instead of upgrading.
  struct Opened {
    std::unique_ptr<Stream> stream;
    Response refusal;
  };
  static Answered<Opened> open(const Url& url, const std::string& target, const std::string& token);
  ~Stream();

  struct Heard {
    enum class What { message, silence, end } what = What::end;
    std::string text;    // of a message; of an end the reason the engine gave
    int close_code = 0;  // 0: the connection broke
  };
  /// Waits for the next message, at most that long.
  Heard hear(engine::Duration patience);

  /// What a transport makes of it.
  class Impl {
   public:
    virtual ~Impl() = default;
    virtual Heard hear(engine::Duration patience) = 0;
  };
  explicit Stream(std::unique_ptr<Impl> impl);

 private:
  std::unique_ptr<Impl> impl_;
};

}  // namespace ops::cli
