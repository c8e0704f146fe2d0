#pragma once
// The web before an outbox without channels: whom an alert concerns is counted, and told to nobody.
#include <map>
#include <string>
#include <vector>

#include "engine/outbox.hpp"
#include "tests/unit/web/asking.hpp"

namespace tests {

struct ReachWorld : WebWorld {
  ReachWorld() {
    engine::Addressees addressees;
    addressees.concerned = [this](const engine::Record&, std::string_view after, std::size_t most) {
      std::vector<engine::Addressees::Concerned> found;
      for (const auto& [key, grouping] : organisations) {
        if (key > after && found.size() < most) found.push_back({key, 0, grouping});
      }
      return found;
    };
    addressees.profile = [](std::string_view) { return std::optional<engine::Profile>{}; };
    addressees.mark_dead = [](auto) {};
    engine::OutboxOptions options;
    options.medium = engine::OutboxOptions::Medium::memory;
    options.threads = engine::OutboxOptions::Threads::none;
    auto opened = engine::Outbox::open(
        options, {*log, std::move(addressees), nullptr, nullptr, nullptr, clock, metrics});
    REQUIRE(opened.has_value());
    outbox = *std::move(opened);
    outbox->start({});
    deliver_by(outbox.get());
  }
  ~ReachWorld() {
    pump();
    deliver_by(nullptr);
  }

  /// So many more in that area and sector.
  void settle_down(std::size_t count, const std::string& area, const std::string& sector) {
    for (std::size_t i = 0; i < count; ++i) {
      organisations["org" + std::to_string(10'000 + organisations.size())] = {area, {sector}};
    }
  }
  std::string counts(const std::string& alert = "1") {
    return answer_to(*this, {.path = "/v1/alerts/" + alert + "/reach"}).body;
  }
  /// A stream of an alert's counts, and what it began with.
  std::pair<Client, std::string> watch(const std::string& alert = "1",
                                       const std::string& fields = "") {
    Client client = connect();
    std::string begin = ask(
        client, get("/v1/alerts/" + alert + "/reach", "Accept: text/event-stream\r\n" + fields));
    return {std::move(client), std::move(begin)};
  }
  /// A second goes by, and what a client is told in it.
  std::string second(Client& client) {
    clock.advance(std::chrono::seconds{1});
    pass(std::chrono::seconds{1});
    client.wait();
    return client.receive();
  }

  std::map<std::string, engine::Grouping> organisations;
  std::unique_ptr<engine::Outbox> outbox;
};

}  // namespace tests
