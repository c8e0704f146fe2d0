#include "ops/cli/confirmation.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "ops/cli/inputs.hpp"
#include "ops/cli/visible.hpp"
#include "ops/cli/words.hpp"

namespace ops::cli {

Outcome<void> place_named(Session& session, const engine::cap::Alert& alert, const Naming& naming) {
  std::vector<std::string> names = area_names(alert);
  const bool by_identifier = names.empty();
  if (by_identifier) names.push_back(alert.identifier);
  const std::string_view what = by_identifier ? "identifier" : "area's name";
  std::string typed;
  if (naming.given) {
    typed = *naming.given;
  } else {
    const std::string which =
        names.size() > 1 ? fmt::format(" (the first of {}, or any other)", names.size()) : "";
    auto answer =
        session.terminal->ask(fmt::format("To {} this {} alert, type the {}{}:", naming.act,
                                          status_word(alert.status), what, which),
                              fmt::format(fmt::runtime(naming.instead), visible(names.front())));
    if (!answer) return answer.error();
    typed = std::move(*answer);
  }
  const auto named = [&](const std::string& name) { return names_area(typed, name); };
  if (std::any_of(names.begin(), names.end(), named)) return {};
  return trouble(
      Exit::refused,
      fmt::format("\"{}\" is not the {} of this alert, so {}", visible(typed), what, naming.undone),
      fmt::format("read it again; if the place is wrong, do not {} it", naming.act));
}

}  // namespace ops::cli
