// Asking again and again, cheaply: with the ETag of what is known, so that "nothing new" is an empty 304.

import * as api from "./api.js";

// Calls `changed(body, etag)` with what is new; `failed(refusal)` when there was no answer. Answers with a function that
// ends it. A page that nobody looks at does not ask.
export function poll(path, { seconds, etag = null, changed, failed = () => {} }) {
  let known = etag;
  let timer = null;
  let failures = 0;
  const ended = new AbortController();

  async function ask() {
    clearTimeout(timer);
    if (!document.hidden) {
      try {
        const answer = await api.get(path, { etag: known, quietly: true, signal: ended.signal });
        failures = 0;
        if (answer.status === 200) {
          known = answer.etag;
          changed(answer.body, answer.etag);
        }
      } catch (refusal) {
        failures += 1;
        if (!ended.signal.aborted) {
          failed(refusal);
        }
      }
    }
    if (!ended.signal.aborted) {
      clearTimeout(timer);
      timer = setTimeout(ask, Math.min(seconds * 2 ** failures, 60) * 1_000);
    }
  }

  const look = () => document.hidden || ask();
  document.addEventListener("visibilitychange", look, { signal: ended.signal });
  window.addEventListener("online", look, { signal: ended.signal });
  timer = setTimeout(ask, etag === null ? 0 : seconds * 1_000);
  return () => {
    ended.abort();
    clearTimeout(timer);
  };
}
