// Plays files and folders of seeds through a fuzzer's function, once each, for builds without
// libFuzzer. Files beyond what the fuzzer itself would try are left out.
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>
#include <string>
#include <vector>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

namespace {

constexpr std::size_t kSeedMax = 65536;

void play(const std::string& bytes) {
  LLVMFuzzerTestOneInput(reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size());
}

std::vector<std::filesystem::path> files_below(const std::filesystem::path& path) {
  if (std::filesystem::is_regular_file(path)) return {path};
  std::vector<std::filesystem::path> files;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(path)) {
    if (entry.is_regular_file() && entry.file_size() <= kSeedMax) files.push_back(entry.path());
  }
  return files;
}

}  // namespace

int main(int count, char** arguments) {
  int played = 0;
  play("");
  for (int i = 1; i < count; ++i) {
    for (const std::filesystem::path& path : files_below(arguments[i])) {
      std::ifstream file(path, std::ios::binary);
      play({std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()});
      ++played;
    }
  }
  std::cout << played << " seeds played\n";
  return count > 1 && played == 0 ? 1 : 0;
}
