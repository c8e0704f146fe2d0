#include "connectors/email/dkim.hpp"

#include <doctest/doctest.h>
#include <openssl/bio.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>

#include "engine/base/bytes.hpp"
#include "tests/support/letter.hpp"

using namespace connectors::email;

namespace {

const engine::Time kNow{std::chrono::seconds{1'528'637'909}};

std::string pem_of(EVP_PKEY* key) {
  BIO* bio = BIO_new(BIO_s_mem());
  PEM_write_bio_PrivateKey(bio, key, nullptr, nullptr, 0, nullptr, nullptr);
  char* text = nullptr;
  const long size = BIO_get_mem_data(bio, &text);
  std::string pem(text, static_cast<std::size_t>(size));
  BIO_free(bio);
  EVP_PKEY_free(key);
  return pem;
}

std::string rsa(unsigned bits) { return pem_of(EVP_RSA_gen(bits)); }
std::string ed25519() { return pem_of(EVP_PKEY_Q_keygen(nullptr, nullptr, "ED25519")); }

Signer signer(std::string_view pem) { return Signer::open("tocsin.example", "s1", pem).value(); }

std::string tag(const std::string& field, const std::string& name) {
  std::string plain;
  for (const char c : field) {
    if (c != '\r' && c != '\n' && c != ' ') plain += c;
  }
  const std::size_t at = plain.find(";" + name + "=");
  if (at == std::string::npos) return {};
  const std::size_t begin = at + name.size() + 2;
  return plain.substr(begin, plain.find(';', begin) - begin);
}

}  // namespace

TEST_CASE("relaxed forms are those of the examples of RFC 6376") {
  // Section 3.4.5.
  CHECK(relaxed_header("A: X") == "a:X");
  CHECK(relaxed_header("B : Y\t\r\n\tZ  ") == "b:Y Z");
  CHECK(relaxed_body(" C \r\nD \t E\r\n\r\n\r\n") == " C\r\nD E\r\n");
  CHECK(relaxed_body("") == "");
  CHECK(relaxed_body("\r\n\r\n") == "");
  CHECK(relaxed_body("no end") == "no end\r\n");
}

TEST_CASE("a signature's body hash is that of RFC 8463's message") {
  // Appendix A.2 and A.3 of RFC 8463: the same message, and its bh=.
  const std::string message =
      "From: Joe SixPack <joe@football.example.com>\r\n"
      "To: Suzie Q <suzie@shopping.example.net>\r\n"
      "Subject: Is dinner ready?\r\n"
      "Date: Fri, 11 Jul 2003 21:00:37 -0700 (PDT)\r\n"
      "Message-ID: <20030712040037.46341.5F8J@football.example.com>\r\n"
      "\r\n"
      "Hi.\r\n\r\nWe lost the game.  Are you hungry yet?\r\n\r\nJoe.\r\n";
  const std::string field = signer(ed25519()).sign(message, kNow);
  CHECK(tag(field, "bh") == "2jUSOH9NhtVGCQWNr9BrIAPreKQjO6Sn7XIkfJVOzv8=");
  CHECK(tag(field, "a") == "ed25519-sha256");
  CHECK(tag(field, "c") == "relaxed/relaxed");
  CHECK(tag(field, "d") == "tocsin.example");
  CHECK(tag(field, "s") == "s1");
  CHECK(tag(field, "t") == "1528637909");
}

TEST_CASE("what others could add is signed once more than it is there") {
  const std::string field = signer(ed25519()).sign(tests::LetterWorld().mail(), kNow);
  const std::string names = ":" + tag(field, "h") + ":";
  for (const char* twice :
       {":From:From:", ":To:To:", ":Subject:Subject:", ":Date:Date:", ":Message-ID:Message-ID:",
        ":Content-Type:Content-Type:", ":MIME-Version:MIME-Version:"}) {
    CAPTURE(twice);
    CHECK(names.find(twice) != std::string::npos);
  }
  for (const char* once : {"List-Unsubscribe", "Reply-To", "Cc", "In-Reply-To"}) {
    CAPTURE(once);
    const std::string name = std::string(":") + once + ":";
    CHECK(names.find(name) != std::string::npos);
    CHECK(names.find(name + once + ":") == std::string::npos);
  }
}

TEST_CASE("each key signs the message alone and a line of a signature has 78 characters at most") {
  const std::string mail = tests::LetterWorld().mail();
  const Signer one = signer(rsa(2048)), two = signer(ed25519());
  const std::string both = with_signatures(mail, {one, two}, kNow);
  CHECK(both == one.sign(mail, kNow) + two.sign(mail, kNow) + mail);
  CHECK(with_signatures(mail, {}, kNow) == mail);
  for (std::size_t at = 0; at + mail.size() < both.size();) {
    const std::size_t end = both.find("\r\n", at);
    CHECK(end - at <= 78);
    at = end + 2;
  }
  CHECK(engine::from_base64(tag(one.sign(mail, kNow), "b")).value().size() == 256);
  CHECK(engine::from_base64(tag(two.sign(mail, kNow), "b")).value().size() == 64);
}

TEST_CASE("an RSA key has kRsaBitsMin to kRsaBitsMax bits") {
  const auto taken = [](const std::string& pem) {
    return Signer::open("tocsin.example", "s1", pem).has_value();
  };
  CHECK_FALSE(taken(rsa(kRsaBitsMin - 8)));
  CHECK(taken(rsa(kRsaBitsMin)));
  CHECK_FALSE(taken(rsa(kRsaBitsMax + 8)));
}

TEST_CASE("what is no key, no domain or no selector is refused with a sentence") {
  const std::string key = ed25519();
  for (const std::string& wrong :
       {std::string(), std::string("key"), key.substr(0, 60), pem_of(EVP_EC_gen("P-256"))}) {
    const auto opened = Signer::open("tocsin.example", "s1", wrong);
    REQUIRE_FALSE(opened.has_value());
    CHECK(opened.error().what.ends_with("."));
  }
  for (const char* domain : {"", "a b", "a;s=x", "a\r\nb", "-a.example"}) {
    CHECK_FALSE(Signer::open(domain, "s1", key).has_value());
  }
  CHECK(Signer::open("tocsin.example", std::string(63, 's'), key).has_value());
  for (const std::string& selector :
       {std::string(), std::string(64, 's'), std::string("a.b"), std::string("a;")}) {
    CHECK_FALSE(Signer::open("tocsin.example", selector, key).has_value());
  }
}

TEST_CASE("the record for DNS names the kind of key and the public half") {
  const std::string record = signer(ed25519()).dns_record();
  const std::string start = "v=DKIM1; k=ed25519; p=";
  REQUIRE(record.starts_with(start));
  CHECK(engine::from_base64(record.substr(start.size())).value().size() == 32);
  CHECK(signer(rsa(2048)).dns_record().starts_with("v=DKIM1; k=rsa; p=MII"));
}
