/* Keeps the lessons of the current course readable without a network. Holds no page with anybody's name in it. */
'use strict';

const SHELL = {{ version|tojson }};
const SHELL_FILES = {{ files|tojson }};
const OFFLINE = {{ offline|tojson }};
const LESSONS = 'lessons';
const LESSON = /^\/courses\/[a-z0-9-]+\/[a-z0-9-]+\/$/;

addEventListener('install', (event) => {
  event.waitUntil(caches.open(SHELL).then((cache) => cache.addAll(SHELL_FILES)).then(() => self.skipWaiting()));
});

addEventListener('activate', (event) => {
  const old = (names) => names.filter((name) => name !== SHELL && name !== LESSONS);
  event.waitUntil(
    caches
      .keys()
      .then((names) => Promise.all(old(names).map((name) => caches.delete(name))))
      .then(() => self.clients.claim()),
  );
});

/* A page of a course names its list: fetch what is new in it, and forget the lessons of another course. */
const keep = async (list) => {
  const answer = await fetch(list);
  if (!answer.ok) return;
  const wanted = (await answer.json()).pages;
  const cache = await caches.open(LESSONS);
  for (const request of await cache.keys()) {
    const { pathname, search } = new URL(request.url);
    if (!wanted.includes(pathname + search)) await cache.delete(request);
  }
  for (const page of wanted) {
    if (!(await cache.match(page))) await cache.add(page);
  }
};

addEventListener('message', (event) => {
  if (event.data?.keep) event.waitUntil(keep(event.data.keep).catch(() => {}));
});

const kept = async (url) => {
  if (LESSON.test(url.pathname)) {
    const lesson = await (await caches.open(LESSONS)).match(`${url.pathname}read`, { ignoreSearch: true });
    if (lesson) return lesson;
  }
  return caches.match(OFFLINE);
};

addEventListener('fetch', (event) => {
  const { request } = event;
  const url = new URL(request.url);
  if (url.origin !== location.origin) return;
  const isReading = request.method === 'GET';
  if (request.mode === 'navigate') {
    event.respondWith(fetch(request).catch(() => (isReading ? kept(url) : caches.match(OFFLINE))));
  } else if (SHELL_FILES.includes(url.pathname + url.search)) {
    event.respondWith(caches.match(request).then((hit) => hit ?? fetch(request)));
  }
});
