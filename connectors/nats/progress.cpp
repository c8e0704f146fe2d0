#include "connectors/nats/progress.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <boost/json.hpp>

#include "connectors/nats/limits.hpp"
#include "engine/trust/files.hpp"

namespace connectors::nats {

namespace json = boost::json;
using engine::Failure;
using engine::Result;
using engine::Sequence;

namespace {

std::optional<Sequence> sequence_in(const json::object& object, std::string_view name) {
  const json::value* value = object.if_contains(name);
  if (value == nullptr || !value->is_number()) return std::nullopt;
  boost::system::error_code error;
  const auto number = value->to_number<std::uint64_t>(error);
  if (error) return std::nullopt;
  return Sequence{number};
}

}  // namespace

std::string progress_json(const Progress& progress) {
  return fmt::format("{{\"epoch\":\"{}\",\"published\":{},\"last\":{},\"stream\":{}}}\n",
                     progress.epoch, number(progress.published), number(progress.last),
                     progress.stream);
}

std::optional<Progress> read_progress(std::string_view text) {
  boost::system::error_code error;
  const json::value value = json::parse(text, error);
  const json::object* object = error ? nullptr : value.if_object();
  if (object == nullptr) return std::nullopt;
  const json::value* epoch = object->if_contains("epoch");
  const json::value* stream = object->if_contains("stream");
  const auto published = sequence_in(*object, "published");
  const auto last = sequence_in(*object, "last");
  if (epoch == nullptr || !epoch->is_string() || stream == nullptr || !stream->is_bool() ||
      !published || !last || *last > *published) {
    return std::nullopt;
  }
  return Progress{std::string(epoch->as_string()), *published, *last, stream->as_bool()};
}

Result<std::optional<Progress>> load_progress(const std::filesystem::path& file) {
  std::error_code error;
  if (!std::filesystem::exists(file, error) && !error) return std::optional<Progress>();
  const auto contents = engine::trust::read_file(file, limits::kProgressBytes);
  if (!contents) return contents.error();
  auto progress = read_progress(contents->bytes);
  if (!progress) {
    return Failure{fmt::format(
        "{} does not say how far NATS has been told. Remove it, and everything is told once more",
        file.string())};
  }
  return progress;
}

Result<void> keep_progress(const std::filesystem::path& file, const Progress& progress) {
  const auto written = engine::trust::replace_file(file, progress_json(progress), 0600);
  if (!written) return Failure{written.error().what};
  return {};
}

Progress resumed(std::optional<Progress> kept, const engine::Epoch& epoch, Sequence head) {
  Progress progress;
  if (kept) progress.stream = kept->stream;
  progress.epoch = epoch;
  if (!kept || kept->epoch != epoch) return progress;
  progress.published = std::min(kept->published, head);
  progress.last = std::min(kept->last, head);
  return progress;
}

Progress resumed(Progress progress, const std::optional<StreamEnd>& end, Sequence head) {
  const bool ours = end && end->epoch == progress.epoch;
  const Sequence kept = ours ? std::min(end->sequence, head) : Sequence::none;
  if (kept >= progress.last) {
    progress.published = std::max(progress.published, kept);
    progress.last = kept;
    return progress;
  }
  if (end && !ours) return progress;  // another log's, behind ours
  progress.published = progress.last = kept;
  return progress;
}

}  // namespace connectors::nats
