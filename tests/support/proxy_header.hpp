#pragma once
// Headers of the PROXY protocol as a proxy writes them, made here from its specification alone.
#include <cstdint>
#include <string>
#include <string_view>

namespace tests {

inline constexpr std::uint8_t kProxyLocal = 0x20, kProxyForwards = 0x21;  // version and command
inline constexpr std::uint8_t kProxyUnspecified = 0x00, kProxyTcp4 = 0x11, kProxyTcp6 = 0x21;

/// A header of any kind, right or wrong, with `rest` behind its length.
std::string proxy_header(std::uint8_t version_and_command, std::uint8_t family,
                         std::string_view rest);
/// The header of a connection of this client, of either family, with `extra` behind the addresses.
std::string proxy_header_for(const char* client, std::string_view extra = {});
/// A type, its length, its value.
std::string proxy_extra(std::uint8_t type, std::string_view value);
/// The same header with the checksum that belongs to it as the last of its extra values.
std::string with_proxy_checksum(const std::string& header);

}  // namespace tests
