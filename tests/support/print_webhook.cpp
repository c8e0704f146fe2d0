// print_webhook UNIX_SECONDS BODY SECRET…: the headers of a webhook, one a line as `name: value`.
#include <cstdio>
#include <cstdlib>
#include <vector>

#include "connectors/webhook/standard_webhook.hpp"
#include "engine/trust/signature.hpp"

int main(int count, char** arguments) {
  using namespace connectors::webhook;
  if (count < 4 || !engine::trust::start_crypto()) return 2;
  std::vector<Secret> secrets;
  for (int i = 3; i < count; ++i) {
    const auto secret = Secret::read(arguments[i]);
    if (!secret) return 2;
    secrets.push_back(*secret);
  }
  engine::DeliveryId id{};
  for (std::size_t i = 0; i < id.size(); ++i) id[i] = static_cast<std::uint8_t>(17 * i);
  const engine::Time now{std::chrono::seconds{std::atoll(arguments[1])}};
  const Headers headers = sign(secrets, id, now, arguments[2]);
  std::printf("webhook-id: %s\nwebhook-timestamp: %s\nwebhook-signature: %s\n", headers.id.c_str(),
              headers.timestamp.c_str(), headers.signature.c_str());
}
