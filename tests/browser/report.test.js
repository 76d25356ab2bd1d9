// The page of `--format html`.
'use strict';
const assert = require('node:assert');
const { spawnSync } = require('node:child_process');
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const { after, before, test } = require('node:test');
const { pathToFileURL } = require('node:url');
const { FORMS, assertAccessible, assertFits, launch, open, unfold } = require('./browser');

const POMLINT = path.resolve(process.env.POMLINT || 'target/debug/pomlint');
const HEALTHY = path.resolve('fixtures/configs/healthy.yaml');
/** What breaks out of a page that is carelessly written. */
const HOSTILE = '</code></style></title><script>alert(1)</script><img src=https://evil.example/i.png onerror=alert(2)>' +
  '<svg onload=alert(3)>\u202e<a href=javascript:alert(4)>x</a>';

let browser;
let folder;
before(async () => {
  browser = await launch();
  folder = fs.mkdtempSync(path.join(os.tmpdir(), 'pomlint-'));
});
after(async () => {
  await browser.close();
  fs.rmSync(folder, { recursive: true });
});

/** The page that a command writes, as a file. */
function page(name, args) {
  const ran = spawnSync(POMLINT, [...args, '--format', 'html'], { cwd: folder, encoding: 'utf8' });
  assert.ok([0, 1, 3].includes(ran.status), ran.stderr);
  const file = path.join(folder, name);
  fs.writeFileSync(file, ran.stdout);
  return { file, address: pathToFileURL(file).href, text: ran.stdout };
}

function pages() {
  const healthy = fs.readFileSync(HEALTHY, 'utf8');
  const write = (name, text) => { fs.writeFileSync(path.join(folder, name), text); return name; };
  write('healthy.yaml', healthy);
  write('other.yaml', healthy.replace('idp_provider: cognito', 'idp_provider: okta'));
  write('hostile.yaml', `${healthy}\n${JSON.stringify(HOSTILE)}: ${JSON.stringify(HOSTILE)}\n`
    .replace('idp_provider: cognito', `idp_provider: ${JSON.stringify(HOSTILE)}`));
  return {
    demo: page('demo.html', ['demo']),
    offline: page('offline.html', ['check', 'healthy.yaml', '--offline']),
    several: page('several.html', ['check', 'healthy.yaml', 'other.yaml', 'hostile.yaml', '--offline']),
    hostile: page('hostile.html', ['check', 'hostile.yaml', '--offline', '--pedantic']),
  };
}

test('reads on a phone and at a desk, by light and in the dark, and aloud', async () => {
  for (const [name, { address }] of Object.entries(pages())) {
    for (const form of FORMS) {
      const what = `${name} ${form.width} ${form.scheme}`;
      const page = await open(browser, form, { bypassCSP: true });
      await page.goto(address);
      await assertFits(page, what);
      await unfold(page);
      await assertFits(page, `${what}, unfolded`);
      await assertAccessible(page, what);
      assert.deepStrictEqual([page.requested, page.complaints], [[address], []], what);
      await page.context().close();
    }
  }
});

test('what a configuration says neither runs nor fetches', async () => {
  const { hostile } = pages();
  const page = await open(browser, FORMS[0]);
  await page.goto(hostile.address);
  const made = await page.evaluate(() => document.querySelectorAll('script, img, svg, iframe, link, [href^=javascript]').length);
  assert.strictEqual(made, 0);
  assert.ok((await page.locator('body').innerText()).includes('<script>alert(1)</script>'), 'it is shown');
  assert.deepStrictEqual([page.requested, page.complaints], [[hostile.address], []]);
});

test('what is put in on purpose is stopped by the policy alone', async () => {
  const { demo } = pages();
  const file = path.join(folder, 'broken.html');
  const bad = '<script>document.title="ran"</script><img src="https://evil.example/i.png" onerror="document.title=\'ran\'">' +
    '<style>h1{display:none}</style><link rel="stylesheet" href="https://evil.example/a.css">';
  fs.writeFileSync(file, demo.text.replace('</body>', `${bad}</body>`));
  const page = await open(browser, FORMS[0]);
  const answered = [];
  page.on('requestfinished', (request) => answered.push(request.url()));
  await page.goto(pathToFileURL(file).href);
  assert.notStrictEqual(await page.title(), 'ran');
  assert.ok(await page.locator('h1').isVisible());
  assert.deepStrictEqual(answered, [pathToFileURL(file).href]);
});

test('a broken stage leads to its finding, and a press of a key unfolds', async () => {
  const { demo } = pages();
  const page = await open(browser, FORMS[0]);
  await page.goto(demo.address);
  await page.locator('.path .fail a').focus();
  await page.keyboard.press('Enter');
  assert.ok(await page.locator('article:target h3').isVisible());
  const rest = page.locator('details.rest').first();
  await rest.locator('summary').focus();
  await page.keyboard.press('Enter');
  assert.ok(await rest.locator('dl').isVisible());
});

test('what is folded is unfolded where it is printed', async () => {
  const { demo } = pages();
  const page = await open(browser, FORMS[0]);
  await page.goto(demo.address);
  const hidden = () => page.evaluate(() => [...document.querySelectorAll('details > *:not(summary)')]
    .filter((part) => !part.checkVisibility({ contentVisibilityAuto: true })).length);
  assert.ok(await hidden() > 0);
  await page.emulateMedia({ media: 'print' });
  assert.strictEqual(await hidden(), 0);
});
