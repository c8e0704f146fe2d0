#include "tests/support/letter.hpp"

#include <cstdlib>

#include "engine/base/time.hpp"

namespace tests {

using namespace engine;

DeliveryId delivery(std::uint8_t last) {
  DeliveryId id{};
  for (std::size_t i = 0; i < id.size(); ++i) id[i] = static_cast<std::uint8_t>(0x11 * i);
  id[15] = last;
  return id;
}

LetterWorld::LetterWorld()
    : payload("<alert>\r\nnot looked into\n\xff\x00</alert>", 36),
      envelope(R"({"payloadType":"application/cap+xml","payload":"AA==","signatures":[]})") {
  alert.identifier = "flood-7";
  alert.sender = "control@westminster.example";
  alert.sent = *parse_time("2026-07-04T16:45:00Z");
  alert.status = cap::Status::actual;
  cap::Info info;
  info.language = "en-GB";
  info.event = "Flood";
  info.urgency = cap::Urgency::immediate;
  info.severity = cap::Severity::extreme;
  info.certainty = cap::Certainty::observed;
  info.expires = *parse_time("2026-07-04T23:30:00Z");
  info.sender_name = "Westminster control room";
  info.headline = "Flood water in Whitehall";
  info.description = "The Thames is over its wall.\n\nMore water is coming <soon> & fast.";
  info.instruction = "Go upstairs.\nTake nobody's word for it.";
  info.contact = "020 7946 0000";
  cap::Area area;
  area.description = "Whitehall and Embankment";
  info.areas = {area};
  alert.infos = {info};

  letter.delivery = delivery(1);
  letter.from = "alerts@tocsin.example";
  letter.from_name = "Tocsin";
  letter.to = "reception@shop.example";
  letter.language = "en";
  letter.date = *parse_time("2026-07-04T16:45:30.500Z");
  letter.alert = &alert;
  letter.id[0] = 0x08;
  letter.payload = payload;
  letter.envelope = envelope;
}

std::string LetterWorld::mail() const { return connectors::email::write_mail(letter).value(); }

std::string unfolded_header(const std::string& message) {
  std::string header = message.substr(0, message.find("\r\n\r\n") + 2);
  for (std::size_t at = header.find("\r\n "); at != std::string::npos;
       at = header.find("\r\n ", at)) {
    header.erase(at, 2);
  }
  return header;
}

std::string from_quoted_printable(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '\r') continue;
    if (text[i] != '=') {
      out += text[i];
    } else if (text.substr(i + 1, 2) == "\r\n") {
      i += 2;
    } else {
      out +=
          static_cast<char>(std::strtol(std::string(text.substr(i + 1, 2)).c_str(), nullptr, 16));
      i += 2;
    }
  }
  return out;
}

std::string part(const std::string& message, std::string_view type) {
  const std::size_t at = message.find("Content-Type: " + std::string(type));
  if (at == std::string::npos) return {};
  const std::size_t begin = message.find("\r\n\r\n", at) + 4;
  return message.substr(begin, message.find("\r\n--=_", begin) + 2 - begin);
}

}  // namespace tests
