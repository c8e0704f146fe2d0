#pragma once
// A code as a mail: who sends it, the code, how long it counts, and what to do for whoever did not
// ask for it. Text alone, and nothing in it is a link. No I/O; any thread.
#include <string>

#include "engine/base/result.hpp"
#include "engine/channel.hpp"
#include "engine/delivery.hpp"

namespace connectors::email {

struct CodeLetter {
  const engine::CodeMessage& message;
  std::string from;         // alerts@example.org
  std::string from_name;    // for people; empty: the system's
  engine::DeliveryId id{};  // drawn; of this mail alone
  engine::Time date;
};

/// The whole mail, or the sentence of an address that cannot be used; in the form of write_mail().
engine::Result<std::string> write_code_mail(const CodeLetter& letter);

}  // namespace connectors::email
