#include "connectors/sms/config.hpp"

#include <doctest/doctest.h>
#include <sys/stat.h>

#include <fstream>

#include "connectors/sms/smpp_submission.hpp"
#include "tests/support/temp_dir.hpp"

using namespace connectors::sms;

namespace {

GatewayConfig a_gateway() {
  GatewayConfig gateway;
  gateway.name = "main";
  gateway.url = "smpp://tocsin@127.0.0.1:2775";
  gateway.password_file = "smpp.password";
  gateway.source = "TOCSIN";
  return gateway;
}

bool good(const GatewayConfig& gateway) { return judge(SmsConfig{{gateway}}).has_value(); }

}  // namespace

TEST_CASE("a gateway's url names who binds and where, by SMPP or by SMPP under TLS") {
  CHECK(parse_smpp_url("smpp://tocsin@127.0.0.1:2775").value() ==
        SmppUrl{false, "tocsin", "127.0.0.1", 2775});
  CHECK(parse_smpp_url("smpp://tocsin@smsc.example").value() ==
        SmppUrl{false, "tocsin", "smsc.example", 2775});
  CHECK(parse_smpp_url("smpps://a%40b@smsc.example/").value() ==
        SmppUrl{true, "a@b", "smsc.example", 3550});
  CHECK(parse_smpp_url("smpps://a@[::1]:4000").value() == SmppUrl{true, "a", "::1", 4000});
  CHECK(parse_smpp_url("smpp://fifteen-letters@h").has_value());
  for (const char* wrong : {"", "smpp://", "tocsin@127.0.0.1", "http://a@h", "smpp://h:2775",
                            "smpp://@h", "smpp://a:secret@h", "smpp://a@h:0", "smpp://a@h:65536",
                            "smpp://a@h:x", "smpp://a@h/path", "smpp://a@h?x=1", "smpp://a@h#x",
                            "smpp://sixteen--letters@h", "smpp://a%00b@h", "smpp://a@"}) {
    CAPTURE(wrong);
    CHECK_FALSE(parse_smpp_url(wrong).has_value());
  }
  CHECK(parse_smpp_url("smpp://a:secret@h").error().what.find("secret") == std::string::npos);
}

TEST_CASE("a gateway is what nobody chose otherwise and what each value may be") {
  const GatewayConfig nobody;
  CHECK(nobody.window == 100);
  CHECK(nobody.rate == 500);
  CHECK(nobody.weight == 1);
  CHECK(good(a_gateway()));
  const auto with = [](auto change) {
    GatewayConfig gateway = a_gateway();
    change(gateway);
    return good(gateway);
  };
  CHECK_FALSE(with([](auto& g) { g.name = ""; }));
  CHECK_FALSE(with([](auto& g) { g.name = "a \"b\""; }));
  CHECK_FALSE(with([](auto& g) { g.name = std::string(33, 'a'); }));
  CHECK_FALSE(with([](auto& g) { g.url = "smpp://h"; }));
  CHECK_FALSE(with([](auto& g) { g.password_file = ""; }));
  CHECK_FALSE(with([](auto& g) { g.source = "more than eleven"; }));
  CHECK_FALSE(with([](auto& g) { g.window = 0; }));
  CHECK(with([](auto& g) { g.window = 10'000; }));
  CHECK_FALSE(with([](auto& g) { g.window = 10'001; }));
  CHECK_FALSE(with([](auto& g) { g.rate = 0; }));
  CHECK(with([](auto& g) { g.rate = 1'000'000; }));
  CHECK_FALSE(with([](auto& g) { g.rate = 1'000'001; }));
  CHECK(with([](auto& g) { g.weight = 0; }));
  CHECK_FALSE(with([](auto& g) { g.weight = 1001; }));
  CHECK(with([](auto& g) { g.system_type = "twelve chars"; }));
  CHECK_FALSE(with([](auto& g) { g.system_type = "thirteen char"; }));
  CHECK(with([](auto& g) { g.addresses = std::string(40, '6'); }));
  CHECK_FALSE(with([](auto& g) { g.addresses = std::string(41, '6'); }));
  CHECK_FALSE(judge(SmsConfig{{a_gateway(), a_gateway()}}).has_value());
  const auto replies = [&with](const char* source) {
    return with([&](auto& g) {
      g.source = source;
      g.replies = true;
    });
  };
  CHECK(replies("+447700900123"));
  CHECK(replies("60006"));
  CHECK_FALSE(replies("TOCSIN"));
}

TEST_CASE("a password is read from a file that nobody else may read") {
  const tests::TempDir folder;
  const auto file = folder.path() / "smpp.password";
  const auto read = [&file](const std::string& contents, mode_t mode = 0600) {
    std::ofstream(file, std::ios::trunc) << contents;
    ::chmod(file.c_str(), mode);
    return read_password(file);
  };
  CHECK_FALSE(read_password(file).has_value());
  CHECK(read("secret\n").value() == "secret");
  CHECK(read("secret\r\n").value() == "secret");
  CHECK(read("8 octets").value() == "8 octets");
  CHECK_FALSE(read("nine oct.").has_value());
  CHECK_FALSE(read("\n").has_value());
  CHECK_FALSE(read(std::string("a\0b", 3)).has_value());
  for (const mode_t open : {0640, 0604, 0660}) {
    const auto refused = read("secret\n", open);
    REQUIRE_FALSE(refused.has_value());
    CHECK(refused.error().what.find("secret\n") == std::string::npos);
  }
}

TEST_CASE("who a reply is from is written as contacts are") {
  CHECK(contact_number("447700900123") == "+447700900123");
  CHECK(contact_number("+447700900123") == "+447700900123");
  CHECK(contact_number("00447700900123") == "+447700900123");
  CHECK(contact_number("07700900123") == "07700900123");
  CHECK(contact_number("60006") == "60006");
  CHECK(contact_number("Bank") == "Bank");
}
