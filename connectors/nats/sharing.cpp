#include "connectors/nats/sharing.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "connectors/nats/limits.hpp"
#include "engine/base/octet_io.hpp"
#include "engine/base/trace.hpp"

namespace connectors::nats {

using engine::Bytes;
using engine::BytesView;
using engine::Failure;
using engine::Feed;
using engine::FeedPage;
using engine::Level;
using engine::OctetReader;
using engine::OctetWriter;
using engine::Result;
using engine::trace;

namespace {

constexpr std::string_view kAsks = "feed 1 ";
constexpr std::size_t kIdSize = 16;
constexpr char kPage = 'p', kKey = 'k', kUnknown = 'u', kFailed = 'f';

Bytes question_context(BytesView asking, BytesView asked) {
  OctetWriter out;
  out.put_text("tocsin cluster question 1");
  out.put_text(asking);
  out.put_text(asked);
  return out.take();
}

Bytes answer_context(BytesView question, BytesView asked) {
  OctetWriter out;
  out.put_text("tocsin cluster answer 1");
  out.put_text(question);
  out.put_text(asked);
  return out.take();
}

}  // namespace

/// A page of another node, as it came.
struct Sharing::Page {
  std::string cursor;
  bool end = false;
  engine::trust::Opened opened{0};
  std::size_t begins = 0;  // the feed's octets, in `opened`
  BytesView bytes() const { return opened.view().substr(begins); }
};

Sharing::Sharing(std::string id, std::optional<engine::trust::SharedKey> key)
    : id_(std::move(id)), key_(std::move(key)) {
  ENSURE(id_.size() == kIdSize);
}

void Sharing::add(Feed& feed) { parts_[std::string(feed.name())].feed = &feed; }

// --- asked

bool Sharing::asks(BytesView question) { return question.starts_with(kAsks); }

std::optional<Bytes> Sharing::answer_to(BytesView question) {
  if (!asks(question) || question.size() < kAsks.size() + kIdSize) return std::nullopt;
  if (!key_) return Bytes(1, kKey);
  const auto asking = question.substr(kAsks.size(), kIdSize);
  const auto opened =
      key_->open(question.substr(kAsks.size() + kIdSize), question_context(asking, id_));
  if (!opened) return Bytes(1, kKey);
  OctetReader in(opened->view());
  const auto name = in.text();
  const auto cursor = in.text();
  if (!in.finished()) return std::nullopt;
  const auto part = parts_.find(name);
  if (part == parts_.end()) return Bytes(1, kUnknown);
  Result<FeedPage> page = FeedPage{};
  {
    const std::lock_guard one_at_a_time(part->second.using_it);
    page = part->second.feed->page_after(cursor, limits::kBatchBytes);
  }
  if (!page) {
    trace(Level::warning, "feed_not_read",
          {{"feed", std::string(name)}, {"why", page.error().what}});
    return Bytes(1, kFailed);
  }
  OctetWriter out(page->cursor.size() + page->bytes.size() + 16);
  out.put_text(page->cursor);
  out.put(static_cast<std::uint8_t>(page->end ? 1 : 0));
  out.put_raw(page->bytes);
  Bytes plain = out.take();
  Bytes answer = Bytes(1, kPage) + key_->seal(plain, answer_context(question, id_));
  engine::trust::wipe(plain);
  engine::trust::wipe(page->bytes);
  return answer;
}

// --- asking

Result<Sharing::Page> Sharing::ask_page(const Node& node, Feed& feed, const std::string& cursor,
                                        const Ask& ask) {
  OctetWriter plain;
  plain.put_text(feed.name());
  plain.put_text(cursor);
  const Bytes question =
      Bytes(kAsks) + Bytes(id_) + key_->seal(plain.bytes(), question_context(id_, node.id));
  const auto answer = ask(question);
  if (!answer) return Failure{"it does not answer"};
  const char kind = answer->empty() ? '\0' : answer->front();
  if (kind == kUnknown) return Failure{fmt::format("it does not know {} yet", feed.name())};
  if (kind == kFailed) return Failure{fmt::format("it could not read its {}", feed.name())};
  std::optional<engine::trust::Opened> opened;
  if (kind == kPage) {
    opened = key_->open(BytesView(*answer).substr(1), answer_context(question, node.id));
  }
  if (!opened) return Failure{"its shared_key_file is missing, or another one than ours"};
  Page page;
  page.opened = *std::move(opened);
  OctetReader in(page.opened.view());
  page.cursor = in.text();
  page.end = in.number<std::uint8_t>() != 0;
  page.begins = 4 + page.cursor.size() + 1;
  if (!in.good() || page.cursor.size() > limits::kFeedCursor) {
    return Failure{"what it says is none of this version"};
  }
  return page;
}

Result<bool> Sharing::read_page(const Node& node, Part& part, const Ask& ask) {
  std::string& cursor = cursors_[{node.id, std::string(part.feed->name())}];
  auto page = ask_page(node, *part.feed, cursor, ask);
  if (!page) return page.error();
  if (!page->bytes().empty()) {
    const std::lock_guard one_at_a_time(part.using_it);
    if (auto taken = part.feed->take(page->bytes()); !taken) return taken.error();
  }
  cursor = std::move(page->cursor);
  return !page->end;
}

bool Sharing::read(const Node& node, const Ask& ask) {
  if (!key_) return false;
  bool more_of_any = false, answered = true;
  std::string why;
  const Ask asked = [&](BytesView question) {
    auto answer = ask(question);
    answered = answer.has_value();
    return answer;
  };
  for (auto& [name, part] : parts_) {
    bool more = true;
    for (std::size_t i = 0; more && answered && i < limits::kFeedPages; ++i) {
      const auto read = read_page(node, part, asked);
      if (!read && why.empty()) why = read.error().what;
      more = read && *read;  // where it failed, soon enough again
    }
    more_of_any = more_of_any || more;
  }
  note(node, why);
  return more_of_any && answered;
}

void Sharing::forget_others(const std::vector<Node>& nodes) {
  const auto other = [&](const std::string& id) {
    return std::none_of(nodes.begin(), nodes.end(), [&](const Node& one) { return one.id == id; });
  };
  std::erase_if(cursors_, [&](const auto& one) { return other(one.first.first); });
  const std::lock_guard lock(mutex_);
  std::erase_if(troubles_, [&](const auto& one) { return other(one.first); });
}

/// `why`: what is wrong now; empty: nothing.
void Sharing::note(const Node& node, const std::string& why) {
  const std::lock_guard lock(mutex_);
  if (why.empty()) {
    troubles_.erase(node.id);
    return;
  }
  Trouble& trouble = troubles_[node.id];
  if (trouble.why != why) {
    trace(Level::warning, "node_not_shared_with", {{"node", node.name}, {"why", why}});
  }
  trouble = {node.name, why};
}

std::vector<std::string> Sharing::warnings() const {
  if (parts_.empty()) return {};
  if (!key_) {
    return {
        "Organisations, and who was reached, are this node's alone: shared_key_file in [cluster] "
        "names the key by which nodes share them."};
  }
  std::vector<std::string> warnings;
  const std::lock_guard lock(mutex_);
  for (const auto& [id, trouble] : troubles_) {
    warnings.push_back(fmt::format("What node {} knows of organisations does not come here: {}.",
                                   trouble.name, trouble.why));
  }
  return warnings;
}

}  // namespace connectors::nats
