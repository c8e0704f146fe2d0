#pragma once
// A directory and receipts in memory, for tests; receipts do their work in run().
#include <memory>

#include "engine/directory.hpp"
#include "engine/receipts.hpp"

namespace tests {

inline std::unique_ptr<engine::Directory> directory_in_memory(const engine::Clock& clock) {
  engine::DirectoryOptions options;
  options.medium = engine::DirectoryOptions::Medium::memory;
  return std::move(engine::Directory::open(options, clock).value());
}

inline std::unique_ptr<engine::Receipts> receipts_in_memory(const engine::Clock& clock) {
  engine::ReceiptsOptions options;
  options.medium = engine::ReceiptsOptions::Medium::memory;
  options.threads = engine::ReceiptsOptions::Threads::none;
  return std::move(engine::Receipts::open(options, clock).value());
}

}  // namespace tests
