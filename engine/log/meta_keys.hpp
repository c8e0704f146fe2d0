#pragma once
// The keys of the table `meta`.
#include "engine/base/bytes.hpp"

namespace engine {

inline constexpr BytesView kFormatKey = "format";
inline constexpr BytesView kEpochKey = "epoch";        // 16 hexadecimal digits
inline constexpr BytesView kHeadKey = "head";          // sequence of the newest record
inline constexpr BytesView kFrontierKey = "frontier";  // see active_set.hpp

/// Of the whole folder. A log of another format is not touched.
inline constexpr BytesView kFormat = "1";

}  // namespace engine
