// The guide on a phone: cards in place of a table, and a search that heeds what is pasted.
'use strict';
const assert = require('node:assert');
const fs = require('node:fs');
const { after, before, test } = require('node:test');
const { FORMS, assertAccessible, assertFits, launch, open, unfold } = require('./browser');
const { serve } = require('./serve');

const BOOK = 'target/guide/book';
const PHONE = FORMS[0];
const ADDRESS = 'https://acme.auth.eu-west-1.amazoncognito.com/error?error=redirect_mismatch&client_id=4qk2v9s7m1n3b5c8d0f6g7h2u1';
const skip = fs.existsSync(`${BOOK}/index.html`) ? false : 'the guide is not built';

let browser;
let server;
before(async () => { browser = await launch(); server = await serve(BOOK); });
after(async () => { await browser.close(); server.close(); });

/** A page of the guide, with the search open. */
async function search() {
  const page = await open(browser, PHONE);
  await page.goto(`${server.address}/troubleshooting.html`);
  await page.locator('#mdbook-search-toggle').click();
  return page;
}

const first = (page) => page.locator('#mdbook-searchresults a').first();

/** Pastes as a long press does: no key is pressed. */
const paste = (page, text) => page.evaluate((text) => {
  const data = new DataTransfer();
  data.setData('text', text);
  const bar = document.getElementById('mdbook-searchbar');
  bar.focus();
  bar.dispatchEvent(new ClipboardEvent('paste', { clipboardData: data, bubbles: true, cancelable: true }));
}, text);

test('what was seen stands on cards that fit a phone', { skip }, async () => {
  for (const form of FORMS) {
    const page = await open(browser, form);
    await page.goto(`${server.address}/troubleshooting.html`);
    assert.ok(await page.locator('details.symptoms').count() > 5);
    await unfold(page);
    await assertFits(page, `${form.width} ${form.scheme}`);
    const card = page.locator('details.symptoms li', { hasText: '/error?error=redirect_mismatch' }).first();
    const [text, link] = [card.locator('code'), card.locator('a').first()];
    assert.strictEqual(await link.textContent(), 'callback-not-registered');
    const [above, below] = [await text.boundingBox(), await link.boundingBox()];
    assert.ok(below.y >= above.y + above.height - 1 && below.x + below.width <= form.width, 'the rule stands below its text');
    await page.context().close();
  }
});

test('the cards are read aloud and by keyboard', { skip }, async () => {
  const page = await open(browser, PHONE, { bypassCSP: true });
  await page.goto(`${server.address}/troubleshooting.html`);
  await page.evaluate(() => { document.body.replaceChildren(...document.querySelectorAll('details.symptoms')); });
  await unfold(page);
  // The sheet around the cards is mdBook's: its landmarks and its colours are not ours.
  await assertAccessible(page, 'cards', ['region', 'page-has-heading-one', 'color-contrast', 'landmark-one-main', 'bypass']);
});

test('a whole address that is pasted leads to its rule', { skip }, async () => {
  const page = await search();
  await paste(page, ADDRESS);
  await first(page).waitFor();
  assert.match(await first(page).getAttribute('href'), /rules\/callback-not-registered\.html/);
  assert.strictEqual(await page.locator('#mdbook-searchbar').inputValue(), 'redirect_mismatch');
});

test('what came without a key is searched', { skip }, async () => {
  const page = await search();
  await page.locator('#mdbook-searchbar').fill('cryptutil: got 0 bytes');
  await first(page).waitFor();
  assert.ok(await page.locator('#mdbook-searchresults a').count() > 0);
});

test('a line of a log is searched by its error', { skip }, async () => {
  const page = await search();
  await paste(page, '{"level":"error","error":"oauth2: \\"invalid_client\\" \\"invalid_client_secret\\"","message":"callback failed"}');
  await first(page).waitFor();
  assert.strictEqual(await page.locator('#mdbook-searchbar').inputValue(), 'oauth2: "invalid_client" "invalid_client_secret"');
});
