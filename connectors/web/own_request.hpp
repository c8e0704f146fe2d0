#pragma once
// What an organisation says in a request about itself, read strictly: JSON that no form of another
// page can send, and nothing in it that is not understood. No I/O; any thread.
#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "connectors/web/http_message.hpp"
#include "engine/directory.hpp"
#include "engine/refusal.hpp"

namespace connectors::web {

/// {"profile":{…}?,"subscription":[…]?}, at least one of them.
std::variant<engine::OwnWords, engine::Refusal> read_own_words(const Request& request,
                                                               std::string_view body);

/// {"way":"sms"|"email","address":"…"}, and "code" beside it where one is wanted.
struct OwnAddress {
  engine::Way way = engine::Way::sms;
  std::string address;
  std::string code;
};
enum class OwnCode { unknown, wanted };
std::variant<OwnAddress, engine::Refusal> read_own_address(const Request& request,
                                                           std::string_view body,
                                                           OwnCode code = OwnCode::unknown);

/// Who leaves says so twice: by the request, and by {"erase":"its key"}. Nothing where it is meant.
std::optional<engine::Refusal> not_meant(const Request& request, std::string_view body,
                                         std::string_view organisation);

}  // namespace connectors::web
