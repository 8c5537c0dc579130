/* Extras only: every page works without this file. */
(() => {
  'use strict';

  const post = (url, data, signal) =>
    fetch(url, { method: 'POST', body: data, credentials: 'same-origin', redirect: 'manual', keepalive: true, signal });

  /* Text size and contrast change at once; the server keeps them, as it does without this. */
  const showDisplay = (form, button) => {
    const root = document.documentElement;
    if (button.name === 'text') {
      root.dataset.text = button.value;
      for (const other of form.elements.namedItem('text')) other.ariaPressed = String(other === button);
      return;
    }
    const high = button.value === 'high';
    root.dataset.contrast = button.value;
    button.ariaPressed = String(high);
    button.value = high ? 'normal' : 'high';
  };

  for (const form of document.querySelectorAll('form[data-display]')) {
    form.addEventListener('submit', (event) => {
      const button = event.submitter;
      if (!button) return;
      event.preventDefault();
      const data = new FormData(form, button);
      showDisplay(form, button);
      post(form.action, data).catch(() => {});
    });
  }

  /* A half-typed form is kept: 800 ms after the last key, and when the page goes away. */
  const PAUSE_MS = 800;
  const SAVED = '여기까지 저장했어요';
  const OFFLINE = '인터넷이 끊겨 아직 저장하지 못했어요';
  const NEWER = '다른 기기에서 더 적으셨어요. 새로 열어 주세요.';
  const REFUSED = '아직 저장하지 못했어요. 잠시 뒤에 다시 해 볼게요';

  const keepDraft = (form) => {
    const status = form.querySelector('[data-autosave-status]');
    let timer = 0;
    let turn = 0;
    let dirty = false;
    let saving = false;
    let request = new AbortController();
    const say = (words) => {
      if (status && status.textContent !== words) status.textContent = words;
    };
    const draft = () => {
      const data = new FormData(form);
      for (const input of form.querySelectorAll('[type=password], [type=file]')) data.delete(input.name);
      return data;
    };
    /* The next draft says which one the page knows, or it would look like one from another device. */
    const remember = (answer) => {
      const seen = form.elements.namedItem('seen');
      const kept = answer.headers.get('X-Draft-Seen');
      if (seen && kept) seen.value = kept;
    };
    const save = async () => {
      clearTimeout(timer);
      if (!dirty || saving) return;
      dirty = false;
      saving = true;
      const mine = turn;
      request = new AbortController();
      let words = SAVED;
      try {
        const answer = await post(form.dataset.autosave, draft(), request.signal);
        if (answer.ok) remember(answer);
        else words = answer.status === 409 ? NEWER : REFUSED;
      } catch {
        words = OFFLINE;
      }
      saving = false;
      if (mine !== turn) return;
      if (dirty) timer = setTimeout(save, PAUSE_MS); /* typed meanwhile */
      if (words !== SAVED) dirty = true;
      say(words);
    };
    form.addEventListener('input', () => {
      dirty = true;
      clearTimeout(timer);
      timer = setTimeout(save, PAUSE_MS);
    });
    form.addEventListener('submit', () => {
      clearTimeout(timer);
      dirty = false;
      turn++;
      request.abort(); /* a draft must not arrive after what was sent */
    });
    addEventListener('online', save);
    addEventListener('pagehide', save);
  };

  document.querySelectorAll('form[data-autosave]').forEach(keepDraft);

  /* A second press sends nothing. The button stays enabled, so that its name and value are sent. */
  const RELEASE_MS = 10000; /* a download leaves the page standing */

  const release = (form) => {
    delete form.dataset.sent;
    for (const button of form.querySelectorAll('button[aria-disabled]')) button.removeAttribute('aria-disabled');
  };

  document.addEventListener('submit', (event) => {
    const form = event.target;
    if (event.defaultPrevented || !form.matches('form[data-once]')) return;
    if (form.dataset.sent) {
      event.preventDefault();
      return;
    }
    form.dataset.sent = 'yes';
    event.submitter?.setAttribute('aria-disabled', 'true');
    setTimeout(release, RELEASE_MS, form);
  });

  addEventListener('pageshow', () => document.querySelectorAll('form[data-sent]').forEach(release));

  /* What is wrong in a form is read first. */
  document.querySelector('[role=alert][tabindex="-1"]')?.focus();
})();
