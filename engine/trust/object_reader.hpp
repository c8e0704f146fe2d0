#pragma once
// Reads the members of one JSON object by name and type, and keeps the first fault of a whole
// document as one sentence that names the place. After a fault every reading gives an empty value,
// so that a reader is written as if all went well and asks once, at the end. One thread.
#include <boost/json/value.hpp>
#include <functional>
#include <string>
#include <string_view>

#include "engine/base/time.hpp"

namespace engine::trust {

class ObjectReader {
 public:
  /// `path` is how a person finds it: "senders[0].authority"; empty for the whole document.
  /// `fault` outlives every reader of the document.
  ObjectReader(const boost::json::value& value, std::string path, std::string& fault);

  /// Present, and not null.
  bool has(std::string_view key) const;

  /// One to 1,000 octets, no control characters, no blank at either end.
  std::string text(std::string_view key);
  /// The same, or nothing at all.
  std::string note(std::string_view key);
  std::int64_t integer(std::string_view key, std::int64_t low, std::int64_t high);
  /// RFC 3339 with `Z`.
  Time time(std::string_view key);
  ObjectReader object(std::string_view key);

  /// Each member of an array of objects, or of texts, in order. The array has to be there.
  void each_object(std::string_view key, const std::function<void(ObjectReader)>& read);
  void each_text(std::string_view key, const std::function<void(const std::string&)>& read);

  /// Keeps "<path>.<key> <what>" if it is the first fault. `what` says what to do.
  void fail(std::string_view key, std::string_view what);
  bool failed() const { return !fault_->empty(); }

 private:
  ObjectReader(std::string path, std::string& fault) : path_(std::move(path)), fault_(&fault) {}
  const boost::json::value* member(std::string_view key);
  const boost::json::array* array(std::string_view key);
  std::string checked_text(const boost::json::value& value, std::string_view key);
  std::string path_to(std::string_view key) const;

  const boost::json::object* object_ = nullptr;
  std::string path_;
  std::string* fault_;
};

}  // namespace engine::trust
