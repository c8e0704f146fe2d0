// Forms that browsers, mail programs and anybody else send to the pages behind an e-mail's links.
#include "connectors/web/answer_form.hpp"

#include <doctest/doctest.h>

#include <string>

using connectors::web::asks_to_leave;
using connectors::web::form_field;
using connectors::web::kFormBytes;
using connectors::web::read_answer_form;

namespace {

std::string read(const std::string& body) {
  const auto answer = read_answer_form(body);
  return answer ? engine::text(*answer) : "-";
}

}  // namespace

TEST_CASE("a field is read as browsers write it, and once") {
  CHECK(form_field("a=1&b=two+words%21&c=", "b") == "two words!");
  CHECK(form_field("a=1&b=2", "c") == std::nullopt);
  CHECK(form_field("c", "c") == "");
  CHECK(form_field("%63=1", "c") == "1");
  CHECK(form_field("c=1&c=1", "c") == std::nullopt);
  CHECK(form_field("c=%4", "c") == std::nullopt);
  CHECK(form_field("c=%zz", "c") == std::nullopt);
  CHECK(form_field("c=%C5%B5", "c") == "\xc5\xb5");
  CHECK(form_field("", "c") == std::nullopt);
}

TEST_CASE("an answer is one of four, with words where there are some") {
  CHECK(read("answer=safe&places=&words=") == "safe");
  CHECK(read("answer=safe&places=12&words=") == "safe");
  CHECK(read("answer=help&words=two+on+the+roof%0D%0Aone+below") ==
        "need help: two on the roof one below");
  CHECK(read("answer=shelter&places=12&words=") == "can shelter 12");
  CHECK(read("answer=shelter&places=&words=dry") == "can shelter: dry");
  CHECK(read("answer=shelter&places=10000&words=") == "can shelter");
  CHECK(read("answer=shelter&places=many&words=") == "can shelter");
  CHECK(read("answer=words&words=The+bridge+is+down") == "The bridge is down");
}

TEST_CASE("what says nothing is no answer") {
  for (const char* body : {"", "answer=", "answer=yes", "words=hello", "answer=words&words=+%20",
                           "answer=safe&answer=help", "{\"answer\":\"safe\"}"}) {
    CAPTURE(body);
    CHECK(read(body) == "-");
  }
}

TEST_CASE("of words kAnswerWordsBytes octets are kept, and a form of kFormBytes is read") {
  CHECK(read("answer=words&words=" + std::string(2000, 'a')).size() == engine::kAnswerWordsBytes);
  const std::string form = "answer=safe&x=";
  CHECK(read(form + std::string(kFormBytes - form.size(), 'a')) == "safe");
  CHECK(read(form + std::string(kFormBytes + 1 - form.size(), 'a')) == "-");
  const std::string leave = "List-Unsubscribe=One-Click&x=";
  CHECK(asks_to_leave(leave + std::string(kFormBytes - leave.size(), 'a')));
  CHECK_FALSE(asks_to_leave(leave + std::string(kFormBytes + 1 - leave.size(), 'a')));
}

TEST_CASE("one click is a form of either kind that says so") {
  CHECK(asks_to_leave("List-Unsubscribe=One-Click"));
  CHECK(
      asks_to_leave("--x\r\nContent-Disposition: form-data; name=\"List-Unsubscribe\"\r\n\r\n"
                    "One-Click\r\n--x--\r\n"));
  for (const char* body :
       {"", "List-Unsubscribe=", "List-Unsubscribe", "x=List-Unsubscribe=One-Click",
        "--x\r\nContent-Disposition: form-data; name=\"List-Unsubscribe\"\r\n\r\nno\r\n--x--\r\n",
        "name=\"List-Unsubscribe\""}) {
    CAPTURE(body);
    CHECK_FALSE(asks_to_leave(body));
  }
}
