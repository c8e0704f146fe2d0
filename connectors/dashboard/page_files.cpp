#include "connectors/dashboard/page_files.hpp"

#include <fmt/format.h>

#include <cstdint>
#include <map>
#include <string>

#include "embedded/page_table.hpp"

namespace connectors::dashboard {
namespace {

/// FNV-1a: tells one build's file from another's. Nobody gains by making two files collide, since
/// whoever can change the page needs no collision.
std::string etag_of(std::string_view body) {
  std::uint64_t hash = 14695981039346656037ULL;
  for (const char octet : body) {
    hash = (hash ^ static_cast<unsigned char>(octet)) * 1099511628211ULL;
  }
  return fmt::format("\"{:016x}\"", hash);
}

struct Entry {
  std::string etag;
  PageFile file;
};

std::map<std::string_view, Entry> make_table() {
  std::map<std::string_view, Entry> table;
  const auto add = [&](std::string_view path, std::string_view body, std::string_view type) {
    Entry& entry = table[path];
    entry.etag = etag_of(body);
    entry.file = {type, std::make_shared<const std::string>(body), entry.etag};
  };
#define X(path, body, type) add(path, body, type);
  TOCSIN_PAGE_FILES(X)
#undef X
  return table;
}

}  // namespace

const PageFile* page_file(std::string_view path) {
  static const std::map<std::string_view, Entry> table = make_table();
  const auto found = table.find(path);
  return found == table.end() ? nullptr : &found->second.file;
}

}  // namespace connectors::dashboard
