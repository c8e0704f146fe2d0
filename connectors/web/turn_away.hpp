#pragma once
// What somebody hears for whom there is no place.
#include <boost/asio/ip/tcp.hpp>
#include <cstdint>

#include "engine/base/metrics.hpp"

namespace connectors::web {

enum class Speech : std::uint8_t { plain, tls };

/// One short answer, as far as the socket takes it, and nothing more to come. By TLS the end alone:
/// to shake hands first is the work that there is no place for.
void turn_away(boost::asio::ip::tcp::socket& socket, Speech speech, engine::Metrics& metrics);

}  // namespace connectors::web
