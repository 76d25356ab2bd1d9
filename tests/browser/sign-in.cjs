// Opens an address, signs in at the stand-in that listens at a port, and prints where the browser ends, and what it shows there.
const { chromium } = require('playwright-core');

const [address, port] = process.argv.slice(2);

(async () => {
  const browser = await chromium.launch({
    executablePath: process.env.POMLINT_CHROMIUM,
    chromiumSandbox: process.getuid() !== 0,
    // The names of the pool and of Pomerium lead to the stand-in; its certificates are of nobody's authority.
    args: [`--host-resolver-rules=MAP *.amazoncognito.com 127.0.0.1:${port},MAP *.example.com 127.0.0.1:${port}`],
  });
  try {
    const page = await (await browser.newContext({ ignoreHTTPSErrors: true })).newPage();
    await page.goto(address);
    await page.fill('input[name=username]', 'ann');
    await page.fill('input[name=password]', 'pw');
    await page.click('input[type=Submit]');
    await page.waitForURL((url) => url.searchParams.has('code'));
    await page.waitForLoadState();
    console.log(page.url());
    console.log(await page.innerText('body'));
  } finally {
    await browser.close();
  }
})().catch((error) => {
  console.error(String(error));
  process.exit(1);
});
