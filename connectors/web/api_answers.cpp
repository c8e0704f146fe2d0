// GET and POST /answer/CODE and /unsubscribe/CODE: what an e-mail's links open. To look at one
// changes nothing, since scanners of mail look at every link; what is sent from there does, for the
// one contact that the mail went to, as long as it has that address.
#include <chrono>
#include <memory>

#include "connectors/web/answer_form.hpp"
#include "connectors/web/answer_page.hpp"
#include "connectors/web/answers.hpp"
#include "connectors/web/api.hpp"
#include "engine/cap/judge.hpp"

namespace connectors::web {

using engine::DeliveryFound;
using engine::LinkFor;
using engine::Result;

namespace {

/// An answer may come late: somebody reads the mail in the morning.
constexpr std::chrono::hours kAnswerAfter{24};

}  // namespace

void Api::with_link(LinkFor purpose, const Asked& asked, Opened opened) const {
  const auto language = page_language(asked.request);
  const auto refuse_page = [this, language](NoPage why) {
    Response response = no_page(why, language);
    engine::count_refusal(engine_.metrics(), refusal_of(*response.refused, ""));
    return response;
  };
  const auto& peer = asked.peer;
  const engine::Time now = engine_.clock().now();
  // A wrong code counts as a guess; a right one costs a look at the disk, so it is counted too.
  if (!peer.loopback &&
      (!guesses_.has_room(peer.address, now) || !links_.take(peer.address, now))) {
    return asked.answer(refuse_page(NoPage::too_often));
  }
  const auto id = engine::Links(engine_.directory()).delivery(purpose, asked.name);
  if (!id || !answers_.find) {
    if (!peer.loopback) guesses_.take(peer.address, now);
    return asked.answer(refuse_page(NoPage::unknown));
  }
  answers_.find(*id, [purpose, now, refuse_page, answer = asked.answer,
                      opened = std::move(opened)](Result<std::optional<DeliveryFound>> found) {
    if (!found) return answer(refuse_page(NoPage::not_now));
    const bool answering = purpose == LinkFor::answering;
    if (!*found ||
        (answering && ((*found)->takes_back || (*found)->expires + kAnswerAfter < now))) {
      return answer(refuse_page(NoPage::over));
    }
    opened(**found, {answer, refuse_page});
  });
}

/// What its page says of an alert first: whether it is a drill, and its headline. The log knows.
void Api::with_alert(const DeliveryFound& found, PageLanguage language, const LinkAnswer& answer,
                     std::function<void(AskPage)> then) const {
  engine_.log().find(
      found.sequence, [found, language, answer, then = std::move(then)](auto record) {
        if (!record || !*record) return answer.say(answer.refuse(NoPage::not_now));
        const engine::Bulletin& bulletin = *(*record)->bulletin;
        const auto& reaches = bulletin.outline.reaches;
        AskPage page{{found.title},
                     reaches.empty() ? engine::cap::Status::actual : reaches.front().status,
                     found.ended};
        if (const auto alert = engine::cap::judge(bulletin.envelope.payload).alert) {
          page.title = headline_in(*alert, language);
        }
        then(std::move(page));
      });
}

/// Has the clerk do it, if that contact is the organisation's still and has that address.
void Api::for_contact(const DeliveryFound& found, const LinkAnswer& answer,
                      std::function<void()> then) const {
  auto work = [this, found, answer, then = std::move(then)] {
    const auto& directory = engine_.directory();
    auto profile = directory.profile(found.organisation);
    if (!profile) return answer.say(answer.refuse(NoPage::not_now));
    bool theirs = false;
    if (*profile) {
      for (const auto& contact : (*profile)->contacts) {
        if (contact.number != found.contact || contact.way != found.way) continue;
        theirs = engine::address_mark(directory, contact.way, contact.address) == found.mark;
      }
      engine::wipe(**profile);
    }
    if (!theirs || !found.mark) return answer.say(answer.refuse(NoPage::over));
    then();
  };
  if (!clerk_.take(std::move(work))) answer.say(answer.refuse(NoPage::not_now));
}

void Api::get_answer(const Asked& asked) const {
  const auto language = page_language(asked.request);
  with_link(LinkFor::answering, asked,
            [this, language](const DeliveryFound& found, const LinkAnswer& answer) {
              with_alert(found, language, answer, [answer, language](const AskPage& page) {
                answer.say(ask_page(page, language));
              });
            });
}

void Api::post_answer(const Asked& asked) const {
  const auto language = page_language(asked.request);
  const auto said = read_answer_form(asked.body);
  if (!asked.peer.loopback && !receipts_.take(asked.peer.address, engine_.clock().now())) {
    return asked.answer(no_page(NoPage::too_often, language));
  }
  with_link(LinkFor::answering, asked,
            [this, said, language](const DeliveryFound& found, const LinkAnswer& answer) {
              with_alert(found, language, answer, [=, this](AskPage page) {
                if (!said) {
                  page.incomplete = true;
                  return answer.say(ask_page(page, language));
                }
                for_contact(found, answer, [=, this, status = page.status] {
                  keep_answer(found, *said, {answer, status, language});
                });
              });
            });
}

void Api::keep_answer(const DeliveryFound& found, const engine::Answer& said,
                      const AnswerKept& kept) const {
  engine::Receipt receipt;
  receipt.sequence = found.sequence;
  receipt.state = engine::Receipt::State::acknowledged;
  receipt.answer = engine::text(said);
  receipt.organisation = found.organisation;
  engine_.receipts().take({std::move(receipt)}, [said, kept](Result<void> done) {
    kept.answer.say(done ? thanks_page(said, kept.status, kept.language)
                         : kept.answer.refuse(NoPage::not_now));
  });
}

void Api::get_leaving(const Asked& asked) const {
  const auto language = page_language(asked.request);
  with_link(LinkFor::leaving, asked, [language](const DeliveryFound&, const LinkAnswer& answer) {
    answer.say(leave_page(language));
  });
}

void Api::post_leaving(const Asked& asked) const {
  const auto language = page_language(asked.request);
  if (!asks_to_leave(asked.body)) {
    return asked.answer(refuse(engine::Code::bad_query,
                               "Send a form whose List-Unsubscribe is One-Click (RFC 8058)."));
  }
  with_link(LinkFor::leaving, asked,
            [this, language](const DeliveryFound& found, const LinkAnswer& answer) {
              for_contact(found, answer, [this, language, found, answer] {
                const auto left = engine_.directory().leave(found.organisation, found.contact);
                answer.say(left ? left_page(language) : answer.refuse(NoPage::not_now));
              });
            });
}

}  // namespace connectors::web
