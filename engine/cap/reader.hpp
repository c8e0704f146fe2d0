#pragma once
// From the elements of a document to an Alert, applying on the way the rules that a schema cannot
// say. Reads what the schema would refuse too, as far as it goes, so that a person is told of
// everything at once.
#include "engine/cap/document.hpp"
#include "engine/cap/findings.hpp"

namespace engine::cap {

/// What holds of every node of a document: no processing instruction, no hidden characters, no
/// xsi:schemaLocation. The last is taken out of the tree, so that nothing follows it.
void check_nodes(xmlDoc* document, Encoding encoding, Findings& findings);

/// The alert below the root element. Sound only if `findings` has no error afterwards.
Alert read_alert(const xmlNode* root, const Profile& profile, Findings& findings);

}  // namespace engine::cap
