#pragma once
// One request to one receiver. libcurl looks its name up and connects; each address is held against
// the guard at the moment at which it is connected to, so that no name can turn into another
// address between being judged and being used. One thread.
#include <filesystem>
#include <functional>
#include <memory>
#include <string>

#include "connectors/transfer/transfers.hpp"
#include "connectors/webhook/guard.hpp"
#include "connectors/webhook/limits.hpp"
#include "connectors/webhook/standard_webhook.hpp"
#include "engine/channel.hpp"

namespace connectors::webhook {

/// How requests are made.
struct Manner {
  Guard guard;
  std::filesystem::path ca_file;  // the authorities that count; empty: those of the machine
  engine::Duration connect = limits::kConnectMax;
  engine::Duration whole = limits::kWholeMax;
};

class Request {
 public:
  /// `done` runs from the loop, once, and may destroy this.
  Request(transfer::Transfers& transfers, const Manner& manner, const Url& url,
          const Headers& headers, std::string body, std::function<void(engine::Attempted)> done);
  Request(const Request&) = delete;
  Request& operator=(const Request&) = delete;

 private:
  static curl_socket_t on_open(void* self, curlsocktype purpose, curl_sockaddr* address);
  static std::size_t on_head(char* line, std::size_t size, std::size_t count, void* self);
  static std::size_t on_body(char* octets, std::size_t size, std::size_t count, void* self);
  void configure(const Url& url, const Headers& headers);
  engine::Attempted attempted(CURLcode code) const;

  const Manner& manner_;
  const std::string body_;
  std::unique_ptr<curl_slist, void (*)(curl_slist*)> headers_;
  transfer::Transfer transfer_;
  bool guarded_ = false;  // an address was refused
  std::size_t head_octets_ = 0;
  bool answer_whole_ = true;
  std::string retry_after_, answer_;
};

}  // namespace connectors::webhook
