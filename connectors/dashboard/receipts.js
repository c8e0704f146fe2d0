// What a person acknowledges. It is said to be done only when the engine has it on its disk, so it
// goes by a request of its own, which is answered then; the stream's receipts are not.

const address = '/v1/receipts';

/** Null once it is kept, or a sentence about why not. `ask(path, options)` is a bounded fetch. */
export async function acknowledge(ask, seq, answer) {
  const receipt = {type: 'receipt', seq, state: 'acknowledged', ...(answer === '' ? {} : {answer})};
  try {
    const said = await ask(address, {method: 'POST', body: JSON.stringify(receipt)});
    if (said.status === 204) return null;
    if (said.status === 401) return why_not('This browser is signed in no longer. Sign in again.');
    return why_not(await detail_of(said) ?? 'The engine refused it. Try again.');
  } catch {
    return why_not('The engine did not answer. Try again.');
  }
}

const why_not = sentence => `Not acknowledged: ${sentence}`;

async function detail_of(said) {
  try {
    return (await said.json()).detail ?? null;
  } catch {
    return null;
  }
}
