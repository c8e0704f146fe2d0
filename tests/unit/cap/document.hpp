#pragma once
// The alert these tests change one thing of, and the questions they ask of a judgement.
#include <doctest/doctest.h>

#include <algorithm>
#include <fstream>
#include <iterator>
#include <string>
#include <string_view>
#include <vector>

#include "engine/cap/judge.hpp"

/// A sound alert without a single warning.
inline const std::string& sound_alert() {
  static const std::string xml = R"(<?xml version="1.0" encoding="UTF-8"?>
<alert xmlns="urn:oasis:names:tc:emergency:cap:1.2">
  <identifier>drill-7</identifier>
  <sender>control@example.org</sender>
  <sent>2026-11-21T19:30:00-00:00</sent>
  <status>Exercise</status>
  <msgType>Alert</msgType>
  <source>Duty desk</source>
  <scope>Public</scope>
  <code>system:exercise-gb</code>
  <note>A note</note>
  <info>
    <language>en-GB</language>
    <category>Safety</category>
    <category>Met</category>
    <event>Flood drill</event>
    <responseType>Evacuate</responseType>
    <urgency>Immediate</urgency>
    <severity>Severe</severity>
    <certainty>Observed</certainty>
    <effective>2026-11-21T19:30:00-00:00</effective>
    <onset>2026-11-21T20:00:00-00:00</onset>
    <expires>2026-11-21T21:30:00-00:00</expires>
    <senderName>Control room</senderName>
    <headline>Flood drill in Brent</headline>
    <description>Water is rising.</description>
    <instruction>Move upstairs.</instruction>
    <web>https://example.org/drill</web>
    <contact>020 7946 0000</contact>
    <parameter><valueName>colour</valueName><value>amber</value></parameter>
    <resource>
      <resourceDesc>Map</resourceDesc>
      <mimeType>image/png</mimeType>
      <uri>https://example.org/map.png</uri>
    </resource>
    <area>
      <areaDesc>Brent</areaDesc>
      <polygon>51.5,-0.3 51.6,-0.3 51.6,-0.2 51.5,-0.3</polygon>
      <circle>51.55,-0.25 5</circle>
      <geocode><valueName>ONS</valueName><value>E09000005</value></geocode>
    </area>
  </info>
</alert>
)";
  return xml;
}

/// `xml` with the one place that reads `from` reading `to`.
inline std::string changed(std::string xml, std::string_view from, std::string_view to) {
  const std::size_t at = xml.find(from);
  REQUIRE_MESSAGE(at != std::string::npos, "the alert does not say ", from);
  REQUIRE(xml.find(from, at + 1) == std::string::npos);
  return xml.replace(at, from.size(), to);
}
inline std::string with(std::string_view from, std::string_view to) {
  return changed(sound_alert(), from, to);
}

inline std::vector<std::string> names_of(const std::vector<engine::cap::Fault>& faults) {
  std::vector<std::string> names;
  for (const engine::cap::Fault& fault : faults) {
    if (std::find(names.begin(), names.end(), fault.rule) == names.end()) {
      names.push_back(fault.rule);
    }
  }
  return names;
}

inline std::vector<std::string> errors_of(std::string_view xml,
                                          const engine::cap::Profile& profile = {}) {
  return names_of(engine::cap::judge(xml, profile).errors);
}
inline std::vector<std::string> warnings_of(std::string_view xml,
                                            const engine::cap::Profile& profile = {}) {
  return names_of(engine::cap::judge(xml, profile).warnings);
}

/// What somebody would see who checks a draft of any encoding.
inline engine::cap::Profile any_encoding() {
  engine::cap::Profile profile;
  profile.encoding = engine::cap::Encoding::any;
  return profile;
}

inline std::string contents_of(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  REQUIRE_MESSAGE(file.good(), "cannot read ", path);
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

/// The sound alert in UTF-16 with its byte order mark, saying so.
inline std::string in_utf16(const std::string& ascii) {
  std::string wide = "\xFF\xFE";
  for (const char c : ascii) {
    wide += c;
    wide += '\0';
  }
  return wide;
}
