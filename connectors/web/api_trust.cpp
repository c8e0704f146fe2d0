// The trust document.
#include "connectors/web/answers.hpp"
#include "connectors/web/api.hpp"

namespace connectors::web {

Response Api::trust() const { return text_response(kJson, engine_.trust()->envelope, kNoCache); }

Response Api::revocations() const {
  return text_response("application/x-ndjson", *engine_.revocations(), kNoCache);
}

}  // namespace connectors::web
