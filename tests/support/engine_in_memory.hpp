#pragma once
// An engine over a log, a directory and receipts in memory, which do their work when they are run.
// One thread.
#include <doctest/doctest.h>

#include <functional>
#include <memory>

#include "engine/engine.hpp"
#include "engine/trust/signature.hpp"
#include "tests/support/manual_clock.hpp"
#include "tests/support/rooms_in_memory.hpp"
#include "tests/support/temp_dir.hpp"
#include "tests/support/trust_builder.hpp"

namespace tests {

struct EngineInMemory {
  /// In place of a directory in memory, made in this folder.
  using MakeDirectory = std::function<std::unique_ptr<engine::Directory>(
      const engine::Clock& clock, const std::filesystem::path& folder)>;

  /// One control room with two officers, and as many alerts an hour.
  explicit EngineInMemory(int rate_per_hour, const MakeDirectory& make_directory = nullptr) {
    REQUIRE(engine::trust::start_crypto());
    trust.sender().rate_per_hour(rate_per_hour).officer("Ann").officer("Ben");
    engine::LogOptions options;
    options.medium = engine::LogOptions::Medium::memory;
    options.threads = engine::LogOptions::Threads::none;
    options.directory = folder.path() / "log";
    log = std::move(engine::Log::open(options, clock).value());
    store = std::make_unique<engine::trust::TrustStore>(
        engine::trust::TrustStore::open(folder.path(), {}).value());
    store->take(trust.file()).value();
    directory = make_directory ? make_directory(clock, folder.path()) : directory_in_memory(clock);
    receipts = receipts_in_memory(clock);
    engine = std::make_unique<engine::Engine>(
        engine::EngineOptions{}, engine::EngineParts{*log, *store, engine::Places::builtin(),
                                                     *directory, *receipts, clock, metrics});
  }

  ManualClock clock;
  TempDir folder;
  TrustBuilder trust;
  engine::Metrics metrics;
  std::unique_ptr<engine::Log> log;
  std::unique_ptr<engine::trust::TrustStore> store;
  std::unique_ptr<engine::Directory> directory;
  std::unique_ptr<engine::Receipts> receipts;
  std::unique_ptr<engine::Engine> engine;
};

}  // namespace tests
