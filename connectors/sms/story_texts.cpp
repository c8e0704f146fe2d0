#include "connectors/sms/story_texts.hpp"

#include <algorithm>
#include <utility>

#include "connectors/sms/alert_text.hpp"
#include "connectors/sms/limits.hpp"

namespace connectors::sms {

using engine::Story;
namespace cap = engine::cap;

namespace {

/// Languages have references of their own too: two of an organisation may share a telephone.
std::uint8_t reference_of(const Story& story, std::string_view language) {
  std::uint64_t reference = engine::number(story.sequence);
  for (const char c : language) reference = reference * 31 + static_cast<unsigned char>(c);
  return static_cast<std::uint8_t>(reference);
}

/// The words by which somebody is asked for an answer cost no part of their own.
void ask_for_reply(const Story& story, std::string_view language, const std::string& text,
                   TextParts& parts) {
  if (story.alert.msg_type == cap::MsgType::cancel) return;
  auto longer = to_parts(text + std::string(reply_words(language)), reference_of(story, language));
  if (!longer || longer->messages.size() > parts.messages.size()) return;
  parts = std::move(*longer);
}

std::shared_ptr<const StoryText> make_text(const Story& story, std::string_view language,
                                           StoryTexts::Replies replies) {
  const std::string text =
      alert_text({story.alert, story.bulletin->id, language, story.sender_name, story.ended.get()});
  auto parts = to_parts(text, reference_of(story, language));
  if (!parts) return nullptr;
  if (replies == StoryTexts::Replies::asked_for) ask_for_reply(story, language, text, *parts);
  return std::make_shared<const StoryText>(
      StoryText{std::move(*parts), priority_of(story.alert, story.ended.get())});
}

}  // namespace

std::uint8_t priority_of(const cap::Alert& alert, const cap::Alert* ended) {
  if (alert.msg_type == cap::MsgType::cancel) {
    return ended == nullptr ? 3 : priority_of(*ended, nullptr);
  }
  int priority = cap::rank(cap::severity_of(alert)) - 1;
  const auto some = [&alert](auto... urgencies) {
    return std::any_of(alert.infos.begin(), alert.infos.end(),
                       [&](const cap::Info& info) { return ((info.urgency == urgencies) || ...); });
  };
  using cap::Urgency;
  if (some(Urgency::immediate, Urgency::unknown)) {
    ++priority;
  } else if (!some(Urgency::expected)) {
    --priority;
  }
  return static_cast<std::uint8_t>(std::clamp(priority, 0, 3));
}

std::shared_ptr<const StoryText> StoryTexts::of(const Story& story, std::string_view language) {
  // What a Cancel ends may come to be known later.
  std::string key(engine::view(story.bulletin->id));
  key += story.ended ? '1' : '0';
  key += language;
  if (const auto found = found_.find(key); found != found_.end()) {
    kept_.splice(kept_.begin(), kept_, found->second);
    return found->second->text;
  }
  kept_.push_front({key, make_text(story, language, replies_)});
  found_.emplace(std::move(key), kept_.begin());
  if (kept_.size() > limits::kTextsKept) {
    found_.erase(kept_.back().key);
    kept_.pop_back();
  }
  return kept_.front().text;
}

}  // namespace connectors::sms
