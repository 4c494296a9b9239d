import type { RequestListener } from 'node:http';
import type { EnvoyOptions, SecurityHeadersOptions } from '../../envoy';
import { type Backend, startBackend } from './backend';
import { run, startEnvoy, temporaryFolder } from './envoy';

// What `cors`, `csrf` and `securityHeaders` ask of browsers, in a real one. All names are this machine to it.

const CHROMIUM = process.env.CHROMIUM ?? 'chromium';
const [API, OWN_PAGE, OTHER] = ['api.test', '/page', 'other.test'];
/** What both answer by path. */
const pages: Record<string, string> = {
  // Puts in words what became of it, where its script runs.
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

/** The page as it is once its scripts and its requests are done, also where it led to another one. */
async function seen(url: string): Promise<string> {
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

const elsewhere = (path: string) => `http://${OTHER}:${site.port}${path}`;
const scripts = { path: OWN_PAGE, securityHeaders: { contentSecurityPolicy: "script-src 'unsafe-inline'" } } as const;

describe('with csrf', () => {
  test.each<[string, Partial<EnvoyOptions>]>([
    ['alone', { csrf: {} }],
    ['and securityHeaders', { csrf: {}, securityHeaders: {}, routes: [scripts] }],
  ])("%s, a form of the API's own page changes something, and one of another site's nothing", async (_, options) => {
    const { url, posts } = await started(options);
    expect(await seen(url + OWN_PAGE)).toContain('answered');
    expect(posts()).toBe(1);
    expect(await seen(elsewhere(OWN_PAGE))).toContain('Forbidden');
    expect(posts()).toBe(1);
  });

  test.each([
    ['strict-origin', 'answered', 1],
    ['same-origin', 'Forbidden', 0],
  ])('and a named site, its form changes something with the policy %s: %s', async (policy, text, count) => {
    const { posts } = await started({ csrf: { additionalOrigins: [`${OTHER}:${site.port}`] } });
    pages[OWN_PAGE] = `<meta name="referrer" content="${policy}">${pages[OWN_PAGE]}`;
    expect(await seen(elsewhere(OWN_PAGE))).toContain(text);
    expect(posts()).toBe(count);
  });

  test('off, one of another site changes something', async () => {
    const { posts } = await started({ csrf: false });
    expect(await seen(elsewhere(OWN_PAGE))).toContain('answered');
    expect(posts()).toBe(1);
  });
});

describe('with securityHeaders', () => {
  test.each<[string, SecurityHeadersOptions | false, string]>([
    ['a script in an answer does not run', {}, 'not run'],
    ['off, it does', false, 'run'],
  ])('%s', async (_, securityHeaders, text) => {
    const { url } = await started({ securityHeaders });
    expect(await seen(`${url}/written`)).toContain(`<p id="it">${text}</p>`);
  });

  test.each<[string, SecurityHeadersOptions | false, string]>([
    ["an answer does not get into another site's page", {}, 'refused'],
    ['off, it does', false, 'loaded'],
  ])('%s', async (_, securityHeaders, title) => {
    const { url } = await started({ securityHeaders });
    pages['/loads'] = `<script src="${url}/script" onerror="document.title = 'refused'"></script>`;
    expect(await seen(elsewhere('/loads'))).toContain(`<title>${title}</title>`);
  });
});

describe('with cors', () => {
  test.each([
    ['a named site reads answers', OTHER, 'read: answered'],
    ['another one reads nothing', 'named.test', 'refused'],
  ])('%s', async (_, named, text) => {
    const { url } = await started({
      cors: { origins: [`http://${named}:${site.port}`], methods: ['PUT'] },
      securityHeaders: {},
    });
    pages['/reads'] = `<script>
      fetch('${url}/', { method: 'PUT' }).then((answer) => answer.text()).then(
        (text) => { document.title = 'read: ' + text },
        () => { document.title = 'refused' },
      )</script>`;
    expect(await seen(elsewhere('/reads'))).toContain(`<title>${text}</title>`);
  });
});
