/* Extras only: every page works without this file. */
(() => {
  'use strict';

  const post = (url, data, signal) =>
    fetch(url, { method: 'POST', body: data, credentials: 'same-origin', redirect: 'manual', keepalive: true, signal });

  /* Another language than Korean comes with its page. */
  const sentences = JSON.parse(document.documentElement.dataset.sentences ?? '{}');
  const told = (korean) => sentences[korean] ?? korean;

  /* Text size and contrast change at once; the server keeps them, as it does without this. */
  const displays = document.querySelectorAll('form[data-display]');
  const showDisplay = ({ name, value }) => {
    document.documentElement.dataset[name] = value;
    for (const { elements } of displays) {
      if (name === 'text') {
        for (const size of elements.namedItem('text')) size.ariaPressed = String(size.value === value);
        continue;
      }
      const contrast = elements.namedItem('contrast');
      contrast.ariaPressed = String(value === 'high');
      contrast.value = value === 'high' ? 'normal' : 'high';
    }
  };

  for (const form of displays) {
    form.addEventListener('submit', (event) => {
      const button = event.submitter;
      if (!button || button.name === 'language') return; /* another language is another page */
      event.preventDefault();
      const data = new FormData(form, button);
      showDisplay(button);
      post(form.action, data).catch(() => {});
    });
  }

  /* A half-typed form is kept: 800 ms after the last key, and when the page goes away. */
  const PAUSE_MS = 800;
  const AGAIN_MS = 15000;
  const SAVED = told('여기까지 저장했어요');
  const OFFLINE = told('인터넷이 끊겨서 이 기기에만 두었어요');
  const NOT_SENT = told(
    '인터넷이 끊겨서 보내지 못했어요. 적은 것은 이 기기에 있어요. 인터넷이 이어지면 다시 눌러 주세요.',
  );
  const BACK = told('인터넷이 이어졌어요. 이제 다시 눌러 주세요.');
  const NEWER = told('다른 기기에서 더 적으셨어요. 새로 열어 주세요.');
  const REFUSED = told('아직 저장하지 못했어요. 잠시 뒤에 다시 해 볼게요');

  /* What could not be sent is kept on this device, by person and form, until the network is back. */
  const UNSENT = 'jangteo-unsent:';
  const KEPT_MS = 14 * 24 * 3600 * 1000;
  const owner = document.documentElement.dataset.owner ?? '';

  const store = {
    put: (key, entry) => {
      try {
        localStorage.setItem(UNSENT + key, JSON.stringify({ at: Date.now(), ...entry }));
      } catch {
        /* no room, or not allowed: the page still holds it */
      }
    },
    drop: (key) => {
      try {
        localStorage.removeItem(UNSENT + key);
      } catch {
        /* not allowed: then there is nothing */
      }
    },
    /* This person's own; what is old or cannot be read is forgotten. */
    own: () => {
      const found = [];
      try {
        for (const name of Object.keys(localStorage)) {
          if (!name.startsWith(UNSENT)) continue;
          const key = name.slice(UNSENT.length);
          try {
            const entry = JSON.parse(localStorage.getItem(name));
            if (Date.now() - entry.at > KEPT_MS) store.drop(key);
            else if (!owner || key.startsWith(`${owner}:`)) found.push([key, entry]);
          } catch {
            store.drop(key);
          }
        }
      } catch {
        /* storage is not allowed */
      }
      return found;
    },
  };

  const keepDraft = (form) => {
    const status = form.querySelector('[data-autosave-status]');
    const notSent = document.createElement('p');
    notSent.className = 'notice notice--warn';
    notSent.setAttribute('role', 'alert');
    const key = `${form.dataset.owner}:${form.dataset.autosave}`;
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
    const keepHere = (sending = false) => {
      const fields = [...draft()].filter(([name]) => name !== 'csrf_token');
      store.put(key, { url: form.dataset.autosave, fields, sending });
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
        if (answer.ok) {
          remember(answer);
          store.drop(key);
        } else words = answer.status === 409 ? NEWER : REFUSED;
      } catch {
        words = OFFLINE;
      }
      saving = false;
      if (mine !== turn) return;
      if (dirty) timer = setTimeout(save, PAUSE_MS); /* typed meanwhile */
      if (words !== SAVED) {
        dirty = true;
        keepHere();
      }
      if (words === REFUSED) timer = setTimeout(save, AGAIN_MS);
      say(words);
    };
    form.addEventListener('input', () => {
      dirty = true;
      clearTimeout(timer);
      timer = setTimeout(save, PAUSE_MS);
    });
    form.addEventListener('submit', (event) => {
      clearTimeout(timer);
      if (!navigator.onLine) {
        event.preventDefault();
        keepHere();
        say(OFFLINE);
        const button = event.submitter ?? form.lastElementChild;
        (button.closest('.actions') ?? button).before(notSent); /* a press is answered where it was made */
        notSent.textContent = NOT_SENT;
        notSent.scrollIntoView({ block: 'nearest' });
        return;
      }
      keepHere(true); /* forgotten by the page that answers */
      dirty = false;
      turn++;
      request.abort(); /* a draft must not arrive after what was sent */
    });
    addEventListener('online', () => {
      notSent.textContent = BACK;
      dirty = dirty || store.own().some(([kept]) => kept === key);
      save();
    });
    addEventListener('pagehide', save);
  };

  document.querySelectorAll('form[data-autosave]').forEach(keepDraft);

  /* What waits is sent as a draft by any page of the same person, with that page's own token. */
  const waitingNotice = (words) => {
    const place = document.querySelector('[data-unsent]') ?? document.createElement('p');
    place.setAttribute('role', 'status');
    place.className = 'notice notice--info';
    place.textContent = words;
    if (!place.isConnected) document.querySelector('main')?.prepend(place);
  };

  /* A page of the portal itself answered: what was on its way has come. Without one it has not. */
  const token = document.querySelector('[name=csrf_token]')?.value;
  for (const [key, entry] of store.own()) {
    if (!entry.sending) continue;
    if (token) store.drop(key);
    else store.put(key, { ...entry, sending: false });
  }

  const sendWaiting = async () => {
    const waiting = store.own().filter(([, entry]) => !entry.sending && !entry.newer);
    if (!waiting.length) return;
    if (!token || !navigator.onLine) {
      waitingNotice(told('이 기기에만 있는 답이 %(count)s개 있어요. 인터넷이 이어지면 저장해 드려요.').replace('%(count)s', waiting.length));
      return;
    }
    let sent = 0;
    for (const [key, entry] of waiting) {
      if (document.querySelector(`form[data-autosave="${CSS.escape(entry.url)}"]`)) continue; /* its own form sends it */
      const data = new FormData();
      for (const [name, value] of entry.fields) data.append(name, value);
      data.append('owner', key.split(':')[0]);
      data.append('csrf_token', token);
      try {
        const answer = await post(entry.url, data);
        if (answer.ok || answer.status === 404) store.drop(key);
        if (answer.status === 409) store.put(key, { ...entry, newer: true }); /* offered by its form */
        if (answer.ok) sent++;
      } catch {
        return;
      }
    }
    if (sent) waitingNotice(told('인터넷이 끊겼을 때 적은 답을 저장했어요. 그 단계에서 이어서 하시면 돼요.'));
  };

  /* A form that was left without a network gets back what was typed in it; where it was written on elsewhere
     since, what was typed here is offered and nothing is replaced. */
  const fillIn = (form, entry) => {
    const given = new Map(entry.fields);
    for (const control of form.elements) {
      if (!control.name || ['hidden', 'submit', 'file', 'button'].includes(control.type)) continue;
      if (['checkbox', 'radio'].includes(control.type)) control.checked = given.get(control.name) === control.value;
      else if (given.has(control.name)) control.value = given.get(control.name);
    }
    form.dispatchEvent(new Event('input'));
  };

  for (const form of document.querySelectorAll('form[data-autosave]')) {
    const key = `${form.dataset.owner}:${form.dataset.autosave}`;
    const [, entry] = store.own().find(([kept]) => kept === key) ?? [];
    if (!entry) continue;
    const stands = new Map(new FormData(form));
    const hidden = ['number', 'seen', 'hints', 'do', 'form_key', 'kept_photo', 'csrf_token'];
    if (entry.fields.every(([name, value]) => hidden.includes(name) || stands.get(name) === value)) {
      store.drop(key);
      continue;
    }
    const given = new Map(entry.fields);
    if (given.get('number') === stands.get('number') && given.get('seen') === stands.get('seen')) {
      fillIn(form, entry);
      continue;
    }
    const offer = document.createElement('div');
    offer.className = 'notice notice--info';
    const words = document.createElement('p');
    words.textContent = told('인터넷이 끊겼을 때 이 기기에서 적던 답이 있어요.');
    const button = document.createElement('button');
    button.type = 'button';
    button.className = 'button button--line';
    button.textContent = told('적던 답 다시 넣기');
    button.addEventListener('click', () => {
      store.drop(key);
      offer.remove();
      fillIn(form, entry);
    });
    offer.append(words, button);
    form.before(offer);
  }

  sendWaiting();
  addEventListener('online', sendWaiting);

  /* Lessons of the current course stay readable without a network. */
  if ('serviceWorker' in navigator) {
    const list = document.querySelector('[data-keep]')?.dataset.keep;
    navigator.serviceWorker
      .register('/sw.js')
      .then(() => navigator.serviceWorker.ready)
      .then((registration) => list && registration.active.postMessage({ keep: list }))
      .catch(() => {});
  }

  const listKept = async (section) => {
    const cache = await caches.open('lessons');
    for (const request of await cache.keys()) {
      const text = await (await cache.match(request)).text();
      const title = new DOMParser().parseFromString(text, 'text/html').querySelector('h1');
      const link = document.createElement('a');
      link.className = 'rows__link';
      link.href = new URL(request.url).pathname.replace(/read$/, '');
      link.textContent = title.textContent;
      const item = document.createElement('li');
      item.className = 'rows__item';
      item.append(link);
      section.querySelector('[data-kept-list]').append(item);
      section.hidden = false;
    }
  };
  const keptSection = document.querySelector('[data-kept]');
  if (keptSection && 'caches' in window) listKept(keptSection).catch(() => {});

  /* Reads a step aloud, a sentence at a time: long pieces stop in Chrome. */
  const SLOW = 0.75;
  const NO_VOICE = told('이 기기에 한국어 목소리가 없어요. 휴대전화 설정에서 ‘글자 읽어 주기’를 켜 주세요.');

  const makeButton = (label, press) => {
    const button = document.createElement('button');
    button.type = 'button';
    button.className = 'button button--soft';
    button.textContent = label;
    button.addEventListener('click', press);
    return button;
  };

  const readAloud = (text) => {
    const status = document.createElement('p');
    status.setAttribute('role', 'status');
    status.className = 'autosave';
    const spoken = text.closest('[lang]').lang;
    const speak = (rate) => {
      const voice = speechSynthesis.getVoices().find(({ lang }) => lang.startsWith(spoken));
      speechSynthesis.cancel();
      if (!voice) {
        status.textContent = NO_VOICE;
        return;
      }
      status.textContent = '';
      const words = [...text.querySelectorAll('p, li, h3, dt, dd, th, td, svg[aria-label]')].map(
        (part) => part.getAttribute('aria-label') ?? part.textContent,
      );
      for (const sentence of words.flatMap((part) => part.match(/[^.!?]+[.!?]*/g) ?? [])) {
        if (!sentence.trim()) continue;
        const piece = new SpeechSynthesisUtterance(sentence.trim());
        Object.assign(piece, { voice, lang: voice.lang, rate });
        speechSynthesis.speak(piece);
      }
    };
    const bar = document.createElement('div');
    bar.className = 'actions';
    bar.append(
      makeButton(told('소리로 듣기'), () => speak(1)),
      makeButton(told('천천히 듣기'), () => speak(SLOW)),
      makeButton(told('멈추기'), () => speechSynthesis.cancel()),
    );
    text.before(bar, status);
  };
  if ('speechSynthesis' in window) {
    document.querySelectorAll('[data-read-aloud]').forEach(readAloud);
    addEventListener('pagehide', () => speechSynthesis.cancel());
  }

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
