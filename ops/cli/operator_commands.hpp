#pragma once
// The operators' commands: organisations, and what a data folder holds. commands.hpp has the rest.
#include "ops/cli/commands.hpp"

namespace ops::cli {

struct OrgAdd {
  std::string data, key, name;
  std::vector<std::string> groups;
  Filters subscription;
  std::vector<std::string> places;  // codes or LAT,LON
  std::vector<std::string> sectors;
  std::string language;
  enum class Contacts { none, read } contacts = Contacts::none;  // from standard input
  enum class Gives { token, invitation } gives = Gives::token;
  Form form = Form::text;
};
Outcome<Exit> org_add(Session& session, const OrgAdd& options);

struct OrgToken {
  std::string data, key;
  OrgAdd::Gives gives = OrgAdd::Gives::token;
  Form form = Form::text;
};
Outcome<Exit> org_token(Session& session, const OrgToken& options);

struct OrgRevoke {
  std::string data, key;
  std::optional<std::uint64_t> number;  // none: the secret itself comes on standard input
};
Outcome<Exit> org_revoke(Session& session, const OrgRevoke& options);

enum class ShowContacts { no, yes };

struct OrgList {
  std::string data;
  ShowContacts contacts = ShowContacts::no;
  Form form = Form::text;
};
Outcome<Exit> org_list(Session& session, const OrgList& options);

struct OrgShow {
  std::string data, key;
  ShowContacts contacts = ShowContacts::no;
  Form form = Form::text;
};
Outcome<Exit> org_show(Session& session, const OrgShow& options);

struct OrgErase {
  std::string data, key;
  enum class Asks { first, no } asks = Asks::first;
};
Outcome<Exit> org_erase(Session& session, const OrgErase& options);

struct OrgImport {
  std::string data, file;
  Form form = Form::text;
};
Outcome<Exit> org_import(Session& session, const OrgImport& options);

/// All of them as CSV, or one, with all that is kept of it, as JSON.
struct OrgExport {
  std::string data, key;
  Form form = Form::text;
};
Outcome<Exit> org_export(Session& session, const OrgExport& options);

struct Replay {
  std::string data, after;
  std::optional<std::uint64_t> to;
  Form form = Form::text;
};
Outcome<Exit> replay(Session& session, const Replay& options);

/// `tocsin status`: through the folder, with all it knows, where one is named; else over HTTP.
struct StatusOf {
  std::string data;
  Form form = Form::text;
};
Outcome<Exit> status_of(Session& session, const StatusOf& options);

}  // namespace ops::cli
