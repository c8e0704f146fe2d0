#include "engine/cap/compose.hpp"

#include <fmt/format.h>

#include "engine/cap/number.hpp"

namespace engine::cap {
namespace {

/// Elements one below the other, two spaces of indent a level.
class Writer {
 public:
  void open(std::string_view name) {
    indent();
    xml_ += fmt::format("<{}>\n", name);
    ++depth_;
  }
  void close(std::string_view name) {
    --depth_;
    indent();
    xml_ += fmt::format("</{}>\n", name);
  }
  void element(std::string_view name, std::string_view text) {
    indent();
    xml_ += fmt::format("<{}>", name);
    escape(text);
    xml_ += fmt::format("</{}>\n", name);
  }
  void optional(std::string_view name, std::string_view text) {
    if (!text.empty()) element(name, text);
  }
  void optional(std::string_view name, const std::optional<Time>& time) {
    if (time) element(name, format_cap_time(*time));
  }
  void named(std::string_view name, const NamedValue& value) {
    open(name);
    element("valueName", value.name);
    element("value", value.value);
    close(name);
  }
  std::string take() { return std::move(xml_); }

 private:
  void indent() { xml_.append(static_cast<std::size_t>(depth_) * 2, ' '); }

  // A carriage return is written as a reference: as it stands, a parser would read a line feed.
  void escape(std::string_view text) {
    for (const char c : text) {
      if (c == '&')
        xml_ += "&amp;";
      else if (c == '<')
        xml_ += "&lt;";
      else if (c == '>')
        xml_ += "&gt;";
      else if (c == '\r')
        xml_ += "&#13;";
      else
        xml_ += c;
    }
  }

  std::string xml_ = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n";
  int depth_ = 0;
};

std::string pair(Point point) {
  return format_decimal(point.latitude) + "," + format_decimal(point.longitude);
}

void write(Writer& to, const Area& area) {
  to.open("area");
  to.element("areaDesc", area.description);
  for (const Polygon& polygon : area.polygons) {
    std::string pairs;
    for (const Point& point : polygon) {
      if (!pairs.empty()) pairs += ' ';
      pairs += pair(point);
    }
    to.element("polygon", pairs);
  }
  for (const Circle& circle : area.circles) {
    to.element("circle", pair(circle.centre) + " " + format_decimal(circle.radius_km));
  }
  for (const NamedValue& geocode : area.geocodes) to.named("geocode", geocode);
  to.close("area");
}

void write(Writer& to, const Resource& resource) {
  to.open("resource");
  to.element("resourceDesc", resource.description);
  to.element("mimeType", resource.mime_type);
  to.optional("uri", resource.uri);
  to.close("resource");
}

void write(Writer& to, const Info& info) {
  to.open("info");
  to.element("language", info.language);
  for (const Category category : info.categories) to.element("category", text(category));
  to.element("event", info.event);
  for (const std::string& type : info.response_types) to.element("responseType", type);
  to.element("urgency", text(info.urgency));
  to.element("severity", text(info.severity));
  to.element("certainty", text(info.certainty));
  to.optional("effective", info.effective);
  to.optional("onset", info.onset);
  to.optional("expires", info.expires);
  to.optional("senderName", info.sender_name);
  to.optional("headline", info.headline);
  to.optional("description", info.description);
  to.optional("instruction", info.instruction);
  to.optional("web", info.web);
  to.optional("contact", info.contact);
  for (const NamedValue& parameter : info.parameters) to.named("parameter", parameter);
  for (const Resource& resource : info.resources) write(to, resource);
  for (const Area& area : info.areas) write(to, area);
  to.close("info");
}

std::string references(const Alert& alert) {
  std::string all;
  for (const Identity& reference : alert.references) {
    if (!all.empty()) all += ' ';
    all += fmt::format("{},{},{}", reference.sender, reference.identifier,
                       format_cap_time(reference.sent));
  }
  return all;
}

}  // namespace

std::string compose(const Alert& alert) {
  Writer to;
  to.open("alert xmlns=\"urn:oasis:names:tc:emergency:cap:1.2\"");
  to.element("identifier", alert.identifier);
  to.element("sender", alert.sender);
  to.element("sent", format_cap_time(alert.sent));
  to.element("status", text(alert.status));
  to.element("msgType", text(alert.msg_type));
  to.optional("source", alert.source);
  to.element("scope", text(alert.scope));
  to.optional("restriction", alert.restriction);
  to.optional("addresses", alert.addresses);
  for (const std::string& code : alert.codes) to.element("code", code);
  to.optional("note", alert.note);
  to.optional("references", references(alert));
  to.optional("incidents", alert.incidents);
  for (const Info& info : alert.infos) write(to, info);
  to.close("alert");
  return to.take();
}

}  // namespace engine::cap
