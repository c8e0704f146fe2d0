#pragma once
// The bounds of DIR/admin.sock, each with its reason.
#include <chrono>
#include <cstddef>

namespace ops::limits {

// A request: the largest there is is a piece of an import, a thousand organisations.
inline constexpr std::size_t kAdminLineBytes = 64UL << 20;
// Without an octet from an operator, or room at one.
inline constexpr std::chrono::seconds kAdminPatience{5};
// The whole of a request, and from its first octet the whole of an answer: an operator who takes a
// little at a time keeps the others waiting no longer than that.
inline constexpr std::chrono::seconds kAdminExchange{30};
// Operators who wait: one is served at a time.
inline constexpr int kAdminBacklog = 16;
// Organisations looked at for one page of what they answered: 4 MB where each said all it may.
inline constexpr std::size_t kAnswersLooked = 4096;
// A CSV file of contacts.
inline constexpr std::size_t kImportBytes = 48UL << 20;
inline constexpr std::size_t kImportFaults = 20;  // told; more are counted
// Organisations in one piece of an import, so that a request is some hundred kilobytes.
inline constexpr std::size_t kImportPiece = 1000;
// An import in the engine's memory before it is whole: 200,000 organisations of the usual kind.
inline constexpr std::size_t kStagedBytes = 256UL << 20;

}  // namespace ops::limits
