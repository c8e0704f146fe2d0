// print_mail [PEM SELECTOR]…: a mail on standard output, signed with the private keys of those
// files. With `--hostile` first, of an alert that tries to be more than text. With `--texts` alone,
// what it was made of, as JSON.
#include <fmt/format.h>

#include <cstdio>
#include <fstream>
#include <iterator>
#include <vector>

#include "connectors/email/dkim.hpp"
#include "connectors/email/mail_text.hpp"
#include "connectors/email/mime.hpp"
#include "engine/trust/signature.hpp"
#include "tests/support/letter.hpp"

using namespace connectors::email;

namespace {

void make_hostile(tests::LetterWorld& world) {
  world.info().headline =
      "L\xc3\xb6sch\r\nBcc: everybody@example.org\r\n\r\n<script>alert(1)</script> =?UTF-8?Q?x?=";
  world.info().description = "<img src=\"https://example.org/a.png\">\r\n.\r\nFrom here\n--=_mixed";
  world.info().instruction = std::string(3000, 'x') + " \xe2\x80\xae\xff\x07 end ";
  world.letter.from_name = "To\"csin\r\nX: y";
}

void print(const std::string& text) { std::fwrite(text.data(), 1, text.size(), stdout); }

std::string hex(std::string_view bytes) { return engine::to_hex(bytes); }

}  // namespace

int main(int count, char** arguments) {
  if (!engine::trust::start_crypto()) return 2;
  tests::LetterWorld world;
  world.letter.earlier = {{tests::delivery(7), "Before"}};
  world.letter.unsubscribe = "https://tocsin.example/v1/leave/abc";
  int at = 1;
  if (at < count && std::string_view(arguments[at]) == "--hostile") {
    make_hostile(world);
    ++at;
  }
  const auto passages = passages_of(world.letter);
  if (at < count && std::string_view(arguments[at]) == "--texts") {
    print(
        fmt::format(R"({{"text":"{}","html":"{}","payload":"{}","envelope":"{}","subject":"{}"}})",
                    hex(as_text(passages)),
                    hex(as_html(passages, clean_line(subject_of(world.letter)), Language::english)),
                    hex(world.payload), hex(world.envelope), hex(subject_of(world.letter))));
    return 0;
  }
  std::vector<Signer> signers;
  for (; at + 1 < count; at += 2) {
    std::ifstream file(arguments[at], std::ios::binary);
    const std::string pem{std::istreambuf_iterator<char>(file), {}};
    const auto signer = Signer::open("tocsin.example", arguments[at + 1], pem);
    if (!signer) return 2;
    std::fprintf(stderr, "%s\n", signer->dns_record().c_str());
    signers.push_back(*signer);
  }
  print(with_signatures(world.mail(), signers, world.letter.date));
}
