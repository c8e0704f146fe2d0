#pragma once
// What every handler of a request needs: reading a query, and shaping an answer. No I/O; any
// thread.
#include <cstdint>
#include <initializer_list>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "connectors/web/http_message.hpp"

namespace connectors::web {

inline constexpr std::string_view kJson = "application/json";
inline constexpr std::string_view kNoStore = "no-store";  // true now, and not a moment later
inline constexpr std::string_view kNoCache = "no-cache";  // to be asked for again each time

// What an answer depends on that is for some and not for others.
inline constexpr std::string_view kVaryCaller = "Authorization, Cookie";
inline constexpr std::string_view kVaryReach = "Accept, Authorization, Cookie";

Response text_response(std::string_view type, std::string body, std::string_view cache);
/// The same, of bytes that are kept for everybody.
Response shared_response(std::string_view type, std::shared_ptr<const std::string> body,
                         std::string_view cache);

/// A decimal without sign, leading zero or anything behind it.
std::optional<std::uint64_t> whole_number(std::string_view text);

/// The first value of a parameter, or null.
const std::string* value_of(const Request& request, std::string_view name);

/// A sentence about the first parameter that is neither a filter nor one of `known`, or one of
/// these that is there twice. Where filters have no meaning, every one of them is unknown.
enum class Filters { read, unknown };
std::optional<std::string> wrong_parameter(const Request& request,
                                           std::initializer_list<std::string_view> known,
                                           Filters filters = Filters::read);

/// A text as JSON has it, in its quotes.
std::string json_text(std::string_view text);

/// One that is for a disk (`log_unavailable`) says to come back, as every 503 does.
engine::Refusal refusal_of(engine::Code code, std::string detail);

/// Which of `offered` the client would rather have by its Accept (RFC 9110 section 12.5.1): the
/// highest q, the first of equals. The first, too, where it takes none of them or says nothing:
/// an answer in another form says more than none.
std::size_t preferred(const Request& request, std::span<const std::string_view> offered);

/// An entity tag for a body that is made anew each time: FNV-1a, since nobody gains by making two
/// answers of the same engine collide.
std::string etag_of(std::string_view body);

/// Answers 304 without a body where If-None-Match names that entity tag (or any).
void honour_etag(const Request& request, std::string_view etag, Response& response);
/// The same, where the request's field is all that is left of it.
void honour_etag(std::string_view if_none_match, std::string_view etag, Response& response);
/// Whether an If-Match lets that entity through: strong comparison (RFC 9110 section 13.1.1).
bool if_match_holds(std::string_view if_match, std::string_view etag);

}  // namespace connectors::web
