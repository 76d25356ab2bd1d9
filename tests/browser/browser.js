// A page in Chromium, in each of the forms in which people see it; and what must hold of every page.
'use strict';
const assert = require('node:assert');
const fs = require('node:fs');
const { chromium } = require('playwright-core');

const AXE = fs.readFileSync(require.resolve('axe-core/axe.min.js'), 'utf8');
const FLAGS = ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking',
  '--disable-component-update', '--disable-sync'];

/** The widths of a phone and of a desk, and both schemes. */
const FORMS = [390, 1280].flatMap((width) => ['light', 'dark'].map((scheme) => ({ width, scheme })));

/** Chromium, with a profile that nobody else has. */
const launch = () => chromium.launch({ executablePath: process.env.CHROMIUM || '/usr/bin/chromium', args: FLAGS });

/** A page that remembers what it asked for and what it said. */
async function open(browser, { width, scheme }, options = {}) {
  const context = await browser.newContext({ viewport: { width, height: 850 }, colorScheme: scheme, ...options });
  const page = await context.newPage();
  page.requested = [];
  page.complaints = [];
  page.on('request', (request) => page.requested.push(request.url()));
  page.on('dialog', (dialog) => { page.complaints.push(`a dialog: ${dialog.message()}`); dialog.dismiss(); });
  page.on('pageerror', (error) => page.complaints.push(String(error)));
  page.on('console', (message) => { if (message.type() === 'error') page.complaints.push(message.text()); });
  return page;
}

/** Nothing has to be scrolled sideways. */
async function assertFits(page, what) {
  const [wide, room] = await page.evaluate(() => [document.documentElement.scrollWidth, window.innerWidth]);
  assert.ok(wide <= room, `${what}: ${wide} px wide in ${room} px`);
}

/** No violation of WCAG 2 A, AA, and what axe calls best practice; `without` names rules that a page is not asked for. */
async function assertAccessible(page, what, without = []) {
  await page.evaluate(AXE);
  const rules = Object.fromEntries(without.map((name) => [name, { enabled: false }]));
  const { violations } = await page.evaluate(
    (rules) => axe.run(document, { runOnly: ['wcag2a', 'wcag2aa', 'wcag21aa', 'best-practice'], rules }), rules);
  const told = violations.map((violation) =>
    `${violation.id}: ${violation.help} (${violation.nodes.length}: ${violation.nodes[0].target} ${violation.nodes[0].failureSummary})`);
  assert.deepStrictEqual(told, [], what);
}

const unfold = (page) => page.evaluate(() => document.querySelectorAll('details').forEach((part) => { part.open = true; }));

module.exports = { FORMS, launch, open, assertFits, assertAccessible, unfold };
