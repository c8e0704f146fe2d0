#include "ops/cli/contexts.hpp"

#include <doctest/doctest.h>
#include <sys/stat.h>

#include <cstdlib>
#include <fstream>

#include "ops/cli/commands.hpp"
#include "tests/support/temp_dir.hpp"

using namespace ops::cli;

namespace {

/// Contexts of its own for a test: the person's are left alone.
struct Home {
  Home() { ::setenv("XDG_CONFIG_HOME", folder.path().c_str(), 1); }
  ~Home() { ::unsetenv("XDG_CONFIG_HOME"); }
  tests::TempDir folder;
};

Contexts two() {
  Contexts contexts;
  contexts.used = "drill";
  contexts.all["drill"] = {
      "http://127.0.0.1:1", "/a/drill.json", "/a/token", "/a/ca.pem", {"ab", "cd"}};
  contexts.all["live"] = {"http://127.0.0.1:2", "/a/live.json", "", "", {}};
  return contexts;
}

Session settled(const Named& flags, const Named& environment) {
  Session session;
  REQUIRE(settle_session(session, flags, environment).has_value());
  return session;
}

}  // namespace

TEST_CASE("contexts are read back as they were written and for their owner alone") {
  const Home home;
  REQUIRE(write_contexts(two()).has_value());
  struct stat about {};
  REQUIRE(::stat(contexts_file()->c_str(), &about) == 0);
  CHECK((about.st_mode & 0777) == 0600);
  const auto read = read_contexts();
  REQUIRE(read.has_value());
  CHECK(read->used == "drill");
  CHECK(read->all.size() == 2);
  CHECK(read->all.at("drill").roots == std::vector<std::string>{"ab", "cd"});
  CHECK(read->all.at("drill").token_file == "/a/token");
  CHECK(read->all.at("live").trust == "/a/live.json");
  ::chmod(contexts_file()->c_str(), 0666);
  CHECK_FALSE(read_contexts().has_value());
}

TEST_CASE("contexts with an unknown key are refused with its line") {
  for (const auto* toml : {"used = \"a\"", "[context.a]\nserve = \"x\"", "[context]\na = 1",
                           "[context.a]\nserver = 7", "use = 3", "use ="}) {
    const auto read = parse_contexts(toml);
    REQUIRE_FALSE(read.has_value());
    CHECK(read.error().what.find("line ") == 0);
  }
}

TEST_CASE("what would not be read again as it was is neither read nor kept") {
  const Home home;
  const std::string longest(kContextNameMax, 'n');
  REQUIRE(parse_contexts("use = \"" + longest + "\"\ncontext." + longest + ".server = \"x\"\n")
              .has_value());
  for (const std::string& name :
       {longest + "n", std::string("a b"), std::string("a.b"), std::string("a'"),
        std::string("a\tb"), std::string("a\n"), std::string("b\xc3\xbc")}) {
    CAPTURE(name);
    Contexts contexts = two();
    contexts.all[name].server = "http://127.0.0.1:1";
    CHECK_FALSE(write_contexts(contexts).has_value());
    CHECK_FALSE(parse_contexts(contexts_toml(contexts)).has_value());
    contexts = two();
    contexts.used = name;
    CHECK_FALSE(write_contexts(contexts).has_value());
  }
  for (const char* value : {"\n", "a\nb", "a\tb", "a\x7f", "\x1b[2J", "caf\xe9"}) {
    CAPTURE(value);
    for (std::string Context::*field :
         {&Context::server, &Context::trust, &Context::token_file, &Context::ca_file}) {
      Contexts contexts = two();
      contexts.all["live"].*field = value;
      CHECK_FALSE(write_contexts(contexts).has_value());
    }
    Contexts contexts = two();
    contexts.all["live"].roots = {value};
    CHECK_FALSE(write_contexts(contexts).has_value());
  }
  CHECK_FALSE(parse_contexts("[context.a]\nserver = \"a\\nb\"\n").has_value());
  CHECK_FALSE(parse_contexts("[context.\"\"]\nserver = \"a\"\n").has_value());
}

TEST_CASE("a flag wins over a named context and that over the environment and that over the rest") {
  const Home home;
  REQUIRE(write_contexts(two()).has_value());
  CHECK(settled({}, {}).server == "http://127.0.0.1:1");
  CHECK(settled({}, {}).context == "drill");
  CHECK(settled({}, {}).roots.size() == 2);
  CHECK(settled({}, {}).token_file == "/a/token");
  CHECK(settled({}, {}).ca_file == "/a/ca.pem");
  CHECK(settled({"", "http://flag", "", "", ""}, {}).ca_file.empty());
  CHECK(settled({"", "", "", "", "/flag.pem"}, {"", "", "", "", "/env.pem"}).ca_file ==
        "/flag.pem");
  CHECK(settled({}, {"", "", "", "", "/env.pem"}).ca_file == "/env.pem");

  const Session live = settled({"live", "", "", "", ""}, {"", "http://env", "env.json", "", ""});
  CHECK(live.server == "http://127.0.0.1:2");
  CHECK(live.trust_file == "/a/live.json");
  CHECK(live.context == "live");
  CHECK(live.token_file.empty());

  const Session environment = settled({}, {"", "http://env", "env.json", "", ""});
  CHECK(environment.server == "http://env");
  CHECK(environment.trust_file == "env.json");
  // Neither its name nor its roots nor its token is for another engine.
  CHECK(environment.context.empty());
  CHECK(environment.roots.empty());
  CHECK(environment.token_file.empty());

  const Session flag =
      settled({"live", "http://flag", "", "", ""}, {"drill", "http://env", "", "", ""});
  CHECK(flag.server == "http://flag");
  CHECK(flag.trust_file == "/a/live.json");
  CHECK(settled({}, {"live", "", "", "", ""}).context == "live");
  Session session;
  CHECK_FALSE(settle_session(session, {"other", "", "", "", ""}, {}).has_value());
}

TEST_CASE("a context takes no other's name") {
  const Home home;
  Terminal terminal(Colour::never);
  Session session;
  session.terminal = &terminal;
  REQUIRE(write_contexts(two()).has_value());
  ContextAdd again;
  again.name = "drill";
  again.server = "http://127.0.0.1:1";
  CHECK_FALSE(context_add(session, again).has_value());
  again.name = "live";
  CHECK_FALSE(context_add(session, again).has_value());
  CHECK(read_contexts().value() == two());
  REQUIRE(context_remove(session, {"drill"}).has_value());
  again.name = "drill";
  CHECK(context_add(session, again).has_value());
}

TEST_CASE("so many contexts are kept and not one more") {
  const Home home;
  Terminal terminal(Colour::never);
  Session session;
  session.terminal = &terminal;
  const auto add = [&](std::string name) {
    ContextAdd one;
    one.name = std::move(name);
    one.server = "http://127.0.0.1:1";
    return context_add(session, one).has_value();
  };
  Contexts contexts;
  for (std::size_t i = 1; i < kContextsMax; ++i) {
    contexts.all["c" + std::to_string(i)] = {"http://127.0.0.1:1", "", "", "", {}};
  }
  REQUIRE(write_contexts(contexts).has_value());
  CHECK(add("last"));
  CHECK_FALSE(add("too-many"));
  CHECK(add("last"));  // the same again is no other
  const auto kept = read_contexts();
  REQUIRE(kept.has_value());
  CHECK(kept->all.size() == kContextsMax);
}
