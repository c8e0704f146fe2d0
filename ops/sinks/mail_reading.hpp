#pragma once
// What a person sees of a mail of ours: its subject and its text. Pure; any thread.
#include <string>
#include <string_view>

namespace ops::sinks {

struct MailSeen {
  std::string subject;
  std::string text;  // of the part for who reads text
};
/// Lines end in CRLF. Reads what connectors/email writes; of others' mails it may see little.
MailSeen see_mail(std::string_view mail);

}  // namespace ops::sinks
