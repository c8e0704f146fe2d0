#include "engine/trust/object_reader.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace engine::trust {
namespace {

constexpr std::size_t kTextMax = 1000;

bool is_control(char c) { return static_cast<unsigned char>(c) < ' ' || c == 0x7f; }

}  // namespace

ObjectReader::ObjectReader(const boost::json::value& value, std::string path, std::string& fault)
    : object_(value.if_object()), path_(std::move(path)), fault_(&fault) {
  if (object_ == nullptr) fail("", "must be a JSON object");
}

bool ObjectReader::has(std::string_view key) const {
  if (object_ == nullptr) return false;
  const auto* value = object_->if_contains(key);
  return value != nullptr && !value->is_null();
}

std::string ObjectReader::text(std::string_view key) {
  const auto* value = member(key);
  return value == nullptr ? std::string{} : checked_text(*value, key);
}

std::string ObjectReader::note(std::string_view key) {
  const auto* value = member(key);
  if (value == nullptr || (value->is_string() && value->get_string().empty())) return {};
  return checked_text(*value, key);
}

std::string ObjectReader::checked_text(const boost::json::value& value, std::string_view key) {
  const auto* text = value.if_string();
  if (text == nullptr) {
    fail(key, "must be a string");
  } else if (text->empty() || text->size() > kTextMax) {
    fail(key, "must have 1 to 1,000 octets");
  } else if (std::any_of(text->begin(), text->end(), is_control)) {
    fail(key, "has control characters; remove them");
  } else if (text->front() == ' ' || text->back() == ' ') {
    fail(key, "begins or ends with a space; remove it");
  } else {
    return std::string(*text);
  }
  return {};
}

std::int64_t ObjectReader::integer(std::string_view key, std::int64_t low, std::int64_t high) {
  const auto* value = member(key);
  if (value == nullptr) return 0;
  if (!value->is_int64() || value->get_int64() < low || value->get_int64() > high) {
    fail(key, fmt::format("must be a whole number from {} to {}", low, high));
    return 0;
  }
  return value->get_int64();
}

Time ObjectReader::time(std::string_view key) {
  const auto* value = member(key);
  if (value == nullptr) return {};
  if (const auto* text = value->if_string(); text != nullptr && text->ends_with('Z')) {
    if (const auto time = parse_time(*text)) return *time;
  }
  fail(key, "must be a time such as \"2026-11-21T19:30:00Z\"");
  return {};
}

ObjectReader ObjectReader::object(std::string_view key) {
  const auto* value = member(key);
  if (value == nullptr) return {path_to(key), *fault_};
  return {*value, path_to(key), *fault_};
}

void ObjectReader::each_object(std::string_view key,
                               const std::function<void(ObjectReader)>& read) {
  const auto* values = array(key);
  if (values == nullptr) return;
  for (std::size_t i = 0; i < values->size() && !failed(); ++i) {
    read(ObjectReader((*values)[i], fmt::format("{}[{}]", path_to(key), i), *fault_));
  }
}

void ObjectReader::each_text(std::string_view key,
                             const std::function<void(const std::string&)>& read) {
  const auto* values = array(key);
  if (values == nullptr) return;
  for (std::size_t i = 0; i < values->size() && !failed(); ++i) {
    const std::string text = checked_text((*values)[i], fmt::format("{}[{}]", key, i));
    if (!failed()) read(text);
  }
}

void ObjectReader::fail(std::string_view key, std::string_view what) {
  if (failed()) return;
  const std::string path = path_to(key);
  *fault_ = fmt::format("{} {}", path.empty() ? "contents" : path, what);
}

const boost::json::value* ObjectReader::member(std::string_view key) {
  if (failed() || object_ == nullptr) return nullptr;
  const auto* value = object_->if_contains(key);
  if (value == nullptr) fail(key, "is missing; add it");
  return value;
}

const boost::json::array* ObjectReader::array(std::string_view key) {
  const auto* value = member(key);
  if (value == nullptr) return nullptr;
  if (!value->is_array()) fail(key, "must be an array");
  return value->if_array();
}

std::string ObjectReader::path_to(std::string_view key) const {
  if (key.empty()) return path_;
  return path_.empty() ? std::string(key) : fmt::format("{}.{}", path_, key);
}

}  // namespace engine::trust
