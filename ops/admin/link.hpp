#pragma once
// The way to a data folder for the command line: through the engine that runs on it, or, where none
// runs, by opening the folder itself (its lock keeps an engine from starting meanwhile).
#include <filesystem>
#include <memory>

#include "ops/admin/perform.hpp"

namespace ops {

class Link {
 public:
  /// Root becomes the folder's owner where it opens the folder itself, and stays so.
  static engine::Result<std::unique_ptr<Link>> open(const std::filesystem::path& folder);
  Link(const Link&) = delete;
  Link& operator=(const Link&) = delete;
  ~Link();

  /// Whether an engine answers.
  bool running() const { return !opened_; }

  /// Hears every object of the answer but the last; an error is a failure.
  engine::Result<void> ask(const boost::json::object& request, const Say& say) const;

 private:
  struct Opened;
  explicit Link(std::filesystem::path folder);

  const std::filesystem::path folder_;
  std::unique_ptr<Opened> opened_;  // null while an engine runs
};

}  // namespace ops
