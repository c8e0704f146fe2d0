#include <doctest/doctest.h>

#include <boost/asio/io_context.hpp>

#include "connectors/sms/gsm_text.hpp"
#include "ops/sinks/limits.hpp"
#include "ops/sinks/message_centre.hpp"
#include "tests/support/manual_clock.hpp"

using namespace ops::sinks;
using namespace connectors::sms;

namespace {

struct Centre {
  tests::ManualClock clock;
  MessageBoard board{clock};
  boost::asio::io_context io;
  MessageCentre centre{io, 0, board};

  std::vector<Pdu> hear(PduBody body, std::uint32_t sequence = 7) {
    PduReader reader;
    std::vector<Pdu> said;
    CHECK_FALSE(reader.read(centre.hear({status::ok, sequence, std::move(body)}), said));
    return said;
  }
  /// Part by part, those of `left_out` not.
  void send(const std::string& text, std::uint8_t reference = 1, int left_out = -1) {
    const TextParts parts = to_parts(text, reference).value();
    for (std::size_t i = 0; i < parts.messages.size(); ++i) {
      if (static_cast<int>(i) == left_out) continue;
      SubmitSm submit;
      submit.destination = {1, 1, "447700900101"};
      submit.esm_class = parts.esm_class;
      submit.data_coding = static_cast<std::uint8_t>(parts.coding);
      submit.text = parts.messages[i];
      hear(submit);
    }
  }
  bool shows(std::string_view part) const {
    return board.json_after(0).find(part) != std::string::npos;
  }
};

}  // namespace

TEST_CASE("a text is taken, shown, and said to have been delivered") {
  Centre world;
  CHECK(std::holds_alternative<BindTransceiverResp>(world.hear(BindTransceiver{}).at(0).body));
  CHECK(std::holds_alternative<EnquireLinkResp>(world.hear(EnquireLink{}).at(0).body));
  CHECK(std::holds_alternative<UnbindResp>(world.hear(Unbind{}).at(0).body));
  CHECK(world.hear(DeliverSmResp{}).empty());
  SubmitSm submit;
  submit.destination = {1, 1, "447700900101"};
  submit.registered_delivery = 1;
  submit.text = "EXERCISE: smoke";
  const auto said = world.hear(submit);
  REQUIRE(said.size() == 2);
  CHECK(said[0].sequence == 7);
  const auto& id = std::get<SubmitSmResp>(said[0].body).message_id;
  const auto& receipt = std::get<DeliverSm>(said[1].body);
  CHECK(receipt.esm_class == 4);
  CHECK(receipt.text.starts_with("id:" + id + " "));
  CHECK(receipt.text.find("stat:DELIVRD") != std::string::npos);
  CHECK(world.shows(R"("way":"sms","to":"+447700900101","subject":"","text":"EXERCISE: smoke")"));
}

TEST_CASE("the parts of a text are put together and one that lacks a part is not shown") {
  Centre world;
  const std::string welsh = "Rhybudd \xc5\xb5 " + std::string(150, 'a') + " diwedd";
  world.send(welsh, 1);
  world.send(std::string(400, 'b') + " end", 2, 1);
  CHECK(world.shows(welsh));
  CHECK_FALSE(world.shows("bbb"));
}

TEST_CASE("of kTextsOpen texts and one more that lack a part one is given up") {
  Centre world;
  const std::string text(200, 'c');
  for (std::size_t i = 0; i <= limits::kTextsOpen; ++i) {
    world.send(text, static_cast<std::uint8_t>(i), 1);
  }
  // The one that was given up last, when there is room again.
  std::size_t completed = 0;
  for (std::size_t i = limits::kTextsOpen + 1; i-- > 0;) {
    const auto before = world.board.json_after(0).size();
    world.send(text, static_cast<std::uint8_t>(i), 0);
    completed += world.board.json_after(0).size() > before ? 1 : 0;
  }
  CHECK(completed == limits::kTextsOpen);
}
