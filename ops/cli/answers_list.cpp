#include "ops/cli/answers_list.hpp"

#include <fmt/format.h>

#include <charconv>

#include "ops/cli/listing.hpp"
#include "ops/cli/visible.hpp"

namespace ops::cli {

namespace json = boost::json;

std::string answer_text(const json::object& organisation) {
  const std::string means = text_in(organisation, "means");
  const std::string_view mark = means == "need help" ? "!" : means == "words" ? "?" : " ";
  return fmt::format("{} {}  {}: {}\n", mark, visible(text_in(organisation, "organisation")),
                     visible(text_in(organisation, "name")),
                     visible(text_in(organisation, "answer")));
}

std::string answer_csv_header() {
  return csv_row({"organisation", "name", "means", "places", "answer"});
}

std::string answer_csv(const json::object& organisation) {
  return csv_row({text_in(organisation, "organisation"), text_in(organisation, "name"),
                  text_in(organisation, "means"), text_in(organisation, "places"),
                  text_in(organisation, "answer")});
}

void AnswerCounts::add(const json::object& organisation) {
  const std::string means = text_in(organisation, "means");
  if (means == "need help") {
    ++need_help_;
  } else if (means == "safe") {
    ++safe_;
  } else if (means == "can shelter") {
    const std::string text = text_in(organisation, "places");
    std::uint64_t places = 0;
    std::from_chars(text.data(), text.data() + text.size(), places);
    ++can_shelter_;
    places_ += places;
  } else {
    ++words_;
  }
}

std::string AnswerCounts::text() const {
  return fmt::format(
      "Need help: {}. Safe: {}. Can shelter: {}, {} people at least. In words, to be read: {}.",
      need_help_, safe_, can_shelter_, places_, words_);
}

}  // namespace ops::cli
