// What the page does: takes a text, has it judged beside the page so that this never hangs, and shows the answer as a terminal does, with
// the names of rules leading to their pages. Nothing is sent, kept, or put into the address: what is pasted may hold secrets.
(() => {
  'use strict';
  const MOST = 16 * 1024 * 1024;
  const LONGEST_WAIT = 60000;
  const get = (id) => document.getElementById(id);
  const state = (words) => { get('state').textContent = words; };

  /** What runs beside the page. It is given the engine and texts, and gives answers. */
  function work() {
    let engine;
    // What the engine would ask a browser for is the time and chance, and of neither it makes use.
    const refuse = new Proxy({}, { get: (_, name) => () => { throw new Error(`${String(name)} is not to be had here`); } });
    const imports = (module) => Object.fromEntries(WebAssembly.Module.imports(module).map(({ module }) => [module, refuse]));
    const ask = (what, bytes, now, columns) => {
      const { memory, reserve, answer } = engine.exports;
      const place = reserve(bytes.length);
      new Uint8Array(memory.buffer).set(bytes, place);
      const length = engine.exports[what](now, columns);
      return JSON.parse(new TextDecoder().decode(new Uint8Array(memory.buffer, answer(), length)));
    };
    self.onmessage = async ({ data: { module, bytes, now, columns } }) => {
      try {
        if (module) {
          engine = await WebAssembly.instantiate(module, imports(module));
          return;
        }
        self.postMessage({ told: ask('check', bytes, now, columns) || ask('diagnose', bytes, now, columns) });
      } catch (error) {
        self.postMessage({ error: String(error) });
      }
    };
  }

  let module;
  let worker;
  let waiting;

  function start() {
    worker = new Worker(URL.createObjectURL(new Blob([`(${work})()`], { type: 'text/javascript' })));
    worker.onmessage = ({ data }) => { clearTimeout(waiting); show(data); };
    worker.onerror = () => { clearTimeout(waiting); show({ error: 'it ended' }); };
    worker.postMessage({ module });
  }

  function restart() {
    worker.terminate();
    start();
  }

  function judge(bytes) {
    get('answer').hidden = true;
    if (bytes.length === 0) { state('There is nothing to read yet: paste what you see.'); return; }
    if (bytes.length > MOST) {
      state('That is more than 16 MiB. Take the lines around the failure; or on a terminal: pomlint diagnose FILE reads any length.');
      return;
    }
    if (isBinary(bytes)) {
      state('That is no text. Save the log or the page as text, and drop that.');
      return;
    }
    state('Reading …');
    clearTimeout(waiting);
    waiting = setTimeout(() => {
      restart();
      state('That took more than a minute, and was given up. Take fewer lines; or on a terminal: pomlint diagnose FILE.');
    }, LONGEST_WAIT);
    const columns = Math.max(40, Math.min(100, Math.floor((get('form').clientWidth - 26) / 8.5)));
    worker.postMessage({ bytes, now: Date.now() / 1000, columns });
  }

  /** A NUL in a text that is not UTF-16, and is not packed: an image, a program. */
  function isBinary(bytes) {
    const [one, two] = bytes;
    const isKnown = (one === 0x1f && two === 0x8b) || (one === 0xff && two === 0xfe) || (one === 0xfe && two === 0xff);
    return !isKnown && bytes.subarray(0, 65536).includes(0);
  }

  /** Puts the words onto the page, as text; names of rules and causes lead to their pages. */
  function show({ told, error }) {
    if (error || told.error) {
      state(told ? `It cannot be read: ${told.error}.` : 'It could not be read here. On a terminal, pomlint diagnose may say more.');
      restart();
      return;
    }
    const words = get('words');
    words.replaceChildren();
    let rest = told.text.trimEnd();
    for (const found of rest.matchAll(/[a-z][a-z0-9]*(?:-[a-z0-9]+)+/g)) {
      const folder = NAMES[found[0]];
      if (!folder) continue;
      const at = found.index - (told.text.trimEnd().length - rest.length);
      const link = document.createElement('a');
      link.href = `../${folder}/${found[0]}.html`;
      link.textContent = found[0];
      words.append(rest.slice(0, at), link);
      rest = rest.slice(at + found[0].length);
    }
    words.append(rest);
    const isConfig = Boolean(told.answer.reports);
    get('next').textContent = isConfig
      ? 'Nobody was asked. On a terminal, pomlint check asks the pool itself.'
      : 'Nobody was asked. On a terminal, pomlint diagnose with the configuration behind it asks the pool itself.';
    get('answer').hidden = false;
    state('');
    get('answer').focus({ preventScroll: true });
    get('answer').scrollIntoView({ block: 'start' });
  }

  async function file(chosen) {
    if (!chosen) return;
    if (chosen.size > MOST) { judge({ length: chosen.size }); return; }
    try {
      judge(new Uint8Array(await chosen.arrayBuffer()));
    } catch {
      state('That cannot be read: drop a file, not a folder.');
    }
  }

  function listen() {
    get('form').addEventListener('submit', (event) => {
      event.preventDefault();
      judge(new TextEncoder().encode(get('text').value));
    });
    get('text').addEventListener('paste', () => setTimeout(() => judge(new TextEncoder().encode(get('text').value))));
    get('text').addEventListener('keydown', (event) => {
      if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) get('form').requestSubmit();
    });
    get('file').addEventListener('change', (event) => file(event.target.files[0]));
    document.addEventListener('dragover', (event) => { event.preventDefault(); document.body.classList.add('over'); });
    document.addEventListener('dragleave', () => document.body.classList.remove('over'));
    document.addEventListener('drop', (event) => {
      event.preventDefault();
      document.body.classList.remove('over');
      file(event.dataTransfer.files[0]);
    });
  }

  /** Keeps the page for a reload without a network, where the browser lets it: once that is done, nothing more is asked for. */
  async function keep() {
    try {
      const { installing } = await navigator.serviceWorker.register('sw.js');
      await new Promise((done) => {
        if (!installing) done();
        else installing.addEventListener('statechange', ({ target }) => { if (target.state !== 'installing') done(); });
      });
    } catch { /* Opened as a file, or by a browser that keeps nothing: then it needs the network again. */ }
  }

  async function begin() {
    get('form').addEventListener('submit', (event) => event.preventDefault());
    if (typeof WebAssembly !== 'object') {
      state('This browser cannot run what judges: it has no WebAssembly. Another browser, or on a terminal pomlint diagnose, says it.');
      return;
    }
    if (typeof ENGINE !== 'string') {
      state('What judges did not come with this page. On a terminal, pomlint diagnose says it; or look it up under “A login that fails” in the guide.');
      return;
    }
    module = await WebAssembly.compile(Uint8Array.from(atob(ENGINE), (letter) => letter.charCodeAt(0)));
    start();
    listen();
    if (get('text').value) judge(new TextEncoder().encode(get('text').value));
    await keep();
    get('form').dataset.ready = 'yes';
  }

  begin().catch(() => state('What judges cannot run in this browser. On a terminal, pomlint diagnose says it.'));
})();
