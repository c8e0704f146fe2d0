#include "ops/admin/staging.hpp"

#include <fmt/format.h>

#include "ops/admin/limits.hpp"

namespace ops {

using engine::Failure;
using engine::Registration;
using engine::Result;

namespace {

/// About what it takes in memory.
std::size_t octets_of(const Registration& one) {
  std::size_t octets = sizeof one + one.organisation.key.size() + one.organisation.name.size();
  for (const auto& group : one.organisation.groups) octets += sizeof group + group.size();
  for (const auto& contact : one.profile.contacts) {
    octets += sizeof contact + contact.address.size() + contact.secret.size();
  }
  octets += one.profile.premises.size() * sizeof(engine::Premises);
  for (const auto& sector : one.profile.sectors) octets += sizeof sector + sector.size();
  return octets;
}

}  // namespace

void Staging::drop() {
  for (Registration& one : registrations_) engine::wipe(one.profile);
  registrations_ = {};
  import_.clear();
  octets_ = 0;
}

Result<void> Staging::add(std::string_view import, std::vector<Registration> piece) {
  if (import.empty()) return Failure{"an import has a name"};
  if (import != import_) {
    drop();
    import_ = import;
  }
  for (Registration& one : piece) {
    octets_ += octets_of(one);
    registrations_.push_back(std::move(one));
  }
  if (octets_ <= limits::kStagedBytes) return {};
  drop();
  return Failure{fmt::format("an import may take {} MiB of memory; make two of it",
                             limits::kStagedBytes >> 20)};
}

Result<std::vector<Registration>> Staging::take(std::string_view import) {
  if (import.empty() || import != import_) {
    return Failure{"another import came in between, and nothing of this one was taken; try again"};
  }
  std::vector<Registration> all = std::move(registrations_);
  drop();
  return all;
}

}  // namespace ops
