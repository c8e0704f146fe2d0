#include "engine/log.hpp"

#include "engine/base/trace.hpp"
#include "engine/log/log_impl.hpp"
#include "engine/log/tables.hpp"

namespace engine {

Result<std::unique_ptr<Log>> Log::open(const LogOptions& options, const Clock& clock) {
  const bool on_disk = options.medium == LogOptions::Medium::disk;
  Impl::Parts parts;
  StoreOptions store_options;
  store_options.tables = LogTable::kNames;
  store_options.directory = "/log";  // a name in memory
  store_options.medium = StoreOptions::Medium::memory;
  store_options.max_open_files = options.max_open_files;
  store_options.trial = options.trial;
  if (on_disk) {
    auto folder = Folder::claim(options.directory);
    if (!folder) return folder.error();
    parts.folder = *std::move(folder);
    std::error_code error;
    if (!std::filesystem::exists(parts.folder->store_directory() / "CURRENT", error)) {
      if (auto lost = nothing_lost(parts.folder.get()); !lost) {
        return damaged_log(options.directory, lost.error().what);
      }
    }
    store_options.directory = parts.folder->store_directory();
    store_options.medium = StoreOptions::Medium::disk;
    store_options.reserve_file = parts.folder->reserve_file();
    store_options.reserve_bytes = options.reserve_bytes;
  }
  auto store = Store::open(store_options);
  if (!store) return damaged_log(options.directory, store.error().what);
  parts.store = *std::move(store);
  if (parts.folder) parts.folder->sync();
  auto state = open_state(*parts.store, parts.folder.get(), options.directory);
  if (!state) return state.error();
  parts.state = *std::move(state);

  auto impl = std::make_unique<Impl>(options, clock, std::move(parts));
  const auto loaded = impl->load();
  if (!loaded) return damaged_log(options.directory, loaded.error().what);
  impl->start();
  trace(Level::notice, "log_opened",
        {{"epoch", impl->epoch()}, {"head", std::to_string(number(impl->head()))}});
  return std::unique_ptr<Log>(new Log(std::move(impl)));
}

Log::Log(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Log::~Log() = default;

void Log::append(Candidate candidate, Done<AppendAnswer> done) {
  impl_->append(std::move(candidate), std::move(done));
}

void Log::adopt(std::vector<Agreed> records, Done<Adopted> done) {
  impl_->adopt({std::move(records), std::move(done)});
}

void Log::foresee(BulletinPtr bulletin, Done<Result<Foresight>> done) {
  impl_->ask(Impl::Lookup(Impl::Foresee{std::move(bulletin), std::move(done)}));
}

std::optional<Appended> Log::repeat_of(const BulletinId& id) const { return impl_->repeat_of(id); }

void Log::find(const BulletinId& id, Done<Result<std::optional<Record>>> done) {
  impl_->ask(Impl::Lookup(Impl::FindId{id, std::move(done)}));
}

void Log::find(Sequence sequence, Done<Result<std::optional<Record>>> done) {
  impl_->ask(Impl::Lookup(Impl::FindSequence{sequence, std::move(done)}));
}

void Log::read(Sequence after, PageLimit limit, Done<Result<Page>> done) {
  impl_->ask(Impl::Paging(Impl::ReadPage{after, limit, std::move(done)}));
}

void Log::read_active(Time now, Sequence after, Sequence until, PageLimit limit,
                      Done<Result<Page>> done) {
  impl_->ask(Impl::Paging(Impl::ReadActive{now, after, until, limit, std::move(done)}));
}

Sequence Log::head() const noexcept { return impl_->head(); }
const Epoch& Log::epoch() const noexcept { return impl_->epoch(); }
Result<std::vector<Record>> Log::newest(PageLimit limit) const { return impl_->newest(limit); }
std::size_t Log::under_way() const noexcept { return impl_->under_way(); }
bool Log::writable() const noexcept { return impl_->writable(); }
bool Log::full() const noexcept { return impl_->full(); }
void Log::follow(Follower& follower) { impl_->follow(follower); }
void Log::order_by(Order& order) { impl_->order_by(order); }
Result<void> Log::take_epoch(const Epoch& epoch) { return impl_->take_epoch(epoch); }
bool Log::current() const noexcept { return impl_->current(); }
bool Log::only_follows() const noexcept { return impl_->only_follows(); }
void Log::stop() { impl_->stop(); }
bool Log::run() { return impl_->run(); }

}  // namespace engine
