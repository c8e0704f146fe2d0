// The part of the page in which an organisation says whom of it to reach. What stands there is
// personal, and screens are seen by others: it is asked for when the part is opened, and gone when
// it is closed.

import {standing_of, wants_code} from './contacts.js';
import {element, put_text} from './dom.js';

const by_id = id => document.getElementById(id);
const ways = {sms: 'SMS to', email: 'E-mail to', webhook: 'Webhook'};

export class ContactsPart {
  /** `left()` is called once the organisation is erased, and says so. */
  constructor(contacts, left) {
    this.contacts_ = contacts;
    this.left_ = left;
    const part = by_id('contacts');
    part.addEventListener('toggle', () => (part.open ? this.open_() : this.close()));
    this.on_('contact-add', async () => {
      const typed = by_id('contact-address');
      const added = typed.value.trim();
      const way = by_id('contact-way').value;
      const why_not = await contacts.add(way, added) ??
          await contacts.send_code({way, address: added});
      if (why_not !== null) return why_not;
      typed.value = '';
      return `A code is on its way to ${added}. Type it in beside it.`;
    });
    this.on_('contact-leave', async () => {
      const why_not = await contacts.leave(by_id('contact-key').value);
      if (why_not === null) await this.left_();
      return why_not ?? '';
    });
  }

  /** Somebody is signed in, or nobody is any more. */
  show(signed_in) {
    by_id('contacts').hidden = !signed_in;
    if (!signed_in) this.close();
  }

  close() {
    this.contacts_.forget();
    by_id('contacts').open = false;
    by_id('contact-address').value = '';
    by_id('contact-key').value = '';
    put_text(by_id('contacts-said'), '');
    this.render_();
  }

  async open_() {
    this.say_(await this.contacts_.refresh() ?? '');
  }

  on_(id, work) {
    by_id(id).addEventListener('submit', event => {
      event.preventDefault();
      this.do_(work);
    });
  }

  /** Says what came of it, and shows what is kept now. The focus stays in the part. */
  async do_(work) {
    put_text(by_id('contacts-said'), '');
    this.say_(await work() ?? 'Done.');
    if (document.activeElement === document.body) by_id('contacts-title').focus();
  }

  /** What came of it; nobody is told who has closed the part meanwhile. */
  say_(text) {
    this.render_();
    if (by_id('contacts').open) put_text(by_id('contacts-said'), text);
  }

  render_() {
    by_id('contacts-list').replaceChildren(...this.contacts_.list.map(one => this.row_(one)));
  }

  row_(contact) {
    const name = `${ways[contact.way] ?? contact.way} ${contact.address}`;
    const row = element('li', null, element('strong', null, name), ` ${standing_of(contact)} `);
    if (wants_code(contact)) row.append(this.code_form_(contact, name));
    if (contact.consents) {
      row.append(this.button_('Stop sending', name, () => this.contacts_.stop(contact)));
    }
    row.append(this.button_('Take it away', name, () => this.contacts_.take_away(contact)));
    return row;
  }

  button_(text, name, work) {
    const button = element('button', {type: 'button', 'aria-label': `${text}: ${name}`}, text);
    button.addEventListener('click', () => this.do_(work));
    return button;
  }

  code_form_(contact, name) {
    const typed = element('input', {
      type: 'text', inputmode: 'numeric', autocomplete: 'one-time-code', size: '6', maxlength: '6',
      'aria-label': `Code that was sent: ${name}`,
    });
    const form = element('form', null, typed, element('button', {type: 'submit'}, 'Confirm'));
    form.addEventListener('submit', event => {
      event.preventDefault();
      this.do_(() => this.contacts_.confirm(contact, typed.value));
    });
    form.append(this.button_('Send a code', name, async () =>
      await this.contacts_.send_code(contact) ?? `A code is on its way to ${contact.address}.`));
    return form;
  }
}
