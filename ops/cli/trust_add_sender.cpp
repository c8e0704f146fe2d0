// tocsin trust add-sender: one control room, its officers, and what they may speak about.
#include <fmt/format.h>

#include <algorithm>

#include "engine/places.hpp"
#include "engine/trust/authoring.hpp"
#include "ops/cli/commands.hpp"
#include "ops/cli/files.hpp"
#include "ops/cli/inputs.hpp"
#include "ops/cli/keys.hpp"
#include "ops/cli/trust_draft.hpp"
#include "ops/cli/visible.hpp"

namespace ops::cli {

namespace trust = engine::trust;
namespace cap = engine::cap;

namespace {

Trouble wrong(const engine::Failure& failure) { return trouble(Exit::usage, failure.what); }

template <class Enum, class Take>
Outcome<void> each_word(const std::vector<std::string>& words, Take take) {
  for (const auto& word : words) {
    const auto value = parse_word<Enum>(word);
    if (!value) return wrong(value.error());
    take(*value);
  }
  return {};
}

Outcome<std::vector<std::string>> known_areas(const std::vector<std::string>& codes) {
  for (const auto& code : codes) {
    if (code != "*" && engine::Places::builtin().find(code) == nullptr) {
      return trouble(Exit::usage, fmt::format("'{}' is no place known here", visible(code)),
                     "areas are ONS codes, such as E09000033 (Westminster), E12000007 (London), "
                     "K02000001 (United Kingdom), or \"*\" for anywhere");
    }
  }
  return codes;
}

Outcome<trust::Authority> authority_of(const TrustAddSender& options, trust::SystemKind kind) {
  trust::Authority authority;
  const auto areas = known_areas(options.areas);
  if (!areas) return areas.error();
  authority.areas = *areas;

  const auto category = [&](cap::Category value) { authority.categories |= cap::bit(value); };
  if (auto read = each_word<cap::Category>(options.categories, category); !read) {
    return read.error();
  }
  if (options.categories.empty()) {
    for (int i = 0; i <= static_cast<int>(cap::Category::other); ++i) {
      category(static_cast<cap::Category>(i));
    }
  }
  const auto severity = parse_word<cap::Severity>(options.max_severity);
  if (!severity) return wrong(severity.error());
  authority.max_severity = *severity;

  const auto status = [&](cap::Status value) { authority.statuses.insert(value); };
  if (auto read = each_word<cap::Status>(options.statuses, status); !read) return read.error();
  if (options.statuses.empty()) {
    authority.statuses = {cap::Status::exercise, cap::Status::test};
    if (kind == trust::SystemKind::live) authority.statuses.insert(cap::Status::actual);
  }
  const auto scope = [&](cap::Scope value) { authority.scopes.insert(value); };
  if (auto read = each_word<cap::Scope>(options.scopes, scope); !read) return read.error();
  if (options.scopes.empty()) authority.scopes = {cap::Scope::public_};
  return authority;
}

Outcome<std::vector<trust::Officer>> officers_of(const TrustAddSender& options,
                                                 const trust::TrustDocument& document) {
  engine::Time until = document.expires;
  if (!options.not_after.empty()) {
    const auto moment = parse_moment(options.not_after);
    if (!moment) return wrong(moment.error());
    until = *moment;
  }
  std::vector<trust::Officer> officers;
  for (const auto& text : options.officers) {
    const auto officer = parse_officer(text);
    if (!officer) return wrong(officer.error());
    const auto key = read_public_key(officer->key_file);
    if (!key) return key.error();
    officers.push_back({*key, officer->duties, document.issued, until});
  }
  return officers;
}

Outcome<trust::Sender> sender_of(const TrustAddSender& options,
                                 const trust::TrustDocument& document) {
  trust::Sender sender;
  sender.sender = options.sender;
  sender.name = options.name;
  sender.rate_per_hour = options.rate_per_hour;
  auto officers = officers_of(options, document);
  if (!officers) return officers.error();
  sender.officers = std::move(*officers);
  auto authority = authority_of(options, document.kind);
  if (!authority) return authority.error();
  sender.authority = std::move(*authority);
  for (const auto& text : options.approvals) {
    const auto rule = parse_approval(text);
    if (!rule) return wrong(rule.error());
    sender.approvals.push_back(*rule);
  }
  return sender;
}

}  // namespace

Outcome<Exit> trust_add_sender(Session& session, const TrustAddSender& options) {
  auto draft = read_draft(session, options.file);
  if (!draft) return draft.error();
  const std::string out = options.out.empty() ? options.file : options.out;
  if (draft->form == TrustForm::signed_document && out == options.file) {
    return trouble(Exit::usage,
                   fmt::format("{} is signed already and is left as it is", visible(options.file)),
                   "add --out DRAFT: that makes the draft of its next version");
  }
  trust::TrustDocument& document = draft->document;
  const auto same = [&](const trust::Sender& other) { return other.sender == options.sender; };
  if (std::any_of(document.senders.begin(), document.senders.end(), same)) {
    return trouble(Exit::refused, fmt::format("{} has a sender {} already", visible(options.file),
                                              visible(options.sender)));
  }
  auto sender = sender_of(options, document);
  if (!sender) return sender.error();
  document.senders.push_back(std::move(*sender));

  const std::string payload = trust::trust_payload_json(document);
  if (const auto again = trust::read_trust_payload(payload); !again) {
    return refused(again.error(), "nothing was written");
  }
  if (auto written = write_file(out, payload); !written) return written.error();
  session.terminal->say(fmt::format(
      "{} may speak in version {} once the roots have signed it:\n  tocsin trust sign {} --key "
      "ROOTKEY",
      visible(options.sender), document.version, visible(out)));
  return Exit::done;
}

}  // namespace ops::cli
