#include "ops/cli/folder_link.hpp"

namespace ops::cli {

Outcome<std::unique_ptr<Link>> link_to(const std::string& data) {
  std::error_code error;
  if (data.empty() || !std::filesystem::is_directory(data, error)) {
    return trouble(Exit::usage,
                   data.empty() ? "no data folder was named" : "there is no folder " + data,
                   "give --data DIR, the folder that tocsind was started with");
  }
  auto link = Link::open(data);
  if (!link) {
    return trouble(Exit::unreachable, link.error().what,
                   "run this as the user the engine runs as, or as root");
  }
  return *std::move(link);
}

Outcome<Exit> ask(const Link& link, const boost::json::object& request, const Say& say) {
  const auto asked = link.ask(request, [&](const boost::json::object& object) {
    if (say) say(object);
  });
  if (!asked) return refused(asked.error());
  return Exit::done;
}

}  // namespace ops::cli
