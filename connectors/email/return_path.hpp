#pragma once
// Whom a mail's bounces go to: an address made of the delivery's own id, so that a bounce says
// which delivery it is about whatever the mail server writes into it (VERP), and of a hash under a
// secret key, so that nobody can make up a bounce for a delivery that they did not get. Pure; any
// thread, once trust::start_crypto() said yes.
#include <optional>
#include <string>
#include <string_view>

#include "engine/delivery.hpp"

namespace connectors::email {

/// `b.<26 letters of the id>.<16 letters of the hash>@domain`, in lower case. `key` has 32 octets
/// of its own, drawn for this and used for nothing else.
std::string return_path(const engine::DeliveryId& id, std::string_view domain,
                        engine::BytesView key);

/// Which delivery an address stands for, whichever case a server gave it; nothing where it is not
/// one that this key made. The domain is not asked about: what arrives here was meant for us.
std::optional<engine::DeliveryId> delivery_of(std::string_view address, engine::BytesView key);

}  // namespace connectors::email
