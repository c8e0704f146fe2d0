// The pages behind an e-mail's links: what they show, what they change, and what they do not.
#include <map>

#include "engine/cap/compose.hpp"
#include "engine/directory/limits.hpp"
#include "engine/limits.hpp"
#include "engine/links.hpp"
#include "tests/unit/web/asking.hpp"

using namespace tests;
using connectors::web::AnswerParts;
using connectors::web::Api;
using connectors::web::Response;
using engine::DeliveryFound;
using engine::LinkFor;
using engine::Way;

namespace limits = engine::limits;

namespace {

const engine::DeliveryId kDelivery{1, 2, 3};

struct AnswerWorld : WebWorld {
  AnswerWorld() {
    engine::Registration one;
    one.organisation.key = "acme";
    one.organisation.name = "Acme";
    for (const char* address : {"one@example.org", "two@example.org"}) {
      engine::Contact& contact = one.profile.contacts.emplace_back();
      contact.way = Way::email;
      contact.address = address;
      contact.consents = true;
    }
    REQUIRE(directory->put(std::span<const engine::Registration>(&one, 1)).has_value());
    append();
    DeliveryFound found;
    found.sequence = engine::Sequence{1};
    found.organisation = "acme";
    found.contact = contacts().at(0).number;
    found.way = Way::email;
    found.mark = engine::address_mark(*directory, Way::email, "one@example.org");
    found.title = "River <rising> & fast";
    found.expires = clock.now() + std::chrono::hours{1};
    deliveries[kDelivery] = found;
    AnswerParts parts;
    parts.find = [this](const engine::DeliveryId& id, auto done) {
      if (unreadable) return done(engine::Failure{"not now"});
      const auto at = deliveries.find(id);
      done(at == deliveries.end() ? std::optional<DeliveryFound>{} : std::optional(at->second));
    };
    api = std::make_unique<Api>(*engine, clerk, 100, connectors::web::OwnParts{}, nullptr, parts);
  }

  std::vector<engine::Contact> contacts() const {
    return directory->profile("acme").value().value_or(engine::Profile{}).contacts;
  }
  std::string path(LinkFor purpose, const engine::DeliveryId& id = kDelivery) const {
    return (purpose == LinkFor::answering ? "/answer/" : "/unsubscribe/") +
           engine::Links(*directory).code(purpose, id).value();
  }
  Response get(const std::string& path, const connectors::web::Peer& from = kNear,
               const std::string& lang = "") {
    Ask ask{"GET", path};
    ask.peer = from;
    if (!lang.empty()) ask.query = {{"lang", lang}};
    return answer_to(*this, ask);
  }
  Response post(const std::string& path, const std::string& body,
                const connectors::web::Peer& from = kNear) {
    Ask ask{"POST", path};
    ask.body = body;
    ask.peer = from;
    return answer_to(*this, ask);
  }
  engine::ReachCount reached() {
    engine::ReachCount count;
    receipts->reach(engine::Sequence{1},
                    [&](auto counts) { count = counts.value().organisations; });
    pump();
    return count;
  }

  std::map<engine::DeliveryId, DeliveryFound> deliveries;
  bool unreadable = false;
};

const std::string kLeave = "List-Unsubscribe=One-Click";

}  // namespace

TEST_CASE("to look at a link changes nothing, and shows the alert as text in one's language") {
  AnswerWorld world;
  const Response english = world.get(world.path(LinkFor::answering));
  CHECK(english.status == 200);
  CHECK(holds(english.body, "<html lang=\"en-GB\">"));
  CHECK(holds(english.body, "<h1>EXERCISE: River &lt;rising&gt; &amp; fast</h1>"));
  CHECK(holds(english.body, "<form method=\"post\">"));
  CHECK(holds(english.body, "999"));
  CHECK(holds(world.get(world.path(LinkFor::answering), kNear, "cy").body, "Sut ydych chi?"));
  const Response leaving = world.get(world.path(LinkFor::leaving));
  CHECK(leaving.status == 200);
  CHECK(holds(leaving.body, "value=\"One-Click\""));
  for (const Response& page : {english, leaving}) {
    CHECK_FALSE(holds(page.body, "example.org"));
    CHECK_FALSE(holds(page.body, "<script"));
    const std::string policy = field_of(page, "Content-Security-Policy");
    CHECK(policy.starts_with("default-src 'none'; style-src 'sha256-"));
    CHECK(holds(policy, "form-action 'self'"));
    CHECK(holds(policy, "frame-ancestors 'none'"));
    CHECK_FALSE(holds(policy, "unsafe"));
    CHECK(field_of(page, "Referrer-Policy") == "no-referrer");
    CHECK(field_of(page, "Cross-Origin-Opener-Policy") == "same-origin");
    CHECK(field_of(page, "Cache-Control") == "no-store");
  }
  CHECK(world.reached() == engine::ReachCount{});
  CHECK(world.contacts().at(0).consents);
}

TEST_CASE("the page of a drill says so first, whatever it shows, and that of a real one does not") {
  AnswerWorld world;
  const auto of = [&](unsigned char id, engine::cap::Status status) {
    world.append(100, status);
    DeliveryFound& found = world.deliveries[{id}] = world.deliveries.at(kDelivery);
    found.sequence = world.log->head();
    return world.path(LinkFor::answering, {id});
  };
  const auto first_words = [](const Response& page) {
    const std::size_t main = page.body.find("<main>\n");
    return page.body.substr(main + 7, page.body.find('\n', main + 7) - main - 7);
  };
  const std::string drill = of(7, engine::cap::Status::exercise);
  const std::string trial = of(8, engine::cap::Status::test);
  const std::string real = of(9, engine::cap::Status::actual);
  for (const Response& page : {world.get(drill), world.post(drill, "answer=words&words="),
                               world.post(drill, "answer=safe")}) {
    CHECK(first_words(page).starts_with("<p class=\"note\">EXERCISE EXERCISE EXERCISE: "));
    CHECK(holds(page.body, "<title>EXERCISE: "));
  }
  CHECK(first_words(world.get(drill, kNear, "cy")).starts_with("<p class=\"note\">YMARFER "));
  CHECK(first_words(world.get(trial)).starts_with("<p class=\"note\">TEST TEST TEST: "));
  CHECK(first_words(world.get(real)) == "<h1>River &lt;rising&gt; &amp; fast</h1>");
  CHECK_FALSE(holds(world.post(real, "answer=safe").body, "EXERCISE"));
}

TEST_CASE("the headline is that of the page's language, or says which language it is in") {
  AnswerWorld world;
  const auto page_of = [&](std::vector<std::pair<std::string, std::string>> infos,
                           const std::string& lang) {
    engine::cap::Alert alert = AlertBuilder().identifier("A" + lang + infos[0].first).alert();
    const engine::cap::Info like = alert.infos.front();
    alert.infos.clear();
    for (const auto& [language, headline] : infos) {
      engine::cap::Info& info = alert.infos.emplace_back(like);
      info.language = language;
      info.headline = headline;
    }
    append(world, engine::cap::compose(alert));
    DeliveryFound& found = world.deliveries[{7}] = world.deliveries.at(kDelivery);
    found.sequence = world.log->head();
    const auto body = world.get(world.path(LinkFor::answering, {7}), kNear, lang).body;
    const std::size_t begin = body.find("<h1>");
    return body.substr(begin + 4, body.find("</h1>", begin) - begin - 4);
  };
  const std::pair<std::string, std::string> english{"en-GB", "Flood"}, welsh{"cy", "Llifogydd"},
      irish{"ga", "Tuilte & fuacht"};
  CHECK(page_of({english, welsh}, "cy") == "YMARFER: Llifogydd");
  CHECK(page_of({english, welsh}, "") == "EXERCISE: Flood");
  CHECK(page_of({{"CY-GB", "Llif"}, english}, "cy") == "YMARFER: Llif");
  CHECK(page_of({welsh, english}, "") == "EXERCISE: Flood");
  CHECK(page_of({english}, "cy") == "YMARFER: <span lang=\"en-GB\">Flood</span>");
  CHECK(page_of({welsh}, "") == "EXERCISE: <span lang=\"cy\">Llifogydd</span>");
  CHECK(page_of({irish}, "cy") == "YMARFER: <span lang=\"ga\">Tuilte &amp; fuacht</span>");
}

TEST_CASE("kLinksAtOnce links are opened from one address, and one more every kLinkEvery") {
  AnswerWorld world;
  const std::string path = world.path(LinkFor::answering);
  for (std::size_t i = 0; i < limits::kLinksAtOnce; ++i) {
    REQUIRE(world.get(path, kFar).status == 200);
  }
  const Response often = world.get(path, kFar);
  CHECK(often.status == 429);
  CHECK_FALSE(field_of(often, "Retry-After").empty());
  CHECK(world.post(world.path(LinkFor::leaving), kLeave, kFar).status == 429);
  CHECK(world.contacts().at(0).consents);
  CHECK(world.get(path).status == 200);  // the machine itself is not counted
  world.clock.advance(limits::kLinkEvery);
  CHECK(world.get(path, kFar).status == 200);
  CHECK(world.get(path, kFar).status == 429);
}

TEST_CASE("what is sent from the page is a receipt of the organisation") {
  AnswerWorld world;
  const std::string path = world.path(LinkFor::answering);
  const Response said = world.post(path, "answer=help&words=two+on+the+%3Croof%3E");
  CHECK(said.status == 200);
  CHECK(holds(said.body, "Your answer is kept"));
  CHECK(holds(said.body, "two on the &lt;roof&gt;"));
  CHECK(world.reached() == engine::ReachCount{0, 0, 1, 1});
  CHECK(world.receipts->has_acknowledged(engine::Sequence{1}, "acme"));
  CHECK(world.post(path, "answer=safe").status == 200);  // said again it counts once
  CHECK(world.reached() == engine::ReachCount{0, 0, 1, 1});
}

TEST_CASE("a form that says nothing is asked again, and nothing is kept") {
  AnswerWorld world;
  const Response again = world.post(world.path(LinkFor::answering), "answer=words&words=");
  CHECK(again.status == 400);
  CHECK(holds(again.body, "role=\"alert\""));
  CHECK(holds(again.body, "<form"));
  CHECK(world.reached() == engine::ReachCount{});
}

TEST_CASE("one click ends the mails to that contact and to no other") {
  AnswerWorld world;
  const std::string path = world.path(LinkFor::leaving);
  CHECK(world.post(path, "").status == 400);
  CHECK(world.contacts().at(0).consents);
  const Response left = world.post(path, kLeave);
  CHECK(left.status == 200);
  CHECK(holds(left.body, "No more e-mails"));
  CHECK_FALSE(world.contacts().at(0).consents);
  CHECK(world.contacts().at(1).consents);
  CHECK(world.reached() == engine::ReachCount{});
  CHECK(world.post(path, kLeave).status == 200);
}

TEST_CASE("a code opens what it was made for and nothing else") {
  AnswerWorld world;
  const std::string answer = world.path(LinkFor::answering), leave = world.path(LinkFor::leaving);
  CHECK(world.get("/answer/" + leave.substr(leave.rfind('/') + 1)).status == 404);
  CHECK(world.get("/unsubscribe/" + answer.substr(answer.rfind('/') + 1)).status == 404);
  for (std::size_t i = answer.rfind('/') + 1; i < answer.size(); ++i) {
    std::string wrong = answer;
    wrong[i] = wrong[i] == '0' ? '1' : '0';
    CHECK(world.get(wrong).status == 404);
  }
  CHECK(world.get(answer + "0").status == 404);
  CHECK(world.get("/answer/x").status == 404);
  CHECK(world.get(world.path(LinkFor::answering, engine::DeliveryId{9})).status == 404);
  CHECK(world.get(answer).status == 200);
}

TEST_CASE("a link to answer is over a day after its alert, and one to leave is not") {
  AnswerWorld world;
  world.clock.advance(std::chrono::hours{25});
  CHECK(world.get(world.path(LinkFor::answering)).status == 200);
  world.clock.advance(std::chrono::seconds{1});
  const Response over = world.get(world.path(LinkFor::answering));
  CHECK(over.status == 404);
  CHECK(holds(over.body, "This link is over"));
  CHECK(world.post(world.path(LinkFor::answering), "answer=safe").status == 404);
  CHECK(world.post(world.path(LinkFor::leaving), kLeave).status == 200);
  CHECK(world.reached() == engine::ReachCount{});
}

TEST_CASE("what was replaced says so, and what takes back is not answered") {
  AnswerWorld world;
  world.deliveries[kDelivery].ended = true;
  CHECK(holds(world.get(world.path(LinkFor::answering)).body, "A newer message"));
  CHECK(world.post(world.path(LinkFor::answering), "answer=safe").status == 200);
  world.deliveries[kDelivery].takes_back = true;
  CHECK(world.get(world.path(LinkFor::answering)).status == 404);
}

TEST_CASE("whoever has the address no more has no word of it") {
  AnswerWorld world;
  engine::Registration one;
  one.organisation = *world.directory->find("acme");
  one.profile = world.directory->profile("acme").value().value();
  one.profile.contacts[0].address = "new@example.org";  // the same contact, somebody else's
  REQUIRE(world.directory->put(std::span<const engine::Registration>(&one, 1)).has_value());
  CHECK(world.post(world.path(LinkFor::leaving), kLeave).status == 404);
  CHECK(world.post(world.path(LinkFor::answering), "answer=safe").status == 404);
  CHECK(world.contacts().at(0).consents);
  REQUIRE(world.directory->erase("acme").has_value());
  CHECK(world.post(world.path(LinkFor::answering), "answer=safe").status == 404);
  CHECK(world.reached() == engine::ReachCount{});
}

TEST_CASE("what cannot be read now is asked for again later") {
  AnswerWorld world;
  world.unreadable = true;
  const std::string answer = world.path(LinkFor::answering), leave = world.path(LinkFor::leaving);
  for (const Response& later : {world.get(answer), world.post(answer, "answer=safe"),
                                world.get(leave), world.post(leave, kLeave)}) {
    CHECK(later.status == 503);
    CHECK(field_of(later, "Retry-After") == "60");
  }
  CHECK(world.reached() == engine::ReachCount{});
  CHECK(world.contacts().at(0).consents);
}

TEST_CASE("an address that tries codes is kept out for a while") {
  AnswerWorld world;
  for (std::size_t i = 0; i < limits::kGuessesAtOnce; ++i) {
    CHECK(world.get("/answer/" + std::string(64, '0'), kFar).status == 404);
  }
  const std::string right = world.path(LinkFor::answering), leave = world.path(LinkFor::leaving);
  CHECK(world.get(right, kFar).status == 429);
  CHECK(world.post(right, "answer=safe", kFar).status == 429);
  CHECK(world.get(leave, kFar).status == 429);
  CHECK(world.post(leave, kLeave, kFar).status == 429);
  CHECK(world.get(right).status == 200);
  world.clock.advance(limits::kGuessEvery);
  CHECK(world.get(right, kFar).status == 200);
}

TEST_CASE("without an outbox there is nothing behind a link") {
  AnswerWorld world;
  world.api = std::make_unique<Api>(*world.engine, world.clerk, 100);
  CHECK(world.get(world.path(LinkFor::answering)).status == 404);
}
