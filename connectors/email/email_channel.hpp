#pragma once
// Alerts by e-mail: one message to one person at a time, over connections that are kept as long as
// there is work, each signed and with a return path of its own; and what comes back about them. On
// the courier's thread.
#include <boost/asio/io_context.hpp>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "connectors/email/smtp_connection.hpp"
#include "engine/base/metrics.hpp"
#include "engine/base/result.hpp"
#include "engine/base/time.hpp"
#include "engine/channel.hpp"
#include "engine/links.hpp"

namespace connectors::email {

/// By which server mails to which domains leave.
struct Route {
  std::string name;                  // as people know it
  std::vector<std::string> domains;  // in lower case; empty: all that no other route has
  std::string url;                   // smtp://HOST[:PORT] or smtps://HOST[:PORT]
  SmtpServer::Tls tls = SmtpServer::Tls::required;
  std::filesystem::path ca_file;
  std::string user;
  std::filesystem::path password_file;  // for its owner alone
};

struct SignerFile {
  std::string selector;
  std::filesystem::path key_file;  // PEM, for its owner alone
};

struct EmailOptions {
  std::vector<Route> routes;  // the first has no domains
  std::string from;           // alerts@example.org
  std::string from_name;      // for people; empty: the address alone
  std::string hello;          // what we call ourselves to servers
  std::size_t at_once = 8;    // mails under way, of all routes together
  std::vector<SignerFile> signers;
  // Where bounces come back to: addresses of this domain, with a hash under the key of that file,
  // which is made where it is missing. Without a domain they go to `from`.
  std::string bounce_domain;
  std::filesystem::path bounce_key_file;
  std::filesystem::path bounce_maildir;  // empty: nobody reads them here
  // https://…, where people reach this engine's pages: in each mail is a link to answer by, and one
  // in its header to be sent no more. Empty: neither.
  std::string links;
  /// The code of such a link (engine/links.hpp); nothing: it goes without. Needed with `links`.
  std::function<std::optional<std::string>(engine::LinkFor, const engine::DeliveryId&)> link_code;
  Patience patience = {};  // of every server
};

/// Checks what can be checked without a file: a sentence that says what to change.
engine::Result<void> check(const EmailOptions& options);

/// Reads the files that the options name. After trust::start_crypto().
engine::Result<std::unique_ptr<engine::Channel>> open_email(boost::asio::io_context& io,
                                                            const engine::Clock& clock,
                                                            engine::Metrics& metrics,
                                                            const EmailOptions& options);

}  // namespace connectors::email
