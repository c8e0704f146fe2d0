#include "ops/cli/telling.hpp"

#include <doctest/doctest.h>

using ops::cli::hung;

TEST_CASE("a row that does not fit goes on beneath its own text and cuts no word") {
  struct Row {
    const char *row, *hung;
  };
  for (const auto& [row, expected] : {
           Row{"short  and it stays", "short  and it stays\n"},
           Row{"name   one two three four five",
               "name   one two\n       three four\n       five\n"},
           Row{"  key  one two three four", "  key  one two\n       three four\n"},
           Row{"no label in this row at all", "no label in\n    this row at all\n"},
           Row{"a-label-that-is-long  one two", "a-label-that-is-long\n    one two\n"},
           Row{"id     0123456789abcdef0123", "id     0123456789abcdef0123\n"},
           Row{"\x1b[1m#1\x1b[0m  one two three four",
               "\x1b[1m#1\x1b[0m  one two three\n    four\n"},
       }) {
    CHECK(hung(row, 19) == expected);
  }
}

TEST_CASE("every row is fitted by itself and empty ones stay") {
  CHECK(hung("one two three\n\nfour\n", 12) == "one two\n    three\n\nfour\n");
}
