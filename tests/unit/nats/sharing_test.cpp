// What machines share beside the log: it comes whole, page by page, to whoever has the key, and
// nobody between them reads it or puts anything in.
#include "connectors/nats/sharing.hpp"

#include <doctest/doctest.h>

#include <fstream>

#include "connectors/nats/limits.hpp"
#include "engine/trust/files.hpp"
#include "engine/trust/signature.hpp"
#include "tests/support/temp_dir.hpp"

using namespace connectors::nats;
using engine::Bytes;
using engine::BytesView;
using engine::Failure;
using engine::FeedPage;
using engine::Result;

namespace {

/// A list of texts, of which a page has one.
class Texts final : public engine::Feed {
 public:
  explicit Texts(std::string name = "texts") : name_(std::move(name)) {}
  std::string_view name() const override { return name_; }
  Result<FeedPage> page_after(std::string_view cursor, std::size_t most) override {
    CHECK(most == limits::kBatchBytes);
    if (broken) return Failure{"a disk"};
    if (!long_cursor.empty()) return FeedPage{"x", long_cursor, false};
    const std::size_t at = cursor.empty() ? 0 : std::stoul(std::string(cursor));
    if (at >= has.size()) return FeedPage{{}, std::string(cursor), true};
    return FeedPage{has[at], std::to_string(at + 1), at + 1 == has.size()};
  }
  Result<void> take(BytesView page) override {
    if (refuses) return Failure{"no room"};
    taken.emplace_back(page);
    return {};
  }

  std::vector<std::string> has, taken;
  std::string long_cursor;
  bool broken = false, refuses = false;

 private:
  const std::string name_;
};

engine::trust::SharedKey key_of(char fill) {
  const tests::TempDir dir;
  const auto file = dir.path() / "shared.key";
  const std::string base64 = std::string(42, fill) + "A=";
  REQUIRE(engine::trust::create_file(file, base64 + "\n", 0600).has_value());
  auto key = engine::trust::SharedKey::read(file);
  REQUIRE(key.has_value());
  return *std::move(key);
}

constexpr const char* kIdA = "aaaaaaaaaaaaaaaa";
constexpr const char* kIdB = "bbbbbbbbbbbbbbbb";

/// Node b asks node a.
struct Two {
  explicit Two(char key_of_a = 'A', char key_of_b = 'A')
      : a(kIdA, key_of(key_of_a)), b(kIdB, key_of(key_of_b)) {
    a.add(theirs);
    b.add(ours);
    node.id = kIdA;
    node.name = "a";
  }

  Result<Bytes> carry(BytesView question) {
    questions.emplace_back(question);
    if (away) return Failure{"no answer"};
    auto answer = a.answer_to(question);
    if (!answer) return Failure{"no answer"};
    if (!forged.empty()) answer = forged;
    answers.push_back(*answer);
    return *answer;
  }
  bool read() {
    return b.read(node, [this](BytesView question) { return carry(question); });
  }
  std::string warning() const {
    const auto warnings = b.warnings();
    return warnings.empty() ? "" : warnings.front();
  }

  struct Started {
    Started() { REQUIRE(engine::trust::start_crypto()); }
  } started;
  Sharing a, b;
  Texts theirs, ours;
  Node node;
  std::vector<Bytes> questions, answers;
  Bytes forged;
  bool away = false;
};

}  // namespace

TEST_CASE("what a node has comes once and then what is new") {
  Two two;
  two.theirs.has = {"acme", "bolt"};
  CHECK_FALSE(two.read());
  CHECK(two.ours.taken == std::vector<std::string>{"acme", "bolt"});
  two.theirs.has.emplace_back("cape");
  CHECK_FALSE(two.read());
  CHECK_FALSE(two.read());
  CHECK(two.ours.taken == std::vector<std::string>{"acme", "bolt", "cape"});
  CHECK(two.warning().empty());
  for (const auto& octets : {two.questions, two.answers}) {
    for (const auto& one : octets) {
      CHECK(one.find("texts") == Bytes::npos);
      CHECK(one.find("acme") == Bytes::npos);
    }
  }
}

TEST_CASE("a node of another run is read from the beginning") {
  Two two;
  two.theirs.has = {"acme"};
  two.read();
  two.b.forget_others({two.node});
  two.read();
  CHECK(two.ours.taken.size() == 1);
  two.b.forget_others({});
  two.read();
  CHECK(two.ours.taken.size() == 2);
}

TEST_CASE("after kFeedPages pages another node is asked first") {
  Two two;
  two.theirs.has = std::vector<std::string>(limits::kFeedPages + 1, "page");
  CHECK(two.read());
  CHECK(two.ours.taken.size() == limits::kFeedPages);
  CHECK_FALSE(two.read());
  CHECK(two.ours.taken.size() == limits::kFeedPages + 1);
}

TEST_CASE("a cursor of more than kFeedCursor octets is none of ours") {
  Two two;
  two.theirs.long_cursor = std::string(limits::kFeedCursor, 'c');
  CHECK(two.read());
  two.ours.taken.clear();
  two.theirs.long_cursor += 'c';
  CHECK_FALSE(two.read());
  CHECK(two.ours.taken.empty());
  CHECK(two.warning().find("none of this version") != std::string::npos);
}

TEST_CASE("another key opens neither question nor answer and is named") {
  Two two('A', 'B');
  two.theirs.has = {"acme"};
  CHECK_FALSE(two.read());
  CHECK(two.ours.taken.empty());
  CHECK(two.warning() ==
        "What node a knows of organisations does not come here: its shared_key_file is missing, or "
        "another one than ours.");
}

TEST_CASE("without a key nothing is asked and nothing answered") {
  Two two;
  Sharing none(kIdB, std::nullopt);
  Texts feed;
  none.add(feed);
  CHECK_FALSE(none.read(two.node, [](BytesView) -> Result<Bytes> {
    FAIL("it was asked");
    return Bytes();
  }));
  CHECK(none.warnings().front().find("shared_key_file") != std::string::npos);
  two.read();
  CHECK(none.answer_to(two.questions.front()) == Bytes("k"));
}

TEST_CASE("an answer opens for its own question alone and a question for whom it was meant") {
  Two two;
  two.theirs.has = {"acme", "bolt"};
  two.read();
  const Bytes first = two.answers.front(), question = two.questions.front();
  two.ours.taken.clear();
  two.theirs.has.emplace_back("cape");
  two.forged = first;
  CHECK_FALSE(two.read());
  CHECK(two.ours.taken.empty());
  for (const Bytes& forged : {Bytes("p"), Bytes("pacme"), Bytes("{}"), first.substr(0, 40)}) {
    two.forged = forged;
    CHECK_FALSE(two.read());
  }
  CHECK(two.ours.taken.empty());
  // Asked of another node, or in another's name.
  CHECK(two.b.answer_to(question) == Bytes("k"));
  Bytes renamed = question;
  renamed[8] = 'c';
  CHECK(two.a.answer_to(renamed) == Bytes("k"));
  CHECK_FALSE(two.a.answer_to("feed 1 short").has_value());
  CHECK_FALSE(Sharing::asks("trust"));
}

TEST_CASE("what could not be taken is asked for again and keeps no other feed waiting") {
  Two two;
  Texts more("zones"), more_of_ours("zones");
  two.a.add(more);
  two.b.add(more_of_ours);
  two.theirs.has = {"acme"};
  more.has = {"zone"};
  two.ours.refuses = true;
  CHECK_FALSE(two.read());
  CHECK(two.warning() == "What node a knows of organisations does not come here: no room.");
  CHECK(more_of_ours.taken == std::vector<std::string>{"zone"});
  two.ours.refuses = false;
  two.theirs.broken = true;
  CHECK_FALSE(two.read());
  CHECK(two.warning().find("could not read its texts") != std::string::npos);
  two.theirs.broken = false;
  two.away = true;
  two.questions.clear();
  CHECK_FALSE(two.read());
  CHECK(two.questions.size() == 1);
  CHECK(two.warning().find("does not answer") != std::string::npos);
  two.away = false;
  CHECK_FALSE(two.read());
  CHECK(two.ours.taken == std::vector<std::string>{"acme"});
  CHECK(two.warning().empty());
}

TEST_CASE("who does not know a feed is told of and read otherwise") {
  Two two;
  Texts newer("zones");
  two.b.add(newer);
  two.theirs.has = {"acme"};
  two.read();
  CHECK(two.ours.taken.size() == 1);
  CHECK(two.warning().find("does not know zones yet") != std::string::npos);
}
