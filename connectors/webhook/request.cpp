#include "connectors/webhook/request.hpp"

#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>

#include "connectors/webhook/event.hpp"
#include "engine/base/ensure.hpp"

namespace connectors::webhook {

using engine::Attempted;

namespace {

/// The address that libcurl is about to connect to.
std::optional<Address> address_in(const curl_sockaddr& address) {
  if (address.family == AF_INET) {
    sockaddr_in v4{};
    std::copy_n(reinterpret_cast<const char*>(&address.addr), sizeof v4,
                reinterpret_cast<char*>(&v4));
    engine::Octets<4> octets{};
    std::copy_n(reinterpret_cast<const char*>(&v4.sin_addr), octets.size(),
                reinterpret_cast<char*>(octets.data()));
    return Address::v4(octets);
  }
  if (address.family != AF_INET6) return std::nullopt;
  sockaddr_in6 v6{};
  std::copy_n(reinterpret_cast<const char*>(&address.addr), sizeof v6,
              reinterpret_cast<char*>(&v6));
  Address found;
  std::copy_n(reinterpret_cast<const char*>(&v6.sin6_addr), found.octets.size(),
              reinterpret_cast<char*>(found.octets.data()));
  return found;
}

/// Why there is no answer, in our own words: libcurl's would hold the address.
std::string_view sentence_of(CURLcode code, bool guarded) {
  if (guarded) return "The receiver's name stands for an address that is not a public one.";
  switch (code) {
    case CURLE_COULDNT_RESOLVE_HOST:
      return "The receiver's name is not known.";
    case CURLE_COULDNT_CONNECT:
      return "The receiver cannot be reached.";
    case CURLE_OPERATION_TIMEDOUT:
      return "The receiver did not answer in time.";
    case CURLE_PEER_FAILED_VERIFICATION:
      return "The receiver's certificate is not its own, has expired, or is of an unknown "
             "authority; nothing was sent.";
    case CURLE_SSL_CONNECT_ERROR:
      return "TLS with the receiver did not come about.";
    default:
      return "The receiver ended the connection without an answer.";
  }
}

std::string_view trim(std::string_view text) {
  const std::size_t begin = text.find_first_not_of(" \t\r\n");
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(" \t\r\n") - begin + 1);
}

bool begins(std::string_view text, std::string_view lower_case) {
  return text.size() >= lower_case.size() &&
         std::equal(lower_case.begin(), lower_case.end(), text.begin(), [](char a, char b) {
           return a == (b >= 'A' && b <= 'Z' ? static_cast<char>(b - 'A' + 'a') : b);
         });
}

std::string written(const Url& url) {
  const bool v6 = url.host.find(':') != std::string::npos;
  return url.scheme + "://" + (v6 ? "[" + url.host + "]" : url.host) + ":" +
         std::to_string(url.port) + url.target;
}

}  // namespace

Request::Request(transfer::Transfers& transfers, const Manner& manner, const Url& url,
                 const Headers& headers, std::string body,
                 std::function<void(engine::Attempted)> done)
    : manner_(manner),
      body_(std::move(body)),
      headers_(nullptr, curl_slist_free_all),
      transfer_(transfers) {
  configure(url, headers);
  transfer_.start([this, done = std::move(done)](CURLcode code) { done(attempted(code)); });
}

void Request::configure(const Url& url, const Headers& headers) {
  const std::string lines[] = {"Content-Type: application/json", "webhook-id: " + headers.id,
                               "webhook-timestamp: " + headers.timestamp,
                               "webhook-signature: " + headers.signature, "Expect:"};
  for (const std::string& line : lines) {
    curl_slist* longer = curl_slist_append(headers_.get(), line.c_str());
    ENSURE(longer != nullptr);
    headers_.release();
    headers_.reset(longer);
  }
  transfer_.set(CURLOPT_URL, written(url).c_str());
  transfer_.set(CURLOPT_PROTOCOLS_STR, url.scheme.c_str());
  transfer_.set(CURLOPT_HTTP_VERSION, static_cast<long>(CURL_HTTP_VERSION_1_1));
  transfer_.set(CURLOPT_SSLVERSION, static_cast<long>(CURL_SSLVERSION_TLSv1_2));
  transfer_.set(CURLOPT_FOLLOWLOCATION, 0L);
  transfer_.set(CURLOPT_PATH_AS_IS, 1L);
  transfer_.set(CURLOPT_USERAGENT, "Tocsin");
  transfer_.set(CURLOPT_HTTPHEADER, headers_.get());
  transfer_.set(CURLOPT_POST, 1L);
  transfer_.set(CURLOPT_POSTFIELDS, body_.c_str());
  transfer_.set(CURLOPT_POSTFIELDSIZE, static_cast<long>(body_.size()));
  transfer_.set(CURLOPT_CONNECTTIMEOUT_MS, static_cast<long>(manner_.connect.count()));
  transfer_.set(CURLOPT_TIMEOUT_MS, static_cast<long>(manner_.whole.count()));
  if (!manner_.ca_file.empty()) {
    transfer_.set(CURLOPT_CAINFO, manner_.ca_file.c_str());
    transfer_.set(CURLOPT_CAPATH, nullptr);
  }
  transfer_.set(CURLOPT_OPENSOCKETFUNCTION, &Request::on_open);
  transfer_.set(CURLOPT_OPENSOCKETDATA, this);
  transfer_.set(CURLOPT_HEADERFUNCTION, &Request::on_head);
  transfer_.set(CURLOPT_HEADERDATA, this);
  transfer_.set(CURLOPT_WRITEFUNCTION, &Request::on_body);
  transfer_.set(CURLOPT_WRITEDATA, this);
}

curl_socket_t Request::on_open(void* self, curlsocktype, curl_sockaddr* address) {
  auto& request = *static_cast<Request*>(self);
  const auto found = address_in(*address);
  if (!found || !address_allowed(*found, request.manner_.guard)) {
    request.guarded_ = true;
    return CURL_SOCKET_BAD;
  }
  return ::socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
}

std::size_t Request::on_head(char* line, std::size_t size, std::size_t count, void* self) {
  constexpr std::string_view kRetryAfter = "retry-after:";
  auto& request = *static_cast<Request*>(self);
  const std::string_view text(line, size * count);
  request.head_octets_ += text.size();
  if (request.head_octets_ > limits::kHeadBytes) return 0;
  if (begins(text, kRetryAfter)) request.retry_after_ = trim(text.substr(kRetryAfter.size()));
  return text.size();
}

/// What is too long is not read to its end.
std::size_t Request::on_body(char* octets, std::size_t size, std::size_t count, void* self) {
  auto& request = *static_cast<Request*>(self);
  if (request.answer_.size() + size * count > limits::kAnswerBytes) {
    request.answer_whole_ = false;
    return 0;
  }
  request.answer_.append(octets, size * count);
  return size * count;
}

Attempted Request::attempted(CURLcode code) const {
  Attempted attempted;
  long status = 0, sent = 0;
  curl_easy_getinfo(transfer_.handle(), CURLINFO_RESPONSE_CODE, &status);
  curl_easy_getinfo(transfer_.handle(), CURLINFO_REQUEST_SIZE, &sent);
  if (status >= 200) {  // the answer may have been cut off behind its head
    attempted.outcome = outcome_of(static_cast<int>(status), retry_after_);
    const bool delivered = attempted.outcome.fate == engine::Fate::sent;
    if (delivered && code == CURLE_OK && answer_whole_) attempted.said = said_in(answer_);
    return attempted;
  }
  attempted.outcome.why = sentence_of(code, guarded_);
  // A request that was sent may have arrived, answered or not.
  attempted.uncertain = sent > 0;
  return attempted;
}

}  // namespace connectors::webhook
