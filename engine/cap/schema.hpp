#pragma once
// The OASIS schema of CAP 1.2 (schemas/cap-1.2.xsd), compiled into the program, parsed once, then
// only read: any thread may ask at the same time.
#include "engine/cap/document.hpp"

namespace engine::cap {

/// Holds a document against the schema and adds what does not fit. The document must be without
/// xsi:schemaLocation, which libxml2 would follow.
void check_schema(xmlDoc* document, Findings& findings);

}  // namespace engine::cap
