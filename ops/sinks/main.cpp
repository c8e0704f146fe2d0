// tocsin_sinks: where the demo's text messages and mails go. A message centre, a mail server and a
// page that lists what they were sent, on this machine's loopback alone; nothing is kept.
//
//   tocsin_sinks    {"ready":true,"page":"http://127.0.0.1:40001","smpp":40002,"smtp":40003}
//
// It ends at SIGTERM or SIGINT.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <boost/asio/signal_set.hpp>
#include <cstdio>

#include "ops/sinks/mail_server.hpp"
#include "ops/sinks/message_centre.hpp"
#include "ops/sinks/page_server.hpp"

int main(int count, char** arguments) {
  std::uint16_t page_port = 0, smpp_port = 0, smtp_port = 0;
  CLI::App app{"tocsin_sinks: takes the demo's text messages and mails, and lists them on a page"};
  app.add_option("--page", page_port, "Port of the page at 127.0.0.1; 0 picks one");
  app.add_option("--smpp", smpp_port, "Port for text messages; 0 picks one");
  app.add_option("--smtp", smtp_port, "Port for mails; 0 picks one");
  CLI11_PARSE(app, count, arguments);
  const engine::SystemClock clock;
  ops::sinks::MessageBoard board(clock);
  boost::asio::io_context io{1};
  try {
    const ops::sinks::MessageCentre centre(io, smpp_port, board);
    const ops::sinks::MailServer mails(io, smtp_port, board);
    const ops::sinks::PageServer page(io, page_port, board);
    boost::asio::signal_set signals(io, SIGTERM, SIGINT);
    signals.async_wait([&io](auto, int) { io.stop(); });
    fmt::print("{{\"ready\":true,\"page\":\"http://127.0.0.1:{}\",\"smpp\":{},\"smtp\":{}}}\n",
               page.port(), centre.port(), mails.port());
    std::fflush(stdout);
    io.run();
  } catch (const boost::system::system_error& error) {
    fmt::print(stderr, "tocsin_sinks: cannot listen at 127.0.0.1: {}\n", error.code().message());
    return 1;
  }
  return 0;
}
