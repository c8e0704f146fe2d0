#pragma once
// How long things may take. What stands here holds wherever an operator looks; tests, which cannot
// wait for a minute, choose shorter ones.
#include <chrono>

#include "connectors/sms/limits.hpp"

namespace connectors::sms {

struct Times {
  using Span = std::chrono::milliseconds;

  Span answer = limits::kAnswerMax;
  Span receipt = limits::kReceiptHeld;
  Span silence = limits::kSilenceMax;
  Span enquiry = limits::kEnquiryMax;
  Span back_off_first = limits::kBackOffFirst;
  Span back_off_max = limits::kBackOffMax;
  Span connect = limits::kConnectMax;
  Span reconnect_first = limits::kReconnectFirst;
  Span reconnect_max = limits::kReconnectMax;
  Span stop = limits::kStopMax;
};

}  // namespace connectors::sms
