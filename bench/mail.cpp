// How many mails a second a relay takes from one loop of libcurl's, as it is usually written: so
// many transfers at once, each kept going by the next mail over the same connection.
//
//   bench_mail --url smtp://127.0.0.1:2525 --mails 5000 --at-once 8 --octets 5300
//
// One line of JSON: {"mails":5000,"failed":0,"seconds":3.1,"per_second":1613,
//                    "cpu_us_per_mail":140.0}
#include <curl/curl.h>
#include <fmt/format.h>
#include <sys/resource.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <chrono>
#include <cstring>
#include <string>
#include <vector>

namespace {

constexpr int kWaitMs = 1000;

double cpu_seconds() {
  rusage used{};
  ::getrusage(RUSAGE_SELF, &used);
  const auto seconds = [](const timeval& time) {
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
  };
  return seconds(used.ru_utime) + seconds(used.ru_stime);
}

/// One mail under way, and where its octets have been read to.
struct Mail {
  CURL* handle = nullptr;
  curl_slist* to = nullptr;
  std::string text;
  std::size_t read = 0;
};

std::size_t read_on(char* into, std::size_t size, std::size_t count, void* context) {
  auto& mail = *static_cast<Mail*>(context);
  const std::size_t many = std::min(size * count, mail.text.size() - mail.read);
  std::memcpy(into, mail.text.data() + mail.read, many);
  mail.read += many;
  return many;
}

class Loop {
 public:
  Loop(std::string url, std::size_t octets, std::size_t at_once)
      : multi_(curl_multi_init()), url_(std::move(url)), octets_(octets), mails_(at_once) {
    curl_multi_setopt(multi_, CURLMOPT_MAX_TOTAL_CONNECTIONS, static_cast<long>(at_once));
    curl_multi_setopt(multi_, CURLMOPT_MAXCONNECTS, static_cast<long>(at_once));
  }

  /// How many did not go.
  std::uint64_t send(std::uint64_t count) {
    for (Mail& mail : mails_) {
      if (begun_ < count) begin(mail);
    }
    std::uint64_t over = 0, failed = 0;
    while (over < count) {
      int running = 0, waiting = 0;
      curl_multi_perform(multi_, &running);
      while (const CURLMsg* told = curl_multi_info_read(multi_, &waiting)) {
        if (told->msg != CURLMSG_DONE) continue;
        failed += told->data.result == CURLE_OK ? 0 : 1;
        ++over;
        next(told->easy_handle, count);
      }
      if (over < count) curl_multi_poll(multi_, nullptr, 0, kWaitMs, nullptr);
    }
    return failed;
  }

 private:
  void begin(Mail& mail) {
    const std::uint64_t number = begun_++;
    if (mail.handle == nullptr) mail.handle = curl_easy_init();
    curl_easy_reset(mail.handle);
    curl_slist_free_all(mail.to);
    mail.to = curl_slist_append(nullptr, fmt::format("desk{}@shop.example", number).c_str());
    mail.text = fmt::format(
        "From: alerts@tocsin.example\r\nTo: desk{}@shop.example\r\nSubject: Flood\r\n"
        "Message-ID: <{}@tocsin.example>\r\n\r\n",
        number, number);
    while (mail.text.size() < octets_) mail.text += "The river is over its banks.\r\n";
    mail.read = 0;
    curl_easy_setopt(mail.handle, CURLOPT_URL, url_.c_str());
    curl_easy_setopt(mail.handle, CURLOPT_MAIL_FROM, "alerts@tocsin.example");
    curl_easy_setopt(mail.handle, CURLOPT_MAIL_RCPT, mail.to);
    curl_easy_setopt(mail.handle, CURLOPT_UPLOAD, 1L);
    curl_easy_setopt(mail.handle, CURLOPT_READFUNCTION, read_on);
    curl_easy_setopt(mail.handle, CURLOPT_READDATA, &mail);
    curl_easy_setopt(mail.handle, CURLOPT_PRIVATE, &mail);
    curl_multi_add_handle(multi_, mail.handle);
  }

  void next(CURL* handle, std::uint64_t count) {
    Mail* mail = nullptr;
    curl_easy_getinfo(handle, CURLINFO_PRIVATE, &mail);
    curl_multi_remove_handle(multi_, handle);
    if (begun_ < count) begin(*mail);
  }

  CURLM* multi_;
  const std::string url_;
  const std::size_t octets_;
  std::vector<Mail> mails_;
  std::uint64_t begun_ = 0;
};

}  // namespace

int main(int count, char** arguments) {
  std::string url;
  std::uint64_t mails = 5000;
  std::size_t at_once = 8, octets = 5300;
  CLI::App app{"bench_mail: a relay and one loop of libcurl's"};
  app.add_option("--url", url, "smtp://HOST:PORT")->required();
  app.add_option("--mails", mails, "How many")->capture_default_str();
  app.add_option("--at-once", at_once, "Connections, each with a mail")->capture_default_str();
  app.add_option("--octets", octets, "Of a mail, about")->capture_default_str();
  CLI11_PARSE(app, count, arguments);
  curl_global_init(CURL_GLOBAL_DEFAULT);
  const auto since = std::chrono::steady_clock::now();
  const double before = cpu_seconds();
  const std::uint64_t failed = Loop(url, octets, at_once).send(mails);
  const double used = cpu_seconds() - before;
  const double seconds =
      std::chrono::duration<double>(std::chrono::steady_clock::now() - since).count();
  const auto many = static_cast<double>(mails);
  fmt::print(
      "{{\"mails\":{},\"failed\":{},\"seconds\":{:.3f},\"per_second\":{:.0f},"
      "\"cpu_us_per_mail\":{:.1f}}}\n",
      mails, failed, seconds, many / seconds, used / many * 1e6);
  return failed == 0 ? 0 : 1;
}
