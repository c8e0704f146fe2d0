#include "engine/cap/rendition.hpp"

#include "tests/unit/cap/document.hpp"

using engine::cap::brief;
using engine::cap::rendition;

namespace {

bool holds(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

}  // namespace

TEST_CASE("a rendition has every element by its name and in its order") {
  CHECK(rendition(sound_alert()).value() ==
        R"({"identifier":"drill-7","sender":"control@example.org",)"
        R"("sent":"2026-11-21T19:30:00-00:00","status":"Exercise","msgType":"Alert",)"
        R"("source":"Duty desk","scope":"Public","code":["system:exercise-gb"],"note":"A note",)"
        R"("info":[{"language":"en-GB","category":["Safety","Met"],"event":"Flood drill",)"
        R"("responseType":["Evacuate"],"urgency":"Immediate","severity":"Severe",)"
        R"("certainty":"Observed","effective":"2026-11-21T19:30:00-00:00",)"
        R"("onset":"2026-11-21T20:00:00-00:00","expires":"2026-11-21T21:30:00-00:00",)"
        R"("senderName":"Control room","headline":"Flood drill in Brent",)"
        R"("description":"Water is rising.","instruction":"Move upstairs.",)"
        R"("web":"https://example.org/drill","contact":"020 7946 0000",)"
        R"("parameter":[{"valueName":"colour","value":"amber"}],)"
        R"("resource":[{"resourceDesc":"Map","mimeType":"image/png",)"
        R"("uri":"https://example.org/map.png"}],"area":[{"areaDesc":"Brent",)"
        R"("polygon":["51.5,-0.3 51.6,-0.3 51.6,-0.2 51.5,-0.3"],"circle":["51.55,-0.25 5"],)"
        R"("geocode":[{"valueName":"ONS","value":"E09000005"}]}]}]})");
}

TEST_CASE("a text in a rendition is the text of the document whatever it holds") {
  const auto shown = [](std::string_view text) {
    return rendition(with("Water is rising.", text)).value();
  };
  CHECK(holds(shown("&lt;b&gt; &amp; \"so\" \\"), R"("description":"<b> & \"so\" \\")"));
  CHECK(holds(shown("<![CDATA[a < b]]><!-- not this -->!"), R"("description":"a < b!")"));
  CHECK(holds(shown("one\n\ttwo"), R"("description":"one\n\ttwo")"));
  CHECK(holds(shown("Llŷn \xF0\x9F\x8C\x8A"), "\"description\":\"Llŷn \xF0\x9F\x8C\x8A\""));
}

TEST_CASE("what CAP repeats is a list each time it is there and what is not there is left out") {
  const std::string two = rendition(with("<code>system:exercise-gb</code>",
                                         "<code>system:exercise-gb</code><code>x</code>"))
                              .value();
  CHECK(holds(two, R"("code":["system:exercise-gb","x"])"));
  const std::string none = rendition(with("<code>system:exercise-gb</code>", "")).value();
  CHECK_FALSE(holds(none, "\"code\""));
  CHECK_FALSE(holds(none, "\"references\""));
}

TEST_CASE("what is not CAP is left out of a rendition") {
  const std::string signed_twice = with(
      "</alert>",
      "<Signature xmlns=\"http://www.w3.org/2000/09/xmldsig#\"><SignedInfo/></Signature></alert>");
  CHECK(rendition(signed_twice).value() == rendition(sound_alert()).value());
}

TEST_CASE("elements within each other without end are not followed") {
  std::string deep = "<alert xmlns=\"urn:oasis:names:tc:emergency:cap:1.2\">";
  for (int i = 0; i < 200; ++i) deep += "<info>";
  deep += "<event>x</event>";
  for (int i = 0; i < 200; ++i) deep += "</info>";
  CHECK(rendition(deep + "</alert>").value() == R"({"info":[{"info":[{"info":[{}]}]}]})");
}

TEST_CASE("what is no CAP document has no rendition") {
  for (const auto* other : {"", "alert", "<alert/>", "<!DOCTYPE alert><alert/>",
                            "<alert xmlns=\"urn:oasis:names:tc:emergency:cap:1.1\"/>"}) {
    CAPTURE(other);
    const auto made = rendition(other);
    REQUIRE_FALSE(made.has_value());
    CHECK(holds(made.error().what, "signed bytes"));
  }
}

TEST_CASE("the title of an alert is its headline or its event or its note") {
  CHECK(brief(sound_alert()).value().title == "Flood drill in Brent");
  CHECK(brief(with("<headline>Flood drill in Brent</headline>", "")).value().title ==
        "Flood drill");
  CHECK(brief(with("Flood drill in Brent", "a\n b &amp; c")).value().title == "a b & c");
  CHECK(brief("<alert xmlns=\"urn:oasis:names:tc:emergency:cap:1.2\"><note>Over</note></alert>")
            .value()
            .title == "Over");
  CHECK(brief("<alert xmlns=\"urn:oasis:names:tc:emergency:cap:1.2\"/>").value().title.empty());
  CHECK(brief(sound_alert()).value().status == "Exercise");
  CHECK_FALSE(brief("<alert/>").has_value());
}

TEST_CASE("a title has kTitleCharacters and one more is cut") {
  const auto of = [](std::size_t length) {
    return brief(with("Flood drill in Brent", std::string(length, 'x'))).value().title;
  };
  CHECK(of(engine::cap::kTitleCharacters) == std::string(engine::cap::kTitleCharacters, 'x'));
  CHECK(of(engine::cap::kTitleCharacters + 1).size() <= engine::cap::kTitleCharacters + 3);
  CHECK_FALSE(holds(of(engine::cap::kTitleCharacters + 1),
                    std::string(engine::cap::kTitleCharacters + 1, 'x')));
}
