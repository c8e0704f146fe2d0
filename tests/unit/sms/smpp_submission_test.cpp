#include "connectors/sms/smpp_submission.hpp"

#include <doctest/doctest.h>

#include "connectors/sms/limits.hpp"

using namespace connectors::sms;

namespace {

std::string said(const std::optional<Address>& address) {
  if (!address) return "none";
  return std::to_string(address->ton) + "/" + std::to_string(address->npi) + " " + address->digits;
}

}  // namespace

TEST_CASE("a sender is a name or a short code or an international number") {
  const std::vector<std::pair<std::string, std::string>> rows = {
      {"TOCSIN", "5/0 TOCSIN"},
      {"Met Police", "5/0 Met Police"},
      {"4thPolice", "5/0 4thPolice"},
      {"ElevenChars", "5/0 ElevenChars"},
      {"TwelveCharsX", "none"},
      {"Heddlu\xC5\xB5", "none"},
      {"a_b", "none"},
      {" a", "none"},
      {"", "none"},
      {"60006", "3/0 60006"},
      {"999", "3/0 999"},
      {"12345678", "3/0 12345678"},
      {"99", "none"},
      {"447700900", "1/1 447700900"},
      {"447700900123", "1/1 447700900123"},
      {"+447700900123", "1/1 447700900123"},
      {"07700900123", "none"},
      {"123456789012345", "1/1 123456789012345"},
      {"1234567890123456", "none"}};
  for (const auto& [source, expected] : rows) {
    CAPTURE(source);
    CHECK(said(sender_address(source)) == expected);
  }
}

TEST_CASE("a number is E.164") {
  CHECK(said(number_address("+447700900123")) == "1/1 447700900123");
  CHECK(said(number_address("1234567")) == "1/1 1234567");
  CHECK(said(number_address("123456")) == "none");
  CHECK(said(number_address("+44 7700 900123")) == "none");
  CHECK(said(number_address("++447700900123")) == "none");
  CHECK(said(number_address("0447700900123")) == "none");
}

TEST_CASE("a validity is written as the time from now, within kValidityLeast and kValidityMax") {
  using namespace std::chrono;
  CHECK(relative_time(days(1) + hours(2) + minutes(3) + seconds(4)) == "000001020304000R");
  CHECK(relative_time(limits::kValidityLeast) == "000000000100000R");
  CHECK(relative_time(limits::kValidityLeast + seconds(1)) == "000000000101000R");
  CHECK(relative_time(limits::kValidityLeast - seconds(1)) == "000000000100000R");
  CHECK(relative_time(seconds(-5)) == "000000000100000R");
  CHECK(relative_time(limits::kValidityMax) == "000027000000000R");
  CHECK(relative_time(limits::kValidityMax + seconds(1)) == "000027000000000R");
  CHECK(relative_time(limits::kValidityMax - seconds(1)) == "000026235959000R");
}

TEST_CASE("a status is about the message or the number or the moment") {
  const std::vector<std::pair<std::uint32_t, Verdict>> rows = {
      {0x00, Verdict::accepted},  {0x58, Verdict::throttled}, {0x14, Verdict::throttled},
      {0x08, Verdict::later},     {0x45, Verdict::later},     {0x64, Verdict::later},
      {0x04, Verdict::later},     {0xFE, Verdict::later},     {0xFF, Verdict::later},
      {0x400, Verdict::later},    {0x0B, Verdict::recipient}, {0x50, Verdict::recipient},
      {0x51, Verdict::recipient}, {0x0A, Verdict::message},   {0x01, Verdict::message},
      {0x62, Verdict::message},   {0x66, Verdict::message},   {0xC0, Verdict::message}};
  for (const auto& [status, verdict] : rows) {
    CAPTURE(status);
    CHECK(verdict_of(status) == verdict);
  }
}
