import type { RequestListener } from 'node:http';
import type { EnvoyOptions, SecurityHeadersOptions } from '../../envoy';
import { type Backend, startBackend } from './backend';
import { run, startEnvoy, temporaryFolder } from './envoy';

// The effect of `cors`, `csrf` and `securityHeaders` in a real browser, which resolves all names to this machine.

const CHROMIUM = process.env.CHROMIUM ?? 'chromium';
const [API, OWN_PAGE, OTHER] = ['api.test', '/page', 'other.test'];
/** The pages of both servers, by path. */
const pages: Record<string, string> = {
  // Its text tells whether the browser ran its script.
  '/written': '<p id="it">not run</p><script>document.getElementById("it").textContent = "run"</script>',
  '/script': 'document.title = "loaded"',
};
let api: Backend;
let site: Backend;

beforeAll(async () => {
  const handler: RequestListener = ({ url = '' }, response) => {
    const type = url === '/script' ? 'text/javascript' : 'text/html';
    response.setHeader('content-type', type).end(pages[url] ?? 'answered');
  };
  api = await startBackend({ handler });
  site = await startBackend({ handler });
});

beforeEach(() => {
  api.seen.length = 0;
});

/** Loads a page, follows its navigation, and returns the document after all scripts and requests. */
async function loadPage(url: string): Promise<string> {
  const browser = run(CHROMIUM, [
    '--headless',
    '--no-sandbox',
    '--disable-gpu',
    '--no-proxy-server',
    `--user-data-dir=${temporaryFolder()}`,
    '--host-resolver-rules=MAP * 127.0.0.1',
    '--virtual-time-budget=5000',
    '--dump-dom',
    url,
  ]);
  expect(await browser.ended).toBe(0);
  return browser.stdout();
}

async function started(options: Partial<EnvoyOptions>) {
  const { port } = await startEnvoy({ upstream: api, ...options });
  const url = `http://${API}:${port}`;
  pages[OWN_PAGE] =
    `<form id="it" method="post" action="${url}/change"></form><script>document.getElementById('it').submit()</script>`;
  return { url, posts: () => api.seen.filter(({ method }) => method === 'POST').length };
}

const otherSite = (path: string) => `http://${OTHER}:${site.port}${path}`;
const scripts = { path: OWN_PAGE, securityHeaders: { contentSecurityPolicy: "script-src 'unsafe-inline'" } } as const;

describe('csrf', () => {
  test.each<[string, Partial<EnvoyOptions>]>([
    ['without security headers', { csrf: {} }],
    ['with security headers', { csrf: {}, securityHeaders: {}, routes: [scripts] }],
  ])("accepts a form of the API's page and rejects a form of another site, %s", async (_, options) => {
    const { url, posts } = await started(options);
    expect(await loadPage(url + OWN_PAGE)).toContain('answered');
    expect(posts()).toBe(1);
    expect(await loadPage(otherSite(OWN_PAGE))).toContain('Forbidden');
    expect(posts()).toBe(1);
  });

  test.each([
    ['accepts', 'strict-origin', 'answered', 1],
    ['rejects', 'same-origin', 'Forbidden', 0],
  ])('%s a form of an allowed site with the referrer policy %s', async (_, policy, text, count) => {
    const { posts } = await started({ csrf: { additionalOrigins: [`${OTHER}:${site.port}`] } });
    pages[OWN_PAGE] = `<meta name="referrer" content="${policy}">${pages[OWN_PAGE]}`;
    expect(await loadPage(otherSite(OWN_PAGE))).toContain(text);
    expect(posts()).toBe(count);
  });

  test('accepts a form of another site if it is off', async () => {
    const { posts } = await started({ csrf: false });
    expect(await loadPage(otherSite(OWN_PAGE))).toContain('answered');
    expect(posts()).toBe(1);
  });
});

describe('security headers', () => {
  test.each<[string, SecurityHeadersOptions | false, string]>([
    ['prevent scripts in responses from running', {}, 'not run'],
    ['allow scripts in responses if they are off', false, 'run'],
  ])('%s', async (_, securityHeaders, text) => {
    const { url } = await started({ securityHeaders });
    expect(await loadPage(`${url}/written`)).toContain(`<p id="it">${text}</p>`);
  });

  test.each<[string, SecurityHeadersOptions | false, string]>([
    ["keep responses out of another site's page", {}, 'refused'],
    ["let another site's page load responses if they are off", false, 'loaded'],
  ])('%s', async (_, securityHeaders, title) => {
    const { url } = await started({ securityHeaders });
    pages['/loads'] = `<script src="${url}/script" onerror="document.title = 'refused'"></script>`;
    expect(await loadPage(otherSite('/loads'))).toContain(`<title>${title}</title>`);
  });
});

describe('cors', () => {
  test.each([
    ['lets an allowed site read responses', OTHER, 'read: answered'],
    ['lets no other site read responses', 'named.test', 'refused'],
  ])('%s', async (_, named, text) => {
    const { url } = await started({
      cors: { allowOrigins: [`http://${named}:${site.port}`], allowMethods: ['PUT'] },
      securityHeaders: {},
    });
    pages['/reads'] = `<script>
      fetch('${url}/', { method: 'PUT' }).then((answer) => answer.text()).then(
        (text) => { document.title = 'read: ' + text },
        () => { document.title = 'refused' },
      )</script>`;
    expect(await loadPage(otherSite('/reads'))).toContain(`<title>${text}</title>`);
  });
});
