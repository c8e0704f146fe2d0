#pragma once
// One JSON object on one line, written from left to right.
#include <fmt/format.h>

#include <cstdint>
#include <string>
#include <string_view>

namespace bench {

class Json {
 public:
  Json() : text_("{") {}

  void text(std::string_view key, std::string_view value) {
    name(key);
    quoted(value);
  }
  void count(std::string_view key, std::uint64_t value) {
    name(key);
    text_ += fmt::format("{}", value);
  }
  void number(std::string_view key, double value, int decimals) {
    name(key);
    text_ += fmt::format("{:.{}f}", value, decimals);
  }
  void open(std::string_view key) {
    name(key);
    text_ += '{';
    first_ = true;
  }
  void close() {
    text_ += '}';
    first_ = false;
  }

  std::string finish() { return text_ + "}\n"; }

 private:
  void name(std::string_view key) {
    if (!first_) text_ += ',';
    first_ = false;
    quoted(key);
    text_ += ':';
  }
  void quoted(std::string_view value) {
    text_ += '"';
    for (const char letter : value) {
      if (letter == '"' || letter == '\\') text_ += '\\';
      text_ += static_cast<unsigned char>(letter) < ' ' ? ' ' : letter;
    }
    text_ += '"';
  }

  std::string text_;
  bool first_ = true;
};

}  // namespace bench
