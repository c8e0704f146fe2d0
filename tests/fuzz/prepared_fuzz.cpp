// Any text as a prepared alert or as the file of contexts, which people hand to each other. A
// template that is taken is whole: filled with what its blanks ask for it leaves no brace behind,
// and not without one of them; contexts are written again as the same.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "engine/base/ensure.hpp"
#include "ops/cli/contexts.hpp"
#include "ops/cli/templates.hpp"
#include "ops/cli/visible.hpp"

namespace {

using namespace ops::cli;

void check_words(const std::string& text) { ENSURE(text.find_first_of("{}") == std::string::npos); }

void check_filled(const Filled& filled) {
  ENSURE(!filled.infos.empty());
  check_words(filled.correction);
  for (const auto& info : filled.infos) {
    ENSURE(!info.event.empty() && !info.headline.empty() && !info.instruction.empty());
    ENSURE(!info.categories.empty());
    for (const auto* text : {&info.event, &info.headline, &info.description, &info.instruction,
                             &info.sender_name, &info.web, &info.contact}) {
      check_words(*text);
    }
    ENSURE(info.areas.size() == 1 && !info.areas.front().description.empty());
    check_words(info.areas.front().description);
  }
}

void check_part(const Template& whole, Part part) {
  Fillings fillings;
  for (const Blank* blank : blanks_of(whole, part)) {
    ENSURE(!blank->about.empty() && blank->letters_max >= 1);
    ENSURE(blank->letters_max <= kBlankLettersMax);
    fillings[blank->name] = "x";
  }
  const auto filled = fill(whole, part, fillings);
  ENSURE(filled.has_value());
  check_filled(*filled);
  for (const Blank* blank : blanks_of(whole, part)) {
    Fillings fewer = fillings;
    fewer.erase(blank->name);
    ENSURE(!fill(whole, part, fewer));
    Fillings longer = fillings;
    longer[blank->name].assign(blank->letters_max, 'x');
    ENSURE(fill(whole, part, longer).has_value());
    longer[blank->name] += 'x';
    ENSURE(!fill(whole, part, longer));
  }
  fillings["no blank has this name"] = "x";
  ENSURE(!fill(whole, part, fillings));
}

void check_template(std::string_view text) {
  const auto read = parse_template(text, "prepared");
  if (!read) {
    ENSURE(!read.error().what.empty());
    return;
  }
  ENSURE(text.size() <= kTemplateBytesMax && read->blanks.size() <= kBlanksMax);
  ENSURE(!read->about.empty());
  check_part(*read, Part::alert);
  if (read->update) {
    check_part(*read, Part::update);
  } else {
    ENSURE(!fill(*read, Part::update, {}));
  }
}

void check_contexts(std::string_view text) {
  const auto contexts = parse_contexts(text);
  if (!contexts) {
    ENSURE(!contexts.error().what.empty());
    return;
  }
  const std::string written = contexts_toml(*contexts);
  const auto again = parse_contexts(written);
  ENSURE(again.has_value() && contexts_toml(*again) == written);
  ENSURE(again->used == contexts->used && again->all.size() == contexts->all.size());
  for (const auto& [name, context] : contexts->all) {
    const auto found = again->all.find(name);
    ENSURE(found != again->all.end() && found->second.server == context.server);
    ENSURE(found->second.roots == context.roots && found->second.trust == context.trust);
    ENSURE(found->second.token_file == context.token_file);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  check_template(text);
  check_contexts(text);
  return 0;
}
