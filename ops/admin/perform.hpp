#pragma once
// What an operator may ask of a data folder: one JSON object, answered by JSON objects, the same
// whether an engine runs on the folder or the command line has opened it itself
// (schemas/organisations.md). Waits for the disk: never on a shard's thread.
#include <boost/json/object.hpp>
#include <functional>
#include <memory>

#include "engine/directory.hpp"
#include "engine/log.hpp"
#include "engine/outbox.hpp"
#include "engine/receipts.hpp"
#include "ops/admin/staging.hpp"

namespace ops {

/// What requests are performed on.
struct Machine {
  engine::Directory& directory;
  engine::Log& log;
  engine::Receipts& receipts;  // with a thread of its own
  const engine::Places& places;
  std::function<boost::json::object()> status;
  /// Ends the streams of those who may not read any more; nothing is heard of them when it returns.
  std::function<void()> end_streams = [] {};  // none without an engine
  engine::Outbox* outbox = nullptr;           // none without an engine
  std::shared_ptr<Staging> staging = std::make_shared<Staging>();
  /// What is owed to it, and what was sent to it, is gone when it returns. Null: there is no
  /// outbox.
  std::function<engine::Result<void>(const std::string& organisation)> erase_owed = nullptr;
  /// Of the alerts after that one, what it was sent. Null: there is no outbox.
  std::function<engine::Result<engine::SentPage>(const std::string& organisation,
                                                 engine::Sequence after)>
      sent_to = nullptr;
};

/// Erases an organisation and everything of it; the one way, whoever asks. What it said and what it
/// was owed goes first, so that nothing is left of it where that fails; and once more when its
/// streams have ended, since they went on until it was erased itself, and so did the outbox. What
/// it says behind that the receipts do not keep. Of one that is not known any more what may be left
/// is erased, before that is said.
engine::Result<engine::Erased> erase_organisation(const std::string& key, const Machine& machine);

/// Hears each object of an answer.
using Say = std::function<void(const boost::json::object&)>;

/// Performs one request. The last object said is {"done":true,…} or {"error":"sentence"}.
void perform(const boost::json::object& request, const Machine& machine, const Say& say);

}  // namespace ops
