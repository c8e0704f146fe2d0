#pragma once
// Every command: what may be asked of it, and the function that does it. The flags are in
// *_commands.cpp; here nothing knows how they are spelled. Each answers with its exit code, or with
// a trouble for main() to tell.
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "ops/cli/outcome.hpp"
#include "ops/cli/session.hpp"

namespace ops::cli {

enum class Form { text, json, xml, csv };

// Keys.

struct KeyNew {
  std::string holder, out;
  std::optional<int> passphrase_fd;
  std::string strength = "sensitive";
};
Outcome<Exit> key_new(Session& session, const KeyNew& options);

struct KeyShow {
  std::string file;
  Form form = Form::text;
};
Outcome<Exit> key_show(Session& session, const KeyShow& options);

// The trust document.

struct TrustInit {
  std::string system, kind, out, expires;
  std::vector<std::string> roots, revocation;
  int threshold = 1;
};
Outcome<Exit> trust_init(Session& session, const TrustInit& options);

struct TrustAddSender {
  std::string file, out, sender, name, max_severity, not_after;
  std::vector<std::string> officers, areas, categories, statuses, scopes, approvals;
  int rate_per_hour = 60;
};
Outcome<Exit> trust_add_sender(Session& session, const TrustAddSender& options);

struct TrustSign {
  std::string file, key, out;
  std::optional<int> passphrase_fd;
};
Outcome<Exit> trust_sign(Session& session, const TrustSign& options);

struct TrustShow {
  std::string file;
  Form form = Form::text;
};
Outcome<Exit> trust_show(Session& session, const TrustShow& options);

// Alerts, without an engine.

struct AlertCheck {
  std::vector<std::string> files;
  Form form = Form::text;
};
Outcome<Exit> alert_check(Session& session, const AlertCheck& options);

struct AlertDraft {
  enum class Act { draft, list_templates } act = Act::draft;
  Form form = Form::text;  // of the list
  std::string template_name, templates;
  std::vector<std::string> fills;
  std::string correction, correction_reason;
  std::string out, cap, system, sender, key, identifier, status, expires_in;
  std::string event, urgency, severity, certainty, headline, description, instruction;
  std::string language;  // empty: en-GB, or the only one of what is changed
  std::string sender_name, web, contact;
  std::string area_desc;
  std::vector<std::string> categories, areas, polygons, circles;
};
Outcome<Exit> alert_draft(Session& session, const AlertDraft& options);

struct AlertSign {
  std::string file, key, out;
  std::optional<int> passphrase_fd;
};
Outcome<Exit> alert_sign(Session& session, const AlertSign& options);

struct AlertApprove {
  std::string file, key;
  std::optional<std::string> area_name;
  std::optional<int> passphrase_fd;
};
Outcome<Exit> alert_approve(Session& session, const AlertApprove& options);

struct Verify {
  std::string file;
  std::vector<std::string> roots;
  Form form = Form::text;
};
Outcome<Exit> verify_file(Session& session, const Verify& options);

// With an engine.

struct AlertSend {
  enum class Act { send, dry_run } act = Act::send;
  enum class Consent { ask, given } consent = Consent::ask;  // given: nobody is there to ask
  enum class After { leave, watch } after = After::leave;
  std::string wait;                           // how long; empty: not
  std::optional<std::uint64_t> acknowledged;  // waits for so many of them too
  std::string file;
  Form form = Form::text;
};
Outcome<Exit> alert_send(Session& session, const AlertSend& options);

/// Drafts what replaces an alert; its status, sender and system are that alert's.
struct AlertUpdate {
  std::string alert;
  AlertDraft draft;
};
Outcome<Exit> alert_update(Session& session, const AlertUpdate& options);

struct AlertCancel {
  std::string alert, prepared, reason, key;
  enum class Times { once, again } times = Times::once;  // again: also what is cancelled already
  std::optional<int> passphrase_fd;
  Form form = Form::text;
};
Outcome<Exit> alert_cancel(Session& session, const AlertCancel& options);

/// The stream's filters, as the engine spells them.
struct Filters {
  std::vector<std::string> areas, categories, severities, statuses, senders;
};

struct AlertList {
  enum class Which { all, active } which = Which::all;
  std::string after;
  std::optional<std::uint64_t> limit;
  Filters filters;
  Form form = Form::text;
};
Outcome<Exit> alert_list(Session& session, const AlertList& options);

/// The alert, or, for the operator of a data folder, who was not reached by it or who answered.
struct AlertShow {
  std::string alert, data;
  enum class What { alert, failed, answers } what = What::alert;
  Form form = Form::text;
};
Outcome<Exit> alert_show(Session& session, const AlertShow& options);
Outcome<Exit> alert_failed(Session& session, const AlertShow& options);
Outcome<Exit> alert_answers(Session& session, const AlertShow& options);

struct AlertReach {
  std::string alert;
  enum class Until { shown, left } until = Until::shown;
  Form form = Form::text;
};
Outcome<Exit> alert_reach(Session& session, const AlertReach& options);

struct AlertWatch {
  std::string after;
  Filters filters;
  Form form = Form::text;
};
Outcome<Exit> alert_watch(Session& session, const AlertWatch& options);

enum class Report { text, json, nagios, prometheus };
struct Monitor {
  enum class Times { once, always } times = Times::always;
  Report report = Report::text;
  std::string every, patience;
};
Outcome<Exit> monitor(Session& session, const Monitor& options);

// Contexts.

struct ContextAdd {
  std::string name, server, trust, token_file, ca_file;
  std::vector<std::string> roots;
};
Outcome<Exit> context_add(Session& session, const ContextAdd& options);

struct ContextUse {
  std::string name;
};
Outcome<Exit> context_use(Session& session, const ContextUse& options);
Outcome<Exit> context_remove(Session& session, const ContextUse& options);

struct ContextList {
  Form form = Form::text;
};
Outcome<Exit> context_list(Session& session, const ContextList& options);

struct Completion {
  std::string shell = "bash";
};
Outcome<Exit> completion(Session& session, const Completion& options);

struct Status {
  Form form = Form::text;
};
Outcome<Exit> status(Session& session, const Status& options);

}  // namespace ops::cli
