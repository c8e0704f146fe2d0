#include "engine/trust/strict_json.hpp"

#include <algorithm>
#include <boost/json/basic_parser_impl.hpp>
#include <boost/json/serialize.hpp>
#include <boost/json/value_stack.hpp>
#include <cmath>
#include <string>
#include <vector>

namespace engine::trust {
namespace {

namespace json = boost::json;
using json::error_code;

/// Builds the value as Boost.JSON's own parser does, and keeps the keys of every open object beside
/// it, so that a second use of one is seen before the object is made.
class StrictHandler {
 public:
  static constexpr std::size_t max_object_size = json::object::max_size();
  static constexpr std::size_t max_array_size = json::array::max_size();
  static constexpr std::size_t max_key_size = json::string::max_size();
  static constexpr std::size_t max_string_size = json::string::max_size();

  bool on_document_begin(error_code&) {
    stack_.reset();
    return true;
  }
  bool on_document_end(error_code&) { return true; }
  bool on_object_begin(error_code&) { return true; }
  bool on_object_end(std::size_t n, error_code& ec) {
    if (repeats_a_key(n)) return refuse(ec);
    keys_.resize(keys_.size() - n);
    stack_.push_object(n);
    return true;
  }
  bool on_array_begin(error_code&) { return true; }
  bool on_array_end(std::size_t n, error_code&) {
    stack_.push_array(n);
    return true;
  }
  bool on_key_part(json::string_view part, std::size_t, error_code&) {
    key_ += part;
    stack_.push_chars(part);
    return true;
  }
  bool on_key(json::string_view part, std::size_t, error_code&) {
    key_ += part;
    keys_.push_back(std::move(key_));
    key_.clear();
    stack_.push_key(part);
    return true;
  }
  bool on_string_part(json::string_view part, std::size_t, error_code&) {
    stack_.push_chars(part);
    return true;
  }
  bool on_string(json::string_view part, std::size_t, error_code&) {
    stack_.push_string(part);
    return true;
  }
  bool on_number_part(json::string_view, error_code&) { return true; }
  bool on_int64(std::int64_t number, json::string_view, error_code&) {
    stack_.push_int64(number);
    return true;
  }
  bool on_uint64(std::uint64_t number, json::string_view, error_code&) {
    stack_.push_uint64(number);
    return true;
  }
  bool on_double(double number, json::string_view, error_code& ec) {
    if (!std::isfinite(number)) {
      fault_ = "a number is too large to be held";
      return refuse(ec);
    }
    stack_.push_double(number);
    return true;
  }
  bool on_bool(bool value, error_code&) {
    stack_.push_bool(value);
    return true;
  }
  bool on_null(error_code&) {
    stack_.push_null();
    return true;
  }
  bool on_comment_part(json::string_view, error_code&) { return true; }
  bool on_comment(json::string_view, error_code&) { return true; }

  json::value release() { return stack_.release(); }
  /// What this handler refused; empty where the grammar did.
  const std::string& fault() const { return fault_; }

 private:
  /// Sorting rather than hashing: no choice of keys makes it slow.
  bool repeats_a_key(std::size_t n) {
    const auto first = keys_.end() - static_cast<std::ptrdiff_t>(n);
    std::sort(first, keys_.end());
    const auto twice = std::adjacent_find(first, keys_.end());
    if (twice == keys_.end()) return false;
    fault_ = "the key " + json::serialize(json::string(twice->substr(0, 64))) +
             " stands twice in one object";
    return true;
  }
  static bool refuse(error_code& ec) {
    ec = json::make_error_code(json::error::syntax);
    return false;
  }

  json::value_stack stack_;
  std::vector<std::string> keys_;  // of every open object, outermost first
  std::string key_;                // the parts of a key that came in pieces
  std::string fault_;
};

std::string sentence(const std::string& fault, const error_code& ec, std::size_t at) {
  std::string what = fault;
  if (what.empty() && ec == json::error::too_deep) what = "it is nested too deeply";
  if (what.empty()) what = ec.message();
  return "Not strict JSON: " + what + ", at octet " + std::to_string(at) + ".";
}

}  // namespace

Result<json::value> parse_strict_json(std::string_view text, std::size_t depth_max) {
  json::parse_options options;
  options.max_depth = depth_max;
  json::basic_parser<StrictHandler> parser(options);
  error_code ec;
  const std::size_t read = parser.write_some(false, text.data(), text.size(), ec);
  if (!ec && read < text.size()) ec = json::make_error_code(json::error::extra_data);
  if (ec) return Failure{sentence(parser.handler().fault(), ec, read)};
  return parser.handler().release();
}

}  // namespace engine::trust
