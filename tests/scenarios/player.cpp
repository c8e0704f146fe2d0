#include "tests/scenarios/player.hpp"

#include <fmt/format.h>

#include <boost/json.hpp>
#include <sstream>
#include <stdexcept>

#include "connectors/web/api.hpp"

namespace tests {

namespace cap = engine::cap;
using engine::Sequence;

namespace {

constexpr std::string_view kLondon = "control@london.example";
constexpr std::string_view kMercia = "control@mercia.example";

[[noreturn]] void not_a_word(const std::string& word) {
  throw std::runtime_error("the story says what the player does not know: " + word);
}

std::chrono::seconds seconds_of(const std::string& text) {
  const auto value = std::stol(text);
  switch (text.back()) {
    case 's':
      return std::chrono::seconds{value};
    case 'm':
      return std::chrono::minutes{value};
    case 'h':
      return std::chrono::hours{value};
    default:
      not_a_word(text);
  }
}

/// `a=1&b=2`, as decoded parameters.
std::vector<engine::Filter::Parameter> parameters_of(const std::string& query) {
  std::vector<engine::Filter::Parameter> parameters;
  std::istringstream in(query);
  for (std::string part; std::getline(in, part, '&');) {
    const auto equals = part.find('=');
    parameters.emplace_back(part.substr(0, equals), part.substr(equals + 1));
  }
  return parameters;
}

}  // namespace

Player::Player() {
  world_.exercise("exercise-gb");
  world_.sender(kLondon).areas({"E12000007"}).officer("Ann").officer("Ben").rate_per_hour(20);
  world_.approval("Exercise", "Extreme", 2);
  world_.sender(kMercia).areas({"E12000005"}).officer("Cat").officer("Dan").rate_per_hour(20);
  engine::LogOptions options;
  options.medium = engine::LogOptions::Medium::memory;
  options.threads = engine::LogOptions::Threads::none;
  options.directory = folder_.path() / "log";
  log_ = std::move(engine::Log::open(options, clock_).value());
  store_ = std::make_unique<engine::trust::TrustStore>(
      engine::trust::TrustStore::open(folder_.path(), {}).value());
  store_->take(world_.file()).value();
  engine::EngineOptions engine_options;
  engine_options.node = "story";
  directory_ = directory_in_memory(clock_);
  receipts_ = receipts_in_memory(clock_);
  engine_ = std::make_unique<engine::Engine>(
      engine_options, engine::EngineParts{*log_, *store_, engine::Places::builtin(), *directory_,
                                          *receipts_, clock_, metrics_});
}

Player::~Player() {
  log_->stop();
  settle();
}

void Player::play(const std::string& command) {
  std::istringstream in(command);
  Words words;
  for (std::string word; in >> word;) words.push_back(word);
  const std::string& verb = words.at(0);
  const auto argument = [&](std::size_t i) { return i < words.size() ? words[i] : std::string(); };
  if (verb == "send") {
    write(words);
    post(words.at(1), bodies_.at(words.at(1)));
  } else if (verb == "write") {
    write(words);
  } else if (verb == "ask") {
    write(words);
    ask(words.at(1), bodies_.at(words.at(1)));
  } else if (verb == "post") {
    post(words.at(1), bodies_.at(words.at(1)));
  } else if (verb == "connect") {
    connect(words.at(1), argument(2));
  } else if (verb == "reconnect") {
    come_back(words.at(1));
  } else if (verb == "leave") {
    leave(words.at(1));
  } else if (verb == "organisation") {
    sign_up(words);
  } else if (verb == "revoke") {
    directory_->revoke(tokens_.at(words.at(1))).value();
  } else if (verb == "stall") {
    stall(words.at(1), words.size() > 2 ? std::stoul(words[2]) : 0);
  } else if (verb == "resume") {
    resume(words.at(1));
  } else if (verb == "advance") {
    advance(seconds_of(words.at(1)));
  } else if (verb == "drain") {
    shard().close_all();
  } else {
    not_a_word(verb);
  }
  settle();
}

// write NAME [from=mercia] [by=Ann+Ben] [severity=…] [status=…] [scope=…] [area=…] [expires=2h]
//            [updates=NAME|cancels=NAME|acks=NAME] [category=…] [age=5m]
void Player::write(const Words& words) {
  const std::string& name = words.at(1);
  AlertBuilder alert;
  std::string by = "Ann";
  std::chrono::seconds expires = std::chrono::hours{2};
  engine::Time sent = clock_.now();
  alert.identifier(name).sender(kLondon).headline("About " + name);
  std::string area = "E09000033";
  for (std::size_t i = 2; i < words.size(); ++i) {
    const auto equals = words[i].find('=');
    const std::string key = words[i].substr(0, equals);
    const std::string value = words[i].substr(equals + 1);
    if (key == "from") {
      alert.sender(value == "mercia" ? kMercia : kLondon);
      by = value == "mercia" ? "Cat" : "Ann";
      area = value == "mercia" ? "E08000025" : area;
    } else if (key == "by") {
      by = value;
    } else if (key == "severity") {
      alert.severity(cap::from_text<cap::Severity>(value).value());
    } else if (key == "status") {
      alert.status(cap::from_text<cap::Status>(value).value());
    } else if (key == "scope") {
      alert.scope(cap::from_text<cap::Scope>(value).value());
    } else if (key == "for") {
      std::string names = value;
      std::replace(names.begin(), names.end(), '+', ' ');
      alert.meant_for(names);
    } else if (key == "category") {
      alert.categories({cap::from_text<cap::Category>(value).value()});
    } else if (key == "area") {
      area = value;
    } else if (key == "expires") {
      expires = seconds_of(value);
    } else if (key == "age") {
      sent -= seconds_of(value);
    } else if (key == "updates") {
      alert.update(identities_.at(value));
    } else if (key == "cancels") {
      alert.cancel(identities_.at(value));
    } else if (key == "acks") {
      alert.ack(identities_.at(value));
    } else {
      not_a_word(words[i]);
    }
  }
  alert.sent(sent).expires(engine::format_time(clock_.now() + expires));
  alert.no_shape().geocode(area);
  KeyPtrs keys;
  std::istringstream officers(by);
  for (std::string officer; std::getline(officers, officer, '+');) {
    keys.push_back(&world_.key(officer));
  }
  identities_[name] = alert.identity();
  names_[engine::to_hex(engine::view(engine::trust::sha256(alert.xml())))] = name;
  bodies_[name] = alert.signed_by(keys);
}

void Player::post(const std::string& name, const std::string& body) {
  engine_->ingest(body, [this, name](engine::AppendAnswer answer) {
    if (const auto* refusal = std::get_if<engine::Refusal>(&answer)) {
      answers_.push_back(fmt::format("{} {} {}", name, engine::http_status(refusal->code),
                                     engine::text(refusal->code)));
    } else {
      const auto& appended = std::get<engine::Appended>(answer);
      answers_.push_back(fmt::format("{} {} seq {}", name, appended.repeat ? 200 : 201,
                                     number(appended.sequence)));
    }
  });
}

void Player::ask(const std::string& name, const std::string& body) {
  engine_->dry_run(body, [this, name](engine::DryRunAnswer answer) {
    if (const auto* refusal = std::get_if<engine::Refusal>(&answer)) {
      answers_.push_back(fmt::format("{} would be {}", name, engine::text(refusal->code)));
      return;
    }
    const auto& dry_run = std::get<engine::DryRun>(answer);
    std::string line = fmt::format("{} would reach {}", name, dry_run.anonymous);
    if (dry_run.repeat) line += fmt::format(", is seq {}", number(dry_run.repeat->sequence));
    if (dry_run.missing) {
      line += fmt::format(", has {} of {}", dry_run.missing->have, dry_run.missing->need);
    }
    answers_.push_back(line);
  });
}

Player::Reader& Player::reader(const std::string& name) {
  for (auto& [known, reader] : readers_) {
    if (known == name) return *reader;
  }
  readers_.emplace_back(name, std::make_unique<Reader>());
  return *readers_.back().second;
}

void Player::connect(const std::string& name, const std::string& query) {
  Reader& who = reader(name);
  const auto parameters = parameters_of(query);
  engine::Start start = engine::FromNow{};
  for (const auto& [key, value] : parameters) {
    if (key == "after") start = connectors::web::parse_start(value).value();
  }
  who.query = query;
  engine::Member member;
  for (const auto& [key, value] : parameters) {
    if (key == "as") member = directory_->member_of(tokens_.at(value)).value();
  }
  auto filter = engine_->filter_for(parameters, member);
  who.id = shard().join(who.outlet, std::get<engine::Filter>(filter), start, engine_->hello());
}

// organisation KEY [groups=a+b] [area=CODE]: one there is gets new values and keeps its token.
void Player::sign_up(const Words& words) {
  engine::Organisation organisation;
  organisation.key = words.at(1);
  for (std::size_t i = 2; i < words.size(); ++i) {
    const auto equals = words[i].find('=');
    const std::string key = words[i].substr(0, equals);
    if (key == "groups") {
      std::istringstream groups(words[i].substr(equals + 1));
      for (std::string group; std::getline(groups, group, '+');) {
        organisation.groups.push_back(group);
      }
    } else {
      organisation.subscription.emplace_back(key, words[i].substr(equals + 1));
    }
  }
  directory_->put(organisation).value();
  auto& token = tokens_[organisation.key];
  if (token.empty()) token = directory_->issue(organisation.key, {}).value().text;
}

void Player::come_back(const std::string& name) {
  Reader& who = reader(name);
  const std::string query = who.query;
  const engine::Position position{log_->epoch(), who.position};
  who.outlet = {};
  who.told = 0;
  who.close_told = false;
  std::string again = "after=" + position.text();
  for (const auto& [key, value] : parameters_of(query)) {
    if (key != "after") again += "&" + key + "=" + value;
  }
  connect(name, again);
}

void Player::leave(const std::string& name) { shard().leave(reader(name).id); }

void Player::stall(const std::string& name, std::size_t room) { reader(name).outlet.room = room; }

void Player::resume(const std::string& name) {
  Reader& who = reader(name);
  who.outlet.room = std::numeric_limits<std::size_t>::max();
  shard().writable(who.id);
}

void Player::advance(std::chrono::seconds by) {
  for (std::int64_t second = 0; second < by.count(); ++second) {
    clock_.advance(std::chrono::seconds{1});
    if (by < std::chrono::minutes{2}) shard().tick();  // longer times pass without beats
    settle();
  }
}

void Player::settle() {
  bool moved = true;
  while (moved) {
    moved = log_->run();
    moved = receipts_->run() || moved;
    shard().io().restart();
    moved = shard().io().poll() > 0 || moved;
  }
}

std::string Player::heard() {
  std::string text;
  for (const auto& answer : answers_) text += answer + "\n";
  answers_.clear();
  for (auto& [name, reader] : readers_) {
    const std::string events = tell(*reader);
    if (!events.empty()) text += name + ":" + events + "\n";
  }
  return text;
}

std::string Player::tell(Reader& reader) {
  std::string events;
  for (; reader.told < reader.outlet.messages.size(); ++reader.told) {
    events += " " + event_of(reader, reader.outlet.messages[reader.told]);
  }
  if (reader.outlet.closed != 0 && !reader.close_told) {
    events += fmt::format(" closed {}", reader.outlet.closed);
    reader.close_told = true;
  }
  return events;
}

std::string Player::event_of(Reader& reader, const std::string& message) {
  const auto object = boost::json::parse(message).as_object();
  const std::string type(object.at("type").as_string());
  if (type == "alert") {
    const Sequence sequence{object.at("seq").to_number<std::uint64_t>()};
    reader.position = std::max(reader.position, sequence);
    return names_.at(std::string(object.at("id").as_string()));
  }
  if (type == "hello") {
    if (reader.position == Sequence::none) {
      reader.position = Sequence{object.at("head").to_number<std::uint64_t>()};
    }
    return object.at("recovered").as_bool() ? "hello" : "hello(gap)";
  }
  if (type == "live") return "live";
  return fmt::format("beat({})", object.at("last").to_number<std::uint64_t>());
}

}  // namespace tests
