#include "ops/admin/admin_socket.hpp"

#include <doctest/doctest.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <unistd.h>

#include <array>
#include <boost/json.hpp>
#include <filesystem>
#include <fstream>

#include "engine/trust/signature.hpp"
#include "ops/admin/limits.hpp"
#include "ops/admin/link.hpp"
#include "tests/support/temp_dir.hpp"
#include "tests/unit/log/log_fixture.hpp"

namespace json = boost::json;
namespace limits = ops::limits;

namespace {

/// A data folder with an engine's rooms opened and its socket in it.
struct World {
  World() {
    REQUIRE(engine::trust::start_crypto());
    engine::LogOptions log_options;
    log_options.directory = folder.path() / "log";
    log = std::move(engine::Log::open(log_options, clock).value());
    directory = std::move(engine::Directory::open(directory_options(), clock).value());
    receipts = std::move(engine::Receipts::open({folder.path() / "receipts"}, clock).value());
  }
  ~World() {
    if (log) log->stop();
  }
  void serve() {
    ops::Machine machine{*directory, *log, *receipts, engine::Places::builtin(), [] {
                           return json::object{{"ready", true}};
                         }};
    machine.end_streams = [this] { end_streams(); };
    machine.erase_owed = erase_owed;
    socket = std::move(ops::AdminSocket::open(folder.path(), std::move(machine)).value());
  }
  engine::DirectoryOptions directory_options() const {
    engine::DirectoryOptions options;
    options.directory = folder.path() / "directory";
    options.key_file = keys.path() / "directory.key";
    return options;
  }
  tests::TempDir folder, keys;
  engine::SystemClock clock;
  std::unique_ptr<engine::Log> log;
  std::unique_ptr<engine::Directory> directory;
  std::unique_ptr<engine::Receipts> receipts;
  std::function<void()> end_streams = [] {};
  std::function<engine::Result<void>(const std::string&)> erase_owed = nullptr;
  std::unique_ptr<ops::AdminSocket> socket;
};

std::vector<json::object> ask(const ops::Link& link, const json::object& request) {
  std::vector<json::object> answer;
  const auto asked = link.ask(request, [&](const json::object& told) { answer.push_back(told); });
  if (!asked) answer.push_back({{"error", asked.error().what}});
  return answer;
}

json::object put(const char* key) {
  return {{"do", "put"},
          {"only", "new"},
          {"organisations", json::array{json::object{
                                {"organisation", key},
                                {"name", "Acme"},
                                {"groups", json::array{"police"}},
                                {"subscription", json::array{json::array{"area", "E09000033"}}}}}}};
}

}  // namespace

TEST_CASE("operators change a running engine's directory through its socket") {
  World world;
  world.serve();
  const auto link = ops::Link::open(world.folder.path()).value();
  CHECK(link->running());
  CHECK(ask(*link, {{"do", "status"}}) == std::vector<json::object>{{{"ready", true}}});
  CHECK(ask(*link, put("acme")).empty());
  CHECK(world.directory->find("acme")->groups == std::vector<std::string>{"police"});
  CHECK(ask(*link, put("acme")).front().contains("error"));
  CHECK(ask(*link, put("Acme")).front().contains("error"));
  const auto secret = ask(*link, {{"do", "issue"}, {"organisation", "acme"}, {"kind", "token"}});
  REQUIRE(secret.size() == 1);
  const std::string token(secret.front().at("secret").as_string());
  CHECK(world.directory->member_of(token)->organisation == "acme");
  CHECK(ask(*link, {{"do", "list"}}).front().at("organisation") == "acme");
  CHECK(ask(*link, {{"do", "show"}, {"organisation", "acme"}})
            .front()
            .at("secrets")
            .as_array()
            .size() == 1);
  CHECK(ask(*link, {{"do", "revoke"}, {"secret", token}}).empty());
  CHECK_FALSE(world.directory->member_of(token));
  CHECK(ask(*link, {{"do", "erase"}, {"organisation", "acme"}}).empty());
  CHECK(ask(*link, {{"do", "dance"}}).front().contains("error"));
  CHECK(ask(*link, {{"do", "read"}, {"after", 0}}).front().at("end") == true);
}

namespace {

json::object imported(const std::string& key, const std::string& phone) {
  const json::object place{{"latitude", 51.5}, {"longitude", -0.12}, {"ons", "E09000033"}};
  const json::object first{
      {"way", "sms"}, {"address", phone}, {"consents", true}, {"hours", "08:00-18:30"}};
  const json::object second{{"way", "email"}, {"address", "duty@example.org"}, {"fallback", true}};
  const json::object profile{{"premises", json::array{place}},
                             {"sectors", json::array{"retail"}},
                             {"language", "cy"},
                             {"contacts", json::array{first, second}}};
  return {{"organisation", key}, {"name", "Acme"}, {"profile", profile}};
}

json::object piece(const char* import, json::array organisations) {
  return {{"do", "stage"}, {"import", import}, {"organisations", std::move(organisations)}};
}

}  // namespace

TEST_CASE("an import counts when it is whole, and until then nothing of it does") {
  World world;
  world.serve();
  const auto link = ops::Link::open(world.folder.path()).value();
  const json::object finish{{"do", "import"}, {"import", "one"}};
  CHECK(ask(*link, finish).front().contains("error"));
  CHECK(ask(*link, piece("one", json::array{imported("acme", "+447700900123")})).empty());
  CHECK(ask(*link, piece("one", json::array{imported("bolt", "+447700900124")})).empty());
  CHECK(world.directory->size() == 0);
  CHECK(ask(*link, finish).empty());
  CHECK(world.directory->size() == 2);
  CHECK(ask(*link, finish).front().contains("error"));  // once
  const auto profile = **world.directory->profile("acme");
  CHECK(profile.contacts[0].hours ==
        engine::Hours{std::chrono::minutes{480}, std::chrono::minutes{1110}});
  CHECK(profile.contacts[1].fallback);
  CHECK_FALSE(profile.contacts[1].consents);
  // One wrong organisation, and nothing is taken; another import, and the first one is over.
  CHECK(ask(*link, piece("two", json::array{imported("cog", "+447700900125")})).empty());
  CHECK(ask(*link, piece("two", json::array{imported("dye", "07700900126")})).empty());
  CHECK(ask(*link, {{"do", "import"}, {"import", "two"}}).front().contains("error"));
  CHECK(ask(*link, piece("three", json::array{imported("cog", "+447700900125")})).empty());
  CHECK(ask(*link, piece("four", json::array{imported("dye", "+447700900126")})).empty());
  CHECK(ask(*link, {{"do", "import"}, {"import", "three"}}).front().contains("error"));
  CHECK(world.directory->size() == 2);
}

TEST_CASE("an import takes limits::kStagedBytes and not more") {
  ops::Staging staging;
  engine::Registration large;
  large.organisation.name = std::string(ops::limits::kStagedBytes / 4, 'n');
  const auto add = [&] { return staging.add("one", {large}).has_value(); };
  CHECK(add());
  CHECK(add());
  CHECK(add());
  CHECK_FALSE(add());
  CHECK_FALSE(staging.take("one").has_value());
}

TEST_CASE("contacts are shown to who asks for them and to nobody else") {
  World world;
  world.serve();
  const auto link = ops::Link::open(world.folder.path()).value();
  REQUIRE(ask(*link, piece("one", json::array{imported("acme", "+447700900123")})).empty());
  REQUIRE(ask(*link, {{"do", "import"}, {"import", "one"}}).empty());
  const auto text = [&](const json::object& request) {
    std::string all;
    for (const auto& told : ask(*link, request)) all += json::serialize(told);
    return all;
  };
  for (const char* what : {"list", "show"}) {
    json::object request{{"do", what}, {"organisation", "acme"}};
    std::string told = text(request);
    CHECK(told.find("acme") != std::string::npos);
    for (const char* personal : {"7700900123", "duty@", "5.15E1"}) {
      CHECK(told.find(personal) == std::string::npos);
    }
    request["contacts"] = true;
    told = text(request);
    for (const char* personal : {"+447700900123", "duty@example.org", "5.15E1", "08:00-18:30"}) {
      CAPTURE(told);
      CHECK(told.find(personal) != std::string::npos);
    }
  }
  CHECK(text({{"do", "show"}, {"organisation", "acme"}})
            .find(R"("contacts":{"sms":1,"email":1,"webhook":0})") != std::string::npos);
}

TEST_CASE("an import keeps what an organisation wants to hear and says anew where it is") {
  World world;
  world.serve();
  const auto link = ops::Link::open(world.folder.path()).value();
  json::object added = put("acme");
  added["organisations"].as_array()[0].as_object()["subscription"] =
      json::array{json::array{"area", "E09000033"}, json::array{"severity", "Severe"}};
  REQUIRE(ask(*link, added).empty());
  REQUIRE(ask(*link, piece("one", json::array{imported("acme", "+447700900123")})).empty());
  REQUIRE(ask(*link, {{"do", "import"}, {"import", "one"}}).empty());
  CHECK(world.directory->find("acme")->subscription ==
        std::vector<engine::Filter::Parameter>{{"severity", "Severe"}});
  CHECK(world.directory->subscription_of("acme").size() == 2);
}

TEST_CASE("a subscription that streams would refuse is not stored") {
  World world;
  world.serve();
  const auto link = ops::Link::open(world.folder.path()).value();
  json::object request = put("acme");
  request["organisations"].as_array()[0].as_object()["subscription"] =
      json::array{json::array{"area", "Atlantis"}};
  CHECK(ask(*link, request).front().contains("error"));
  CHECK(world.directory->size() == 0);
}

TEST_CASE("without an engine the folder itself is opened and with one its lock holds") {
  tests::TempDir folder;
  REQUIRE(engine::trust::start_crypto());
  {
    const auto link = ops::Link::open(folder.path()).value();
    CHECK_FALSE(link->running());
    CHECK(ask(*link, put("acme")).empty());
    CHECK_FALSE(ops::Link::open(folder.path()).has_value());  // locked
  }
  const auto link = ops::Link::open(folder.path()).value();
  CHECK(ask(*link, {{"do", "list"}}).size() == 1);
}

namespace {

/// The places of every record after `after`, read page by page as the command line does.
std::vector<std::uint64_t> places_after(const ops::Link& link, std::uint64_t after) {
  std::vector<std::uint64_t> places;
  for (bool end = false; !end && places.size() < 1000;) {
    for (const auto& told : ask(link, {{"do", "read"}, {"after", after}})) {
      REQUIRE_FALSE(told.contains("error"));
      if (told.contains("end")) {
        end = told.at("end").as_bool();
      } else {
        after = told.at("place").to_number<std::uint64_t>();
        places.push_back(after);
      }
    }
  }
  return places;
}

}  // namespace

TEST_CASE("numbers of a request mean the same with an engine and without one") {
  World world;
  for (int i = 1; i <= 70; ++i) {
    std::promise<engine::AppendAnswer> answer;
    world.log->append(tests::alert("A" + std::to_string(i)).candidate(),
                      [&](engine::AppendAnswer said) { answer.set_value(std::move(said)); });
    REQUIRE(tests::text(answer.get_future().get()) == std::to_string(i));
  }
  const auto check = [&](const ops::Link& link) {
    const auto all = places_after(link, 0);
    REQUIRE(all.size() == 70);
    for (std::size_t i = 0; i < all.size(); ++i) CHECK(all[i] == i + 1);
    CHECK(places_after(link, 68) == std::vector<std::uint64_t>{69, 70});
    CHECK(ask(link, put("acme")).empty());
    const json::object token{{"do", "issue"}, {"organisation", "acme"}, {"kind", "token"}};
    const auto number = ask(link, token).front().at("number").to_number<std::uint64_t>();
    const json::object revoke{{"do", "revoke"}, {"organisation", "acme"}, {"number", number}};
    CHECK(ask(link, revoke).empty());
    CHECK(ask(link, revoke).front().contains("error"));  // it is gone
    json::object nonsense = revoke;
    for (const json::value& wrong : {json::value(-1), json::value(0.5), json::value("1")}) {
      nonsense["number"] = wrong;
      CHECK(ask(link, nonsense).front().contains("error"));
    }
    CHECK(ask(link, {{"do", "erase"}, {"organisation", "acme"}}).empty());
  };
  world.serve();
  check(*ops::Link::open(world.folder.path()).value());
  world.socket.reset();
  world.log->stop();
  world.log.reset();
  world.directory.reset();
  world.receipts.reset();
  const auto alone = ops::Link::open(world.folder.path()).value();
  CHECK_FALSE(alone->running());
  check(*alone);
}

TEST_CASE("a secret of no kind that there is is not issued") {
  World world;
  world.serve();
  const auto link = ops::Link::open(world.folder.path()).value();
  CHECK(ask(*link, put("acme")).empty());
  for (const char* kind : {"invitaton", "", "Token"}) {
    CHECK(ask(*link, {{"do", "issue"}, {"organisation", "acme"}, {"kind", kind}})
              .front()
              .contains("error"));
  }
  CHECK(world.directory->credentials_of("acme").empty());
}

// The time is no measurement: without an end to what one client costs, this took minutes.
TEST_CASE("who asks for much and reads nothing keeps neither others nor the end waiting" *
          doctest::timeout(60)) {
  World world;
  std::vector<engine::Organisation> many(10'000);
  for (std::size_t i = 0; i < many.size(); ++i) {
    many[i].key = "o" + std::to_string(i);
    many[i].name = std::string(200, 'n');
  }
  REQUIRE(world.directory->put(many).has_value());
  world.serve();
  const auto silent = ops::connect_locally(world.folder.path()).value();
  REQUIRE(ops::send_all(silent.get(), "{\"do\":\"list\"}\n"));
  const auto link = ops::Link::open(world.folder.path()).value();
  CHECK(ask(*link, {{"do", "status"}}).front() == json::object{{"ready", true}});
  // What it was sent has no holes, and is not the whole.
  std::size_t lines = 0;
  CHECK_FALSE(ops::each_line(silent.get(), [&](std::string_view line) {
    CHECK(line.find("\"o") != std::string_view::npos);
    return ++lines < many.size();
  }));
  CHECK(lines > 0);
  CHECK(lines < many.size());

  const auto another = ops::connect_locally(world.folder.path()).value();
  REQUIRE(ops::send_all(another.get(), "{\"do\":\"list\"}\n"));
  char first = 0;
  REQUIRE(::recv(another.get(), &first, 1, 0) == 1);
  world.socket.reset();
}

TEST_CASE("how far an organisation settled is shown and is erased with it") {
  World world;
  world.serve();
  const auto link = ops::Link::open(world.folder.path()).value();
  const json::object show{{"do", "show"}, {"organisation", "acme"}};
  REQUIRE(ask(*link, put("acme")).empty());
  CHECK(ask(*link, show).front().at("settled") == 0);
  world.receipts->settled(engine::Sequence{7}, "acme");
  CHECK(ask(*link, show).front().at("settled") == 7);
  CHECK(ask(*link, {{"do", "erase"}, {"organisation", "acme"}}).empty());
  CHECK(ask(*link, {{"do", "erase"}, {"organisation", "acme"}}).front().contains("error"));
  REQUIRE(ask(*link, put("acme")).empty());
  CHECK(ask(*link, show).front().at("settled") == 0);
}

TEST_CASE("who answered what is told to operators, kAnswersLooked organisations at a time") {
  World world;
  world.serve();
  const auto link = ops::Link::open(world.folder.path()).value();
  REQUIRE(ask(*link, put("acme")).empty());
  for (int i = 1; i <= 7; ++i) {
    std::promise<void> appended;
    world.log->append(tests::alert("A" + std::to_string(i)).candidate(),
                      [&](engine::AppendAnswer) { appended.set_value(); });
    appended.get_future().wait();
  }
  const auto unknown = ask(*link, {{"do", "answers"}, {"sequence", 8}});
  CHECK(unknown.front().at("error") == "there is no alert 8");
  std::vector<engine::Receipt> receipts;
  const auto say = [&](std::string key, std::string answer) {
    receipts.push_back({engine::Sequence{7}, engine::Receipt::State::acknowledged,
                        std::move(answer), std::move(key)});
  };
  say("acme", "need help: two on the roof");
  for (std::size_t i = 1; i < limits::kAnswersLooked; ++i) say("other" + std::to_string(i), "");
  say("zoo", "can shelter 12");
  world.receipts->take(receipts, [](engine::Result<void>) {});
  json::object request{{"do", "answers"}, {"sequence", 7}};
  auto told = ask(*link, request);
  REQUIRE(told.size() == 2);
  CHECK(json::serialize(told[0]) ==
        R"({"organisation":"acme","name":"Acme","means":"need help","places":0,)"
        R"("answer":"need help: two on the roof"})");
  CHECK(told[1].at("end") == false);
  request["after"] = told[1].at("after");
  told = ask(*link, request);
  REQUIRE(told.size() == 2);
  CHECK(told[0].at("organisation") == "zoo");
  CHECK(told[0].at("places") == 12);
  CHECK(told[1].at("end") == true);
  CHECK(ask(*link, {{"do", "answers"}}).front().contains("error"));
}

TEST_CASE("what is left of an organisation that was erased goes when it is erased again") {
  World world;
  bool owed_goes = true;
  std::vector<std::string> gone;
  world.erase_owed = [&](const std::string& key) -> engine::Result<void> {
    if (!owed_goes) return engine::Failure{"the disk is full"};
    gone.push_back(key);
    return {};
  };
  world.end_streams = [&] { owed_goes = false; };  // from here on
  world.serve();
  const auto link = ops::Link::open(world.folder.path()).value();
  REQUIRE(ask(*link, put("acme")).empty());
  const json::object erase{{"do", "erase"}, {"organisation", "acme"}};
  const auto half = ask(*link, erase);
  CHECK(std::string(half.front().at("error").as_string()).starts_with("acme is erased, but"));
  CHECK_FALSE(world.directory->find("acme"));
  owed_goes = true;
  gone.clear();
  CHECK(ask(*link, erase).front().at("error") == "there is no organisation acme");
  CHECK(gone == std::vector<std::string>{"acme"});
}

TEST_CASE("what streams still say while their organisation is erased is left to nobody") {
  World world;
  bool erased_before = false;
  world.end_streams = [&world, &erased_before] {
    erased_before = !world.directory->find("acme");
    world.receipts->settled(engine::Sequence{7}, "acme");  // its last words
  };
  world.serve();
  const auto link = ops::Link::open(world.folder.path()).value();
  REQUIRE(ask(*link, put("acme")).empty());
  CHECK(ask(*link, {{"do", "erase"}, {"organisation", "acme"}}).empty());
  CHECK(erased_before);  // or they would have gone on
  REQUIRE(ask(*link, put("acme")).empty());
  const json::object show{{"do", "show"}, {"organisation", "acme"}};
  CHECK(ask(*link, show).front().at("settled") == 0);
}

TEST_CASE("an exchange has limits::kAdminExchange and nothing is waited for beyond it") {
  std::array<int, 2> ends{};
  REQUIRE(::socketpair(AF_UNIX, SOCK_STREAM, 0, ends.data()) == 0);
  const ops::Descriptor one(ends[0]), other(ends[1]);
  const auto now = std::chrono::steady_clock::now();
  REQUIRE(ops::send_all(one.get(), "line\n", now + limits::kAdminExchange));
  const auto heard = [](std::string_view) { return false; };
  std::size_t lines = 0;
  const auto count = [&](std::string_view) { return ++lines > 0; };
  CHECK_FALSE(ops::each_line(other.get(), count, now));
  CHECK(lines == 0);
  CHECK_FALSE(ops::send_all(one.get(), "late\n", now));
  CHECK_FALSE(ops::each_line(other.get(), heard, now + limits::kAdminExchange));
  CHECK(limits::kAdminExchange > limits::kAdminPatience);
}

TEST_CASE("what a command makes in a data folder is its owner's alone") {
  const mode_t before = ::umask(077);
  World world;
  world.log->stop();
  world.log.reset();
  world.directory.reset();
  world.receipts.reset();
  const auto all = [&world] {
    return std::filesystem::recursive_directory_iterator(world.folder.path());
  };
  const auto count = std::distance(begin(all()), end(all()));
  ::umask(022);
  const auto link = ops::Link::open(world.folder.path()).value();
  CHECK(std::distance(begin(all()), end(all())) > count);  // or nothing was made
  for (const auto& there : all()) {
    CAPTURE(there.path().string());
    CHECK((there.status().permissions() & std::filesystem::perms(077)) ==
          std::filesystem::perms::none);
  }
  ::umask(before);
}

TEST_CASE("the socket is its owner's alone and takes the place of one that was left there") {
  World world;
  std::ofstream(world.folder.path() / "admin.sock") << "left";
  const mode_t before = ::umask(0);
  world.serve();
  ::umask(before);
  struct stat found {};
  REQUIRE(::stat((world.folder.path() / "admin.sock").c_str(), &found) == 0);
  CHECK(S_ISSOCK(found.st_mode));
  CHECK((found.st_mode & 0777) == 0600);
  CHECK_FALSE(std::filesystem::exists(world.folder.path() / ".admin"));
  world.socket.reset();
  CHECK_FALSE(std::filesystem::exists(world.folder.path() / "admin.sock"));
}

TEST_CASE("limits::kAdminBacklog operators may wait, each with limits::kAdminPatience") {
  tests::TempDir folder;
  const auto listener = ops::listen_locally(folder.path());
  REQUIRE(listener.has_value());
  std::vector<ops::Descriptor> waiting;
  for (int i = 0; i < limits::kAdminBacklog; ++i) {
    waiting.push_back(ops::connect_locally(folder.path()).value());
    CHECK(waiting.back().get() >= 0);
  }
  CHECK(ops::is_own_peer(waiting.front().get()));
  timeval patience{};
  socklen_t size = sizeof patience;
  REQUIRE(::getsockopt(waiting.front().get(), SOL_SOCKET, SO_RCVTIMEO, &patience, &size) == 0);
  CHECK(patience.tv_sec == limits::kAdminPatience.count());
}

TEST_CASE("a line has limits::kAdminLineBytes octets and not one more") {
  for (const std::size_t more : {std::size_t{0}, std::size_t{1}}) {
    std::array<int, 2> ends{};
    REQUIRE(::socketpair(AF_UNIX, SOCK_STREAM, 0, ends.data()) == 0);
    const ops::Descriptor reader(ends[0]);
    std::thread writer([end = ends[1], more] {
      const ops::Descriptor closing(end);
      if (!ops::send_all(end, std::string(limits::kAdminLineBytes + more, 'x'))) return;
      ops::send_all(end, "\n");
    });
    std::size_t heard = 0;
    const bool whole = ops::each_line(reader.get(), [&](std::string_view line) {
      heard = line.size();
      return true;
    });
    ::shutdown(reader.get(), SHUT_RDWR);
    writer.join();
    CHECK(whole == (more == 0));
    CHECK(heard == (more == 0 ? limits::kAdminLineBytes : 0));
  }
}
