#pragma once
// What a mail server's answer means for a delivery and for the address (RFC 5321, section 4.2; RFC
// 3463). No I/O; any thread.
#include <cstddef>
#include <string>
#include <string_view>

#include "engine/delivery.hpp"

namespace connectors::email {

/// What is kept of a server's own words.
inline constexpr std::size_t kReplyBytes = 200;

/// 2xx is sent, 4xx and no answer at all are later, 5xx is permanent; but what a server says of us
/// and not of the address (that we must sign in or use TLS) is later, since only we can mend it.
/// `enhanced` is `5.1.1`; where it is empty it is looked for at the beginning of the text.
///
/// An address is dead where the mailbox or its domain is said not to be there: 5.1.1, 5.1.2, 5.1.3,
/// 5.1.6, 5.1.10. A full or closed mailbox (5.2.x), a matter of policy (5.7.x), and a 550 that does
/// not say why leave it as it is: servers say that of addresses that are well, too.
engine::Outcome outcome_of(int code, std::string_view enhanced, std::string_view text);

/// Whether a status code of RFC 3463 says that nothing can ever arrive there.
bool says_dead(std::string_view enhanced);

/// Printable ASCII on one line, at most kReplyBytes: what may be shown and stored.
std::string shown_reply(std::string_view text);

}  // namespace connectors::email
