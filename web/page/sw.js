// Keeps the page for a reload without a network. It asks for the page's own files and for nothing else, and hears no messages: what is pasted
// never comes here.
'use strict';
const FILES = ['index.html', 'page.css', 'engine.js', 'names.js', 'page.js'];
const kept = () => caches.open('see');

self.addEventListener('install', (event) => event.waitUntil(kept().then((all) => all.addAll(FILES))));
self.addEventListener('fetch', (event) => {
  const name = new URL(event.request.url).pathname.split('/').pop() || FILES[0];
  if (event.request.method !== 'GET' || !FILES.includes(name)) return;
  // The newest, as long as it can be had.
  event.respondWith(fetch(event.request).then(async (answer) => {
    if (answer.ok) await (await kept()).put(name, answer.clone());
    return answer;
  }, async (error) => (await (await kept()).match(name)) || Promise.reject(error)));
});
