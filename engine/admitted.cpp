#include "engine/admitted.hpp"

#include <fmt/format.h>

namespace engine {

std::string admitted_json(const Appended& appended, const Epoch& epoch) {
  return fmt::format(R"({{"seq":{},"epoch":"{}","id":"{}","at":"{}"}})", number(appended.sequence),
                     epoch, to_hex(view(appended.id)), format_time(appended.at));
}

}  // namespace engine
