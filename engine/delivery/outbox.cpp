#include "engine/outbox.hpp"

#include "engine/base/folders.hpp"
#include "engine/delivery/courier.hpp"

namespace engine {

class Outbox::Impl {
 public:
  Impl(const OutboxOptions& options, OutboxParts parts, std::unique_ptr<Store> store)
      : courier(options, std::move(parts), std::move(store)) {}
  delivery::Courier courier;
};

Outbox::Outbox(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Outbox::~Outbox() = default;

Result<std::unique_ptr<Outbox>> Outbox::open(const OutboxOptions& options, OutboxParts parts) {
  StoreOptions store_options;
  store_options.tables = delivery::OutboxTable::kNames;
  store_options.directory = "/outbox";  // a name in memory
  store_options.medium = StoreOptions::Medium::memory;
  store_options.trial = options.trial;
  if (options.medium == OutboxOptions::Medium::disk) {
    if (auto made = make_folder(options.directory); !made) return made.error();
    store_options.directory = options.directory;
    store_options.medium = StoreOptions::Medium::disk;
  }
  const auto refused = [&](std::string_view why) {
    return Failure{"the outbox in ", options.directory.string(), " cannot be opened: ", why};
  };
  auto store = Store::open(store_options);
  if (!store) return refused(store.error().what);
  auto impl = std::make_unique<Impl>(options, std::move(parts), *std::move(store));
  if (auto begun = impl->courier.begin(); !begun) return refused(begun.error().what);
  return std::unique_ptr<Outbox>(new Outbox(std::move(impl)));
}

boost::asio::io_context& Outbox::io() { return impl_->courier.io(); }
void Outbox::start(std::vector<std::unique_ptr<Channel>> channels) {
  impl_->courier.start(std::move(channels));
}
void Outbox::wake() { impl_->courier.wake(); }
void Outbox::acknowledged(Sequence sequence, std::string organisation) {
  impl_->courier.ask(delivery::Acknowledged{sequence, std::move(organisation)});
}
void Outbox::reach(Sequence sequence, Done<Result<std::optional<OutboxReach>>> done) {
  impl_->courier.ask(delivery::Courier::AskReach{sequence, std::move(done)});
}
void Outbox::unreached(Sequence sequence, std::string cursor, Done<Result<UnreachedPage>> done) {
  impl_->courier.ask(delivery::Courier::AskUnreached{sequence, std::move(cursor), std::move(done)});
}
void Outbox::sent_to(std::string organisation, Sequence after, Done<Result<SentPage>> done) {
  impl_->courier.ask(delivery::Courier::AskSent{std::move(organisation), after, std::move(done)});
}
Result<SentPage> Outbox::sent_alone(std::string_view organisation, Sequence after) {
  return impl_->courier.sent_to(organisation, after);
}
void Outbox::find(const DeliveryId& delivery, Done<Result<std::optional<DeliveryFound>>> done) {
  impl_->courier.ask(delivery::Courier::AskDelivery{delivery, std::move(done)});
}
void Outbox::erase(std::string organisation, Done<Result<void>> done) {
  impl_->courier.ask(delivery::Courier::Erase{std::move(organisation), std::move(done)});
}
bool Outbox::tells_by(Way way) const noexcept { return impl_->courier.tells_by(way); }
bool Outbox::sends_codes(Way way) const noexcept { return impl_->courier.sends_codes(way); }
void Outbox::send_code(Way way, CodeMessage message, Done<bool> taken) {
  impl_->courier.ask(delivery::Courier::SendCode{way, std::move(message), std::move(taken)});
}
void Outbox::gateways(Done<std::vector<GatewayState>> done) {
  impl_->courier.ask(delivery::Courier::AskGateways{std::move(done)});
}
Result<void> Outbox::erase_alone(std::string_view organisation) {
  return impl_->courier.erase_alone(organisation);
}
OutboxState Outbox::state() const noexcept { return impl_->courier.state(); }
void Outbox::stop() { impl_->courier.stop(); }
bool Outbox::run() { return impl_->courier.run(); }

}  // namespace engine
