#include "ops/cli/lookout.hpp"

#include <algorithm>

#include "engine/trust/signature.hpp"
#include "ops/cli/engine_link.hpp"
#include "ops/cli/records.hpp"

namespace ops::cli {

namespace {

constexpr std::size_t kIdsMax = 100;  // one sender's alerts of a few minutes
constexpr auto kHelloMax = std::chrono::seconds{5};

}  // namespace

Lookout::Lookout(Session& session, const std::string& sender) {
  const auto url = url_of(session);
  if (!url) return;
  Filters filters;
  filters.statuses = {"Actual", "Exercise", "Test"};
  filters.senders = {sender};
  std::string query = query_of(filters);
  query.front() = '?';
  const auto token = reader_token(session);
  signed_in_ = token && !token->empty();
  auto opened = Stream::open(*url, "/v1/stream" + query, signed_in_ ? *token : std::string());
  if (!opened || opened->stream == nullptr) return;
  // Its hello says that from here on everything is sent.
  auto heard = opened->stream->hear(kHelloMax);
  if (heard.what != Stream::Heard::What::message) return;
  stream_ = std::move(opened->stream);
  take(heard.text);
}

void Lookout::hear() {
  while (stream_ != nullptr) {
    const auto heard = stream_->hear(std::chrono::milliseconds{1});
    if (heard.what == Stream::Heard::What::silence) return;
    if (heard.what == Stream::Heard::What::message) {
      take(heard.text);
    } else {
      stream_.reset();
    }
  }
}

void Lookout::take(std::string_view message) {
  while (!message.empty()) {
    const auto end = message.find('\n');
    const auto item = read_bulletin(message.substr(0, end));
    message.remove_prefix(end == std::string_view::npos ? message.size() : end + 1);
    if (!item) continue;  // a hello, a beat
    ids_.push_back(engine::to_hex(engine::view(engine::trust::sha256(item->envelope.payload))));
    if (ids_.size() > kIdsMax) ids_.pop_front();
  }
}

bool Lookout::saw(const std::string& id) const {
  return std::find(ids_.begin(), ids_.end(), id) != ids_.end();
}

}  // namespace ops::cli
