// GET /v1/feed.atom.
#include <cstdint>

#include "connectors/web/answers.hpp"
#include "connectors/web/api.hpp"
#include "connectors/web/feed.hpp"
#include "connectors/web/listing.hpp"

namespace connectors::web {

using engine::Code;
using engine::Refusal;

void Api::feed(const Asked& asked) const {
  if (const auto wrong = wrong_parameter(asked.request, {})) {
    return asked.answer(refuse(Code::bad_query, *wrong));
  }
  auto member = caller(asked.request);
  if (const auto* refusal = std::get_if<Refusal>(&member)) return asked.answer(refuse(*refusal));
  const bool open = !std::get<engine::Member>(member).signed_in();
  auto filter = engine_.filter_for(asked.request.query, std::get<engine::Member>(member));
  if (const auto* refusal = std::get_if<Refusal>(&filter)) return asked.answer(refuse(*refusal));
  ListingQuery query;
  query.filter = std::get<engine::Filter>(std::move(filter));
  query.of = ListingQuery::Of::active;
  query.limit = query.scanned_max = SIZE_MAX;  // the newest come last
  auto gathering = std::make_shared<FeedGathering>(briefs_);
  Visit visit = [gathering](const engine::Record& record) {
    gathering->add(record);
    return std::size_t{0};
  };
  auto done = [this, gathering, open, request = asked.request,
               answer = asked.answer](engine::Result<engine::Sequence> through) {
    if (!through) return answer(refuse(Code::log_unavailable, through.error().what));
    const auto trust = engine_.trust();
    FeedHead head;
    head.node = engine_.options().node;
    head.system = trust->system;
    head.epoch = engine_.log().epoch();
    head.since = trust->issued;
    if (trust->kind != engine::trust::SystemKind::live) head.kind = FeedHead::Kind::exercise;
    std::string xml = feed_xml(head, gathering->entries());
    const std::string etag = etag_of(xml);
    Response response = text_response("application/atom+xml; charset=utf-8", std::move(xml),
                                      open ? kNoCache : std::string_view("private, no-cache"));
    response.fields.emplace_back("Vary", kVaryCaller);
    honour_etag(request, etag, response);
    answer(std::move(response));
  };
  walk(engine_, std::move(query), std::move(visit), std::move(done));
}

}  // namespace connectors::web
