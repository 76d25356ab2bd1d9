// The page "What do you see?": in Node, the engine says what the program says; in Chromium, the page is used as on a phone.
'use strict';
const assert = require('node:assert');
const { spawnSync } = require('node:child_process');
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const { after, before, test } = require('node:test');
const { FORMS, assertAccessible, assertFits, launch, open } = require('./browser');
const { serve } = require('./serve');

const BOOK = 'target/guide/book';
const ENGINE = `${BOOK}/see/engine.js`;
const POMLINT = path.resolve(process.env.POMLINT || 'target/debug/pomlint');
const PHONE = FORMS[0];
const ADDRESS = 'https://acme.auth.eu-west-1.amazoncognito.com/error?error=redirect_mismatch&client_id=4qk2v9s7m1n3b5c8d0f6g7h2u1';
const skip = fs.existsSync(ENGINE) ? false : 'the page is not built';

/** The engine, as the page has it. */
async function engine() {
  const [, packed] = fs.readFileSync(ENGINE, 'utf8').split('"');
  const module = await WebAssembly.compile(Buffer.from(packed, 'base64'));
  const refuse = new Proxy({}, { get: (_, name) => () => { throw new Error(String(name)); } });
  const imports = Object.fromEntries(WebAssembly.Module.imports(module).map(({ module }) => [module, refuse]));
  const { exports } = await WebAssembly.instantiate(module, imports);
  return (what, text) => {
    const bytes = new TextEncoder().encode(text);
    const place = exports.reserve(bytes.length);
    new Uint8Array(exports.memory.buffer).set(bytes, place);
    const length = exports[what](Date.now() / 1000, 80);
    return JSON.parse(new TextDecoder().decode(new Uint8Array(exports.memory.buffer, exports.answer(), length)));
  };
}

/** What the program says of a text. */
function said(args, input) {
  const ran = spawnSync(POMLINT, [...args, '--offline', '--format', 'json'], { input, encoding: 'utf8', maxBuffer: 1 << 28 });
  return { exit: ran.status, answer: JSON.parse(ran.stdout) };
}

const lines = fs.readFileSync('fixtures/symptoms.txt', 'utf8').split('\n').filter((line) => line.includes('\t'))
  .map((line) => line.split('\t')).map(([wanted, text]) => ({ wanted: wanted.split(' '), text: text.replaceAll('⏎', '\n') }));

test('the engine names each symptom as it must', { skip }, async () => {
  const tell = await engine();
  const wrong = [];
  for (const { wanted: [name, strength], text } of lines) {
    const names = tell('diagnose', text).answer.names;
    const found = names.find((named) => named.name === name);
    const isRight = name === 'nothing' ? names.length === 0 : found && found.strength === (strength === 'said' ? 'possible' : strength);
    if (!isRight) wrong.push(`${name} ${strength}: ${text}`);
  }
  assert.ok(lines.length > 200);
  assert.deepStrictEqual(wrong, []);
});

test('the engine says of a paste what the program says, whole', { skip }, async () => {
  const tell = await engine();
  for (const { text } of lines.filter((_, number) => number % 12 === 0)) {
    const { exit, answer } = tell('diagnose', text);
    assert.deepStrictEqual({ exit, answer }, said(['diagnose', '-'], text), text);
  }
});

/** What was found, and where. */
const findings = (answer) => answer.reports.flatMap((report) => report.verdicts.flatMap((verdict) =>
  [verdict.rule, verdict.verdict, ...verdict.findings.map((finding) => [finding.title, finding.message, finding.start, finding.end])]));

test('the engine finds in a configuration what the program finds, at the same places', { skip }, async () => {
  const tell = await engine();
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'pomlint-'));
  const cases = JSON.parse(fs.readFileSync('fixtures/oracle/cases.json', 'utf8'));
  const isAlone = (one) => one.file === 'config.yaml' && !Object.keys(one.environment || {}).length && !Object.keys(one.other_files || {}).length;
  const texts = cases.filter(isAlone).map((one) => one.text).filter((_, number) => number % 4 === 0);
  texts.push(fs.readFileSync('fixtures/configs/healthy.yaml', 'utf8'), fs.readFileSync('fixtures/configs/demo.yaml', 'utf8'));
  let compared = 0;
  for (const text of texts) {
    const told = tell('check', text);
    if (!told) continue;
    const file = path.join(folder, 'pasted.yaml');
    fs.writeFileSync(file, text);
    const { exit, answer } = said(['check', file]);
    assert.deepStrictEqual([told.exit, findings(told.answer)], [exit, findings(answer)], text);
    compared += 1;
  }
  fs.rmSync(folder, { recursive: true });
  assert.ok(compared > 5, `${compared} configurations`);
});

let browser;
let server;
before(async () => { browser = await launch(); server = await serve(BOOK); });
after(async () => { await browser.close(); server.close(); });

/** The page, ready, with nobody behind it any more: whatever it asks for now is told. */
async function see(form = PHONE, options = {}) {
  const page = await open(browser, form, options);
  await page.goto(`${server.address}/see/index.html`);
  await page.locator('form[data-ready]').waitFor({ timeout: 60000 });
  await page.context().setOffline(true);
  page.requested.length = 0;
  return page;
}

/** Nothing was asked for, but what the page has itself. */
const assertQuiet = (page) => assert.deepStrictEqual(
  [page.requested.filter((address) => !address.startsWith('blob:')), page.complaints], [[], []]);
const words = (page) => page.locator('#words');
const told = async (page) => { await page.locator('#answer').waitFor({ timeout: 60000 }); return words(page).innerText(); };

test('an address is pasted by keyboard, and the rule has its page', { skip }, async () => {
  const page = await see();
  await page.keyboard.insertText(ADDRESS);
  await page.keyboard.press('Control+Enter');
  assert.match(await told(page), /^Certain, by Cognito's error page/);
  const link = words(page).locator('a', { hasText: 'callback-not-registered' }).first();
  assert.ok(fs.existsSync(path.join(BOOK, 'see', await link.getAttribute('href'))));
  assertQuiet(page);
});

test('a touch is enough, and a configuration is judged', { skip }, async () => {
  const page = await see(PHONE, { hasTouch: true, isMobile: true });
  await page.locator('#text').fill(fs.readFileSync('fixtures/configs/healthy.yaml', 'utf8').replace('idp_provider: cognito', 'idp_provider: okta'));
  await page.locator('button').tap();
  assert.match(await told(page), /scope-unsupported/);
  await assertFits(page, 'the answer');
  assertQuiet(page);
});

test('a file is dropped, up to 16 MiB, and what cannot be read is said', { skip }, async () => {
  const page = await see();
  const drop = (size, begin) => page.evaluate(([size, begin]) => {
    const bytes = new Uint8Array(size).fill(10);
    bytes.set(new TextEncoder().encode(begin));
    const data = new DataTransfer();
    data.items.add(new File([bytes], 'pomerium.log'));
    document.dispatchEvent(new DragEvent('drop', { dataTransfer: data, bubbles: true, cancelable: true }));
  }, [size, begin]);
  await drop(16 << 20, `${ADDRESS}\n`);
  assert.match(await told(page), /callback-not-registered/);
  await drop((16 << 20) + 1, '');
  await page.locator('#state', { hasText: 'more than 16 MiB' }).waitFor();
  await drop(100, '\u0000ELF');
  await page.locator('#state', { hasText: 'That is no text' }).waitFor();
  assertQuiet(page);
});

test('what is pasted stays text', { skip }, async () => {
  const page = await see();
  await page.locator('#text').fill(`${ADDRESS}&x=<img src=x onerror=alert(1)><script>alert(2)</script>`);
  await page.locator('button').click();
  await told(page);
  assert.strictEqual(await words(page).locator('img, script').count(), 0);
  assertQuiet(page);
});

test('it is there again after a reload without a network', { skip }, async () => {
  const own = await serve(BOOK);
  const page = await open(browser, PHONE);
  await page.goto(`${own.address}/see/`);
  await page.locator('form[data-ready]').waitFor({ timeout: 60000 });
  await page.context().setOffline(true);
  await own.end();
  for (let time = 0; time < 2; time += 1) {
    await page.reload();
    await page.locator('form[data-ready]').waitFor({ timeout: 60000 });
  }
  await assert.rejects((await page.context().newPage()).goto(`${own.address}/index.html`), 'somebody still answers');
  await page.locator('#text').fill(ADDRESS);
  await page.locator('button').click();
  assert.match(await told(page), /callback-not-registered/);
});

test('without WebAssembly, and without the engine, a sentence says what to do', { skip }, async () => {
  const page = await open(browser, PHONE);
  await page.addInitScript(() => { delete window.WebAssembly; });
  await page.goto(`${server.address}/see/index.html`);
  await page.locator('#state', { hasText: 'no WebAssembly' }).waitFor();
  const other = await open(browser, PHONE);
  await other.route('**/engine.js', (route) => route.fulfill({ status: 404 }));
  await other.goto(`${server.address}/see/index.html`);
  await other.locator('#state', { hasText: 'did not come with this page' }).waitFor();
});

test('it reads on a phone and at a desk, by light and in the dark, and aloud', { skip }, async () => {
  for (const form of FORMS) {
    const page = await see(form, { bypassCSP: true });
    await page.locator('#text').fill(ADDRESS);
    await page.locator('button').click();
    await told(page);
    await assertFits(page, `${form.width} ${form.scheme}`);
    await assertAccessible(page, `${form.width} ${form.scheme}`);
    await page.context().close();
  }
});
