#pragma once
// What somebody is told whose alert was taken in (schemas/answer.schema.json), by whatever road it
// came.
#include <string>

#include "engine/log.hpp"

namespace engine {

/// {"seq","epoch","id","at"}
std::string admitted_json(const Appended& appended, const Epoch& epoch);

}  // namespace engine
