#include "ops/cli/client.hpp"

#include "ops/cli/client_line.hpp"

namespace ops::cli {

Answered<Response> exchange(const Url& url, const Request& request) {
  if (url.tls) return exchange_by_tls(url, request);
  Line line;
  line.allow(kConnectTimeout);
  if (const error_code error = line.connect(url)) {
    return Unanswered{Unanswered::When::not_sent, sentence(error)};
  }
  return exchange_over(line, line.stream(), url, request);
}

Stream::Stream(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Stream::~Stream() = default;

Answered<Stream::Opened> Stream::open(const Url& url, const std::string& target,
                                      const std::string& token) {
  if (url.tls) return open_by_tls(url, target, token);
  auto over = std::make_unique<StreamOver<beast::tcp_stream&>>();
  over->line().allow(kConnectTimeout);
  if (const error_code error = over->line().connect(url)) {
    return Unanswered{Unanswered::When::not_sent, sentence(error)};
  }
  return open_over(std::move(over), url, target, token);
}

Stream::Heard Stream::hear(engine::Duration patience) { return impl_->hear(patience); }

}  // namespace ops::cli
