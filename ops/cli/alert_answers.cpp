// tocsin alert show SEQ --answers: who said what, by name. The engine tells its operator alone.
#include <fmt/format.h>

#include "ops/cli/answers_list.hpp"
#include "ops/cli/listing.hpp"

namespace ops::cli {

Outcome<Exit> alert_answers(Session& session, const AlertShow& options) {
  const auto sequence = listed_alert(options);
  if (!sequence) return sequence.error();
  const auto link = link_to(session, options.data);
  if (!link) return link.error();
  AnswerCounts counts;
  const auto listed = list_all(session, **link, "answers", *sequence, options.form,
                               {answer_text, answer_csv, answer_csv_header()},
                               [&](const boost::json::object& one) { counts.add(one); });
  if (!listed) return listed.error();
  session.terminal->say(counts.text());
  return Exit::done;
}

}  // namespace ops::cli
