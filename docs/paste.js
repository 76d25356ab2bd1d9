// The search of the guide heeds what is pasted. mdBook listens to keys alone, and a long press on a phone sends none; and of a whole
// address, only what it says is wrong tells anything.
(() => {
  'use strict';
  const LONGEST = 200;

  /** The part of a text that tells what is wrong: the error of an address or a line of a log, else the text. */
  function telling(text) {
    const address = text.match(/[?#&](\S+)/);
    if (address) {
      const parameters = new URLSearchParams(address[1].replace(/#/g, '&'));
      const said = ['error', 'errorMessage', 'error_description'].map((name) => parameters.get(name)).filter(Boolean);
      if (said.length > 0) return said.join(' ');
    }
    const logged = text.match(/"(?:error|err)"\s*:\s*"((?:[^"\\]|\\.)*)"/);
    if (logged) return logged[1].replace(/\\(.)/g, '$1');
    return text.trim().replace(/\s+/g, ' ');
  }

  function listen(bar) {
    bar.addEventListener('paste', (event) => {
      const pasted = event.clipboardData && event.clipboardData.getData('text');
      if (!pasted) return;
      event.preventDefault();
      bar.setRangeText(telling(pasted).slice(0, LONGEST), bar.selectionStart, bar.selectionEnd, 'end');
      bar.dispatchEvent(new Event('input', { bubbles: true }));
    });
    // What came without a key is searched all the same.
    bar.addEventListener('input', () => bar.dispatchEvent(new KeyboardEvent('keyup', { bubbles: true })));
  }

  const bar = document.getElementById('mdbook-searchbar') || document.getElementById('searchbar');
  if (bar) listen(bar);
})();
