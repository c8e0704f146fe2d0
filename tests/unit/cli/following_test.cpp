#include "ops/cli/following.hpp"

#include <doctest/doctest.h>

#include <boost/json.hpp>

#include "engine/limits.hpp"

using namespace ops::cli;
using Step = Following::Step;
using std::chrono::milliseconds;
using std::chrono::seconds;

namespace {

constexpr const char* kEpoch = "9f1c0de2a4b65378";

class Reader {
 public:
  explicit Reader(std::string after) : following_(std::move(after)) {}

  Step hello(std::uint64_t head, const char* epoch = kEpoch) {
    return take({{"type", "hello"},
                 {"system", "ex"},
                 {"epoch", epoch},
                 {"head", head},
                 {"recovered", true},
                 {"gap", nullptr}});
  }
  Step gap(std::uint64_t head) {
    return take({{"type", "hello"},
                 {"system", "ex"},
                 {"epoch", "0000000000000001"},
                 {"head", head},
                 {"recovered", false},
                 {"gap", {{"from", 1}, {"to", head}}}});
  }
  Step alert(std::uint64_t seq) { return take({{"type", "alert"}, {"seq", seq}}); }
  Step live(std::uint64_t seq) { return take({{"type", "live"}, {"seq", seq}}); }
  Step other(const char* type) { return take({{"type", type}}); }
  Step beat(std::uint64_t last) { return take({{"type", "beat"}, {"last", last}}); }

  Following& operator*() { return following_; }
  Following* operator->() { return &following_; }

 private:
  Step take(boost::json::object object) {
    // As it comes from the wire: numbers are signed there.
    return following_.take(boost::json::parse(boost::json::serialize(object)).get_object());
  }
  Following following_;
};

std::string position(std::uint64_t seq) { return std::string(kEpoch) + ":" + std::to_string(seq); }

}  // namespace

TEST_CASE("a reader from now on comes back where it stood") {
  Reader reader("");
  CHECK(reader->after().empty());
  CHECK(reader.hello(41) == Step::nothing);
  CHECK(reader->after() == position(41));
  CHECK(reader.live(41) == Step::went_live);
  CHECK(reader->live());
  CHECK(reader.alert(44) == Step::show);
  reader->lost();
  CHECK_FALSE(reader->live());
  CHECK(reader->after() == position(44));
}

TEST_CASE("an alert that comes twice is shown once") {
  Reader reader("0");
  reader.hello(3);
  CHECK(reader.alert(1) == Step::show);
  CHECK(reader.alert(1) == Step::nothing);
  CHECK(reader.alert(2) == Step::show);
  reader->lost();
  reader.hello(3);
  CHECK(reader.alert(2) == Step::nothing);
  CHECK(reader.alert(3) == Step::show);
}

TEST_CASE("a beat that names an alert that never came calls for the position") {
  Reader reader("");
  reader.hello(10);
  reader.live(10);
  CHECK(reader.beat(10) == Step::nothing);
  CHECK(reader.alert(12) == Step::show);
  CHECK(reader.beat(12) == Step::nothing);
  CHECK(reader.beat(13) == Step::missed);
  CHECK(reader->after() == position(12));
}

TEST_CASE("from live on nothing but a beat shows that the stream is alive") {
  Reader reader("");
  reader.hello(10);
  CHECK(reader->heard());
  CHECK(reader.alert(11) == Step::show);
  CHECK(reader->heard());
  CHECK(reader.live(11) == Step::went_live);
  CHECK(reader->heard());
  CHECK(reader.alert(12) == Step::show);
  CHECK_FALSE(reader->heard());
  CHECK(reader.other("later") == Step::nothing);
  CHECK_FALSE(reader->heard());
  CHECK(reader.beat(12) == Step::nothing);
  CHECK(reader->heard());
  // Nor is it alive by beginning once more: only a new connection does.
  CHECK(reader.live(12) == Step::nothing);
  CHECK_FALSE(reader->heard());
  CHECK(reader.hello(12) == Step::nothing);
  CHECK_FALSE(reader->heard());
  CHECK(reader->live());
  reader->lost();
  CHECK(reader.hello(12) == Step::nothing);
  CHECK(reader->heard());
  CHECK_FALSE(reader->live());
  CHECK(reader.live(12) == Step::went_live);
}

TEST_CASE("a reader of what is active asks for that again until it has all of it") {
  Reader reader("active");
  reader.hello(20);
  CHECK(reader.alert(4) == Step::show);
  reader->lost();
  CHECK(reader->after() == "active");
  reader.hello(20);
  reader.alert(4);
  reader.alert(9);
  reader.live(20);
  CHECK(reader->after() == position(20));
}

TEST_CASE("a position of another log is a gap and the reader goes on from the head") {
  Reader reader(position(100));
  CHECK(reader.gap(7) == Step::gap);
  CHECK(reader->after() == "0000000000000001:7");
  CHECK(reader.live(7) == Step::went_live);
  CHECK(reader.beat(7) == Step::nothing);
  CHECK(reader.alert(8) == Step::show);
}

TEST_CASE("only sixteen lower-case hexadecimal digits are an epoch") {
  CHECK(is_epoch(kEpoch));
  for (const std::string_view wrong :
       {"", "9f1c0de2a4b6537", "9f1c0de2a4b653780", "9F1C0DE2A4B65378", "9f1c0de2a4b6537g",
        "\x1b[31m0de2a4b65378"}) {
    CAPTURE(wrong);
    CHECK_FALSE(is_epoch(wrong));
    Reader reader("");
    reader.hello(3, std::string(wrong).c_str());
    reader.live(3);
    CHECK(reader->after().empty());
  }
}

TEST_CASE("a reader hears nothing for 40 s at most, which is two beats missed and time to spare") {
  CHECK(kSilenceMax == std::chrono::seconds{40});
  CHECK(kSilenceMax > 2 * engine::limits::kHeartbeat);
}

TEST_CASE("after most endings a reader comes back later each time") {
  CHECK(comeback_after(0, "", 0, 1.0).wait == seconds{1});
  CHECK(comeback_after(0, "", 0, 0.0).wait == milliseconds{500});
  CHECK(comeback_after(0, "", 3, 1.0).wait == seconds{8});
  CHECK(comeback_after(4408, "resume", 5, 1.0).wait == seconds{30});
  CHECK(comeback_after(0, "", 99, 1.0).wait == seconds{30});
  CHECK(comeback_after(4429, "", 0, 0.5).wait == seconds{30});
}

TEST_CASE("an engine that goes away says when to come back") {
  CHECK(comeback_after(1001, "reconnect_ms=2500", 0, 1.0).wait == milliseconds{2500});
  CHECK(comeback_after(1001, "reconnect_ms=999999999", 0, 1.0).wait == seconds{120});
  CHECK(comeback_after(1001, "reconnect_ms=-5", 0, 1.0).wait == seconds{1});
  CHECK(comeback_after(1001, "", 1, 1.0).wait == seconds{2});
}

TEST_CASE("what would end the same way is not tried again") {
  for (const int code : {1002, 1007, 1009, 4400, 4401}) {
    CAPTURE(code);
    CHECK_FALSE(comeback_after(code, "", 0, 1.0).wait);
  }
}
