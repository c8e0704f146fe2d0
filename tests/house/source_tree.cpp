#include "tests/house/source_tree.hpp"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>

namespace house {

namespace fs = std::filesystem;

namespace {

bool is_left_out(const std::string& name) {
  static const std::vector<std::string> names = {".git",  "build",   "data",  "node_modules",
                                                 ".idea", ".vscode", ".cache"};
  return std::find(names.begin(), names.end(), name) != names.end();
}

std::string read_file(const fs::path& path) {
  std::ifstream stream(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(stream), {}};
}

bool ends_with_any(std::string_view path, std::initializer_list<std::string_view> endings) {
  return std::any_of(endings.begin(), endings.end(),
                     [&](std::string_view ending) { return path.ends_with(ending); });
}

}  // namespace

std::vector<SourceFile> read_tree(std::string_view root) {
  std::vector<SourceFile> files;
  const fs::path top(root);
  auto entry = fs::recursive_directory_iterator(top);
  for (; entry != fs::recursive_directory_iterator(); ++entry) {
    const fs::path relative = entry->path().lexically_relative(top);
    if (entry->is_directory()) {
      // `data` is what running leaves at the top; tests/data belongs to the sources.
      const std::string name = relative.filename().string();
      if (is_left_out(name) && (name != "data" || entry.depth() == 0)) {
        entry.disable_recursion_pending();
      }
      continue;
    }
    if (!entry->is_regular_file()) continue;
    if (relative.filename() == ".git") continue;  // what a linked work tree has in its place
    std::string text = read_file(entry->path());
    if (text.find('\0') != std::string::npos) continue;
    files.push_back({relative.generic_string(), std::move(text)});
  }
  std::sort(files.begin(), files.end(),
            [](const SourceFile& a, const SourceFile& b) { return a.path < b.path; });
  return files;
}

const std::vector<SourceFile>& repository() {
  static const std::vector<SourceFile> files = read_tree(TOCSIN_SOURCE_DIR);
  return files;
}

Kind kind_of(const SourceFile& file) {
  if (ends_with_any(file.path, {".cpp", ".hpp"})) return Kind::cpp;
  if (ends_with_any(file.path, {".js", ".mjs", ".cjs", ".cmake", ".sh", ".py", "CMakeLists.txt"}) ||
      file.text.starts_with("#!")) {
    return Kind::script;
  }
  if (ends_with_any(file.path, {".html", ".css"})) return Kind::markup;
  return Kind::other;
}

bool is_foreign_data(std::string_view path) {
  return path.starts_with("tests/data/") || path.ends_with(".xsd") ||
         path.ends_with("package-lock.json") || path.find("/corpus/") != std::string_view::npos;
}

std::vector<std::string_view> lines_of(std::string_view text) {
  std::vector<std::string_view> lines;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    lines.push_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return lines;
}

std::size_t columns(std::string_view line) {
  return static_cast<std::size_t>(std::count_if(line.begin(), line.end(), [](char c) {
    return (static_cast<unsigned char>(c) & 0xC0) != 0x80;
  }));
}

std::string joined(const std::vector<std::string>& findings) {
  std::string all;
  for (const std::string& finding : findings) all += "\n  " + finding;
  return all;
}

}  // namespace house
