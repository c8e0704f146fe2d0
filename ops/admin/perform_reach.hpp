#pragma once
// What an operator may ask of those whom an alert concerns: who they are, too, which nobody else is
// told (schemas/organisations.md). Waits for the outbox or the receipts.
#include "ops/admin/perform.hpp"

namespace ops {

/// How many were reached, in each area and each sector.
engine::Result<void> tell_reach(const boost::json::object& request, const Machine& machine,
                                const Say& say);

/// Who was not, by name, and what was tried: a page of them.
engine::Result<void> tell_unreached(const boost::json::object& request, const Machine& machine,
                                    const Say& say);

/// Who answered what: a page of them.
engine::Result<void> tell_answers(const boost::json::object& request, const Machine& machine,
                                  const Say& say);

/// What one organisation said of alerts, and was handed of them; and what was sent to it: a page of
/// each.
engine::Result<void> tell_said(const boost::json::object& request, const Machine& machine,
                               const Say& say);
engine::Result<void> tell_sent(const boost::json::object& request, const Machine& machine,
                               const Say& say);

}  // namespace ops
