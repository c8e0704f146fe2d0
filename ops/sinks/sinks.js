// Asks each second what has come since, and puts it on top. What a message says is text: none of it
// is ever read as HTML.
const ROWS_MAX = 500;
const rows = document.getElementById('messages');
const state = document.getElementById('state');
let last = 0, count = 0;

const WAYS = { sms: 'SMS', email: 'E-mail' };

function cell(text, kind) {
  const made = document.createElement('td');
  if (kind) made.className = kind;
  made.textContent = text;
  return made;
}

function row({ at, way, to, subject, text }) {
  const made = document.createElement('tr');
  const when = new Date(at).toLocaleTimeString('en-GB');
  const words = cell(text, 'text');
  if (subject) {
    const title = document.createElement('strong');
    title.textContent = subject;
    words.prepend(title);
  }
  made.append(cell(when), cell(WAYS[way] ?? way), cell(to), words);
  return made;
}

function say(text, away = false) {
  if (state.textContent !== text) state.textContent = text;
  state.classList.toggle('away', away);
}

async function look() {
  try {
    const answer = await fetch(`messages?after=${last}`);
    const told = await answer.json();
    if (told.last < last) {  // it was started anew
      rows.replaceChildren();
      last = count = 0;
      return;
    }
    for (const message of told.messages) rows.prepend(row(message));
    while (rows.children.length > ROWS_MAX) rows.lastChild.remove();
    count += told.messages.length;
    last = told.last;
    say(count === 0 ? 'Nothing yet. Send an alert; messages leave where nobody acknowledges it.'
      : `${count} ${count === 1 ? 'message' : 'messages'} so far.`);
  } catch {
    say('Not connected: the demo has ended. This list may be out of date.', true);
  }
}

look();
setInterval(look, 1000);
