#pragma once
// How TLS is spoken here, and with which certificate: TLS 1.3, and 1.2 with ECDHE and AEAD alone;
// no compression, no renegotiation, and no early data, which anybody on the way could send again.
// Any thread.
#include <filesystem>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "connectors/web/ticket_keys.hpp"
#include "engine/base/metrics.hpp"
#include "engine/base/result.hpp"
#include "engine/base/snapshot.hpp"
#include "engine/base/time.hpp"

struct ssl_ctx_st;

namespace connectors::web {

/// PEM: the certificate with its intermediates behind it, and its private key.
struct TlsFiles {
  std::filesystem::path certificate;
  std::filesystem::path key;
};

class Tls {
 public:
  /// A sentence where the files are not a certificate and its key, or others may read the key.
  static engine::Result<std::shared_ptr<Tls>> open(TlsFiles files, const engine::Clock& clock,
                                                   engine::Metrics& metrics);

  /// Reads both files again. New connections are answered with what they hold from then on; where
  /// that cannot be, or counts no more, the old one stays in force and warnings() says so until
  /// something is taken. Connections there are already go on, and tickets given out still count.
  engine::Result<void> reload();

  /// What a new connection is made of.
  std::shared_ptr<ssl_ctx_st> context() const { return served_.get()->context; }
  /// When the first of the certificate and its intermediates expires.
  engine::Time expires() const { return served_.get()->expires; }
  /// What somebody has to act on.
  std::vector<std::string> warnings() const;

  /// Handshakes by how they ended.
  engine::Counter &full, &resumed, &failed, &plain_http;

 private:
  struct Served {
    std::shared_ptr<ssl_ctx_st> context;
    engine::Time begins{}, expires{};
  };
  Tls(TlsFiles files, const engine::Clock& clock, engine::Metrics& metrics);
  engine::Result<Served> load();

  const TlsFiles files_;
  const engine::Clock& clock_;
  TicketKeys ticket_keys_;
  engine::Snapshot<Served> served_;
  engine::Snapshot<std::string> complaint_;  // why what the operator gave last was not taken
};

}  // namespace connectors::web
