#pragma once
// The octets of one connection to a message centre, plain or under TLS: looked up, connected, read
// and written, nothing of what they mean. It belongs to the thread of its io_context.
//
// TLS is 1.2 or 1.3; the centre's certificate counts where an authority of the file, or of the
// system, signed it and it names the host that the url does. There is no way to do without.
#include <array>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "connectors/sms/config.hpp"
#include "connectors/sms/limits.hpp"
#include "connectors/sms/times.hpp"
#include "engine/base/bytes.hpp"

namespace connectors::sms {

/// Told by a link, never from within one of its own calls.
class LinkListener {
 public:
  /// Connected, and hands are shaken.
  virtual void opened() = 0;
  /// Octets, after read() asked for some; valid until it returns.
  virtual void heard(engine::BytesView octets) = 0;
  /// All that write() was given is the kernel's.
  virtual void written() = 0;
  /// It never opened, or is no more: a sentence. Nothing is told after that. What came before was
  /// heard, as far as it was asked for.
  virtual void broken(std::string why) = 0;

 protected:
  ~LinkListener() = default;
};

class SmppLink : public std::enable_shared_from_this<SmppLink> {
 public:
  /// Begins to connect, to each address of the host in turn and to each for its share of
  /// `patience`, so that one that is silent does not keep us from the next. `listener` is told
  /// until close().
  static std::shared_ptr<SmppLink> open(boost::asio::io_context& context, const SmppUrl& url,
                                        const std::filesystem::path& ca_file, Times::Span patience,
                                        LinkListener& listener);
  ~SmppLink();
  SmppLink(const SmppLink&) = delete;
  SmppLink& operator=(const SmppLink&) = delete;

  /// Asks for octets, once; not while it was asked.
  void read();
  /// Writes all of it; not while it writes.
  void write(engine::Bytes octets);
  /// At once, whatever is on its way; the listener hears nothing any more.
  void close();

 private:
  struct Tls;
  SmppLink(boost::asio::io_context& context, Times::Span patience, LinkListener& listener);
  void look_up(const SmppUrl& url);
  void connect(const boost::asio::ip::tcp::resolver::results_type& found);
  void connect_next();
  void connected();
  void shake_hands();
  void opened();
  void broken(const std::string& doing, const boost::system::error_code& error);
  void give_up();
  template <class Stream>
  void read_from(Stream& stream);
  template <class Stream>
  void write_to(Stream& stream);

  LinkListener* listener_;  // none once it is closed
  boost::asio::ip::tcp::resolver resolver_;
  boost::asio::ip::tcp::socket socket_;
  const Times::Span patience_;
  std::vector<boost::asio::ip::tcp::endpoint> addresses_;
  std::size_t tried_ = 0;  // of them
  boost::asio::steady_timer share_;
  std::unique_ptr<Tls> tls_;  // none where it is plain
  std::array<char, limits::kReadMax> heard_{};
  engine::Bytes writing_;
  bool reading_ = false;
  boost::system::error_code unwritten_;  // nothing is written any more, what has come is read
};

}  // namespace connectors::sms
