#pragma once
// What organisations answered, as the engine tells its operator, written down for people and for
// spreadsheets, and counted. Pure.
#include <boost/json/object.hpp>
#include <cstdint>
#include <string>

namespace ops::cli {

/// One line for a terminal: whoever needs help, or says what a person has to read, is marked.
std::string answer_text(const boost::json::object& organisation);
std::string answer_csv(const boost::json::object& organisation);
std::string answer_csv_header();

class AnswerCounts {
 public:
  void add(const boost::json::object& organisation);
  /// One sentence; those who need help stand first.
  std::string text() const;

 private:
  std::uint64_t safe_ = 0, need_help_ = 0, can_shelter_ = 0, places_ = 0, words_ = 0;
};

}  // namespace ops::cli
