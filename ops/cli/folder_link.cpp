#include "ops/cli/folder_link.hpp"

#include "ops/cli/trust_file.hpp"

namespace ops::cli {

Outcome<std::unique_ptr<Link>> link_to(Session& session, const std::string& data) {
  std::error_code error;
  if (data.empty() || !std::filesystem::is_directory(data, error)) {
    return trouble(Exit::usage,
                   data.empty() ? "no data folder was named" : "there is no folder " + data,
                   "give --data DIR, the folder that tocsind was started with");
  }
  // Opening makes what is missing: a folder that no engine ever ran on is another than was meant.
  if (!std::filesystem::exists(std::filesystem::path(data) / "log/store/CURRENT", error) &&
      !error) {
    return trouble(Exit::usage, data + " is no data folder of an engine: there is no log in it",
                   "name the folder that tocsind was started with; a new one it makes itself, when "
                   "it first starts");
  }
  auto link = Link::open(data);
  if (!link) {
    return trouble(Exit::unreachable, link.error().what,
                   "run this as the user the engine runs as, or as root");
  }
  warn_of_expiry_in(session, (std::filesystem::path(data) / "trust.json").string());
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
