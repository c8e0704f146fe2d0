#pragma once
// The names a source promises: the values of an enumeration, the constants of a header; and whether
// a text speaks of one. Pure.
#include <string>
#include <string_view>
#include <vector>

namespace house {

struct Enumerator {
  std::string name;
  std::string number;  // what it is set to, where that is a number
  bool operator==(const Enumerator&) const = default;
};

/// The values of `enum class NAME`, in their order.
std::vector<Enumerator> enumerators_of(std::string_view text, std::string_view name);

/// The names of every `constexpr` constant that begins with `k` and a capital.
std::vector<std::string> constants_of(std::string_view text);

/// The members of `struct NAME` that are a number where nobody sets them, as "NAME::member".
std::vector<std::string> defaults_of(std::string_view text, std::string_view name);

/// Whether `word` stands in `text` with nothing of a word before or behind it.
bool speaks_of(std::string_view text, std::string_view word);

/// Whether `name` stands in `text` the way a test names a value: `Type::name`, or in quotes.
bool names_value(std::string_view text, std::string_view type, std::string_view name);

}  // namespace house
