// The trust document.
#include "connectors/web/answers.hpp"
#include "connectors/web/api.hpp"

namespace connectors::web {

Response Api::trust() const { return text_response(kJson, engine_.trust()->envelope, kNoCache); }

}  // namespace connectors::web
