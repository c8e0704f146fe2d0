#include "engine/delivery/replies.hpp"

#include <algorithm>
#include <array>

#include "engine/answer.hpp"
#include "engine/delivery/limits.hpp"
#include "engine/directory.hpp"

namespace engine::delivery {

std::string_view text(ReplyRead::Outcome outcome) {
  return std::array<std::string_view, 5>{"empty", "unknown", "unreadable", "answered",
                                         "left"}[static_cast<std::size_t>(outcome)];
}

std::optional<bool> Replies::is_there(const Book::Told& told, const Replied& heard) const {
  auto read = desk_.parts.addressees.profile(told.key.organisation);
  if (!read) return std::nullopt;
  if (!*read) return false;
  const auto& contacts = (*read)->contacts;
  const bool there = std::any_of(contacts.begin(), contacts.end(), [&](const auto& contact) {
    return contact.number == told.contact && contact.way == heard.way &&
           contact.address == heard.from;
  });
  wipe(**read);
  return there;
}

ReplyRead Replies::read(const Replied& heard) {
  using Outcome = ReplyRead::Outcome;
  ReplyRead read;
  const Reply reply = read_reply(heard.text);
  if (reply.kind == Reply::Kind::nothing) return read;
  read.outcome = Outcome::unknown;
  const auto& mark_of = desk_.parts.addressees.mark;
  const auto mark = mark_of ? mark_of(heard.way, heard.from) : std::nullopt;
  if (!mark) return read;
  std::vector<std::string> seen;
  for (const Book::Told& told : desk_.book.told(*mark, limits::kToldLooked)) {
    const std::string& organisation = told.key.organisation;
    if (std::find(seen.begin(), seen.end(), organisation) != seen.end()) continue;
    seen.push_back(organisation);
    const auto there = is_there(told, heard);
    if (!there) return {Outcome::unreadable, {}, {}};
    if (!*there) continue;
    if (reply.kind == Reply::Kind::stop) {
      read.outcome = Outcome::left;
      read.leaving.emplace_back(organisation, told.contact);
    } else {
      read.outcome = Outcome::answered;
      read.receipts.push_back({told.key.sequence, Receipt::State::acknowledged,
                               engine::text(reply.answer), organisation});
    }
  }
  return read;
}

}  // namespace engine::delivery
