#pragma once
// What somebody hears for whom there is no place.
#include <boost/asio/ip/tcp.hpp>

#include "engine/base/metrics.hpp"

namespace connectors::web {

/// One short answer, as far as the socket takes it, and nothing more to come.
void turn_away(boost::asio::ip::tcp::socket& socket, engine::Metrics& metrics);

}  // namespace connectors::web
