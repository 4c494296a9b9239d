import type { RouteMatchOptions } from '../../envoy';
import { covers } from '../../envoy/assemble/routes/precedence';
import { type Envoy, startEnvoy } from './envoy';
import { keepAlive } from './http';

const matches: RouteMatchOptions[] = [
  ...['/', '/a', '/a/b', '/a/b/c', '/ab', '/a/b=c'],
  ...['/', '/a', '/a/', '/a/b', '/a/b/c', '/a/b.txt', '/a/%C3%BC'].map((exact) => ({ exact })),
  ...['/a', '/*', '/**', '/{x}/b', '/a/{x}', '/a/{y}', '/a/*', '/a/{x}/c', '/a/**', '/{x=a/*}', '/a/{x=**}'].map(
    (template) => ({ template }),
  ),
  ...['/a/*.txt', '/a/b', '/*/b/**'].map((template) => ({ template })),
  ...[
    '.*',
    '/.*',
    '/a.*',
    '/a/.*',
    '/a/+',
    '/a/?b',
    '/a/b?',
    '/a/{0,1}',
    '/a/b|/ab',
    '(?i)/A/b',
    '/[a-z]+',
    '/a/[a-z]+',
  ].map((regex) => ({ regex })),
].map((path) => ({ path }));

const paths = [
  ...['/', '/a', '/A', '/ab', '/b', '/a/', '/a/b', '/A/b', '/a/b/', '/a/b/c', '/a/b/c/d', '/ab/b', '/x/b', '/x/b/c'],
  ...['/a/*', '/a/**', '/a/b.txt', '/a/b=c', '/a/b=c/d', '/a/{x}', '/a/b;c', '/a/b:c', '/a/b@c', '/a/b,c', "/a/b'c"],
  ...['/a/b!c', '/a/b$c', '/a/b(c)', '/a/b+c', '/a/b~c', '/a/b|c', '/a/%62', '/a/%C3%BC', '/a/%FF', '/a/b%20c'],
  ...['/a?b', '/a/b?c/d', '/a;b', '/a//b', '/a/./b', '/a/b/..', '/**', '/*'],
];

/** Returns for each match which of the paths it matches. */
async function matchedPaths(envoy: Envoy): Promise<boolean[][]> {
  const agent = keepAlive();
  const rows: boolean[][] = [];
  for (const [index] of matches.entries()) {
    const row: boolean[] = [];
    for (const path of paths) {
      const { status } = await envoy.call({ path, agent, headers: { 'x-match': String(index) } });
      row.push(status === 200);
    }
    rows.push(row);
  }
  return rows;
}

test('covers() is right: a match that covers another matches all of its requests', async () => {
  const envoy = await startEnvoy({
    upstream: { host: '127.0.0.1', port: 9 },
    routes: [
      ...matches.map((match, index) => ({
        ...match,
        headers: { 'x-match': String(index) },
        directResponse: { status: 200 },
      })),
      { path: '/', directResponse: { status: 404 } },
    ],
    accessLog: false,
  });
  const rows = await matchedPaths(envoy);
  const said = matches.flatMap((one, place) =>
    matches.flatMap((other, otherPlace) => (one !== other && covers(one, other) ? [[place, otherPlace] as const] : [])),
  );
  const wrong = said.flatMap(([one, other]) =>
    paths
      .filter((_, path) => rows[other]?.[path] && !rows[one]?.[path])
      .map((path) => ({ path, one: matches[one]?.path, other: matches[other]?.path })),
  );
  expect(wrong).toEqual([]);
  // Enough pairs and enough selective matches for a meaningful test.
  expect(said.length).toBeGreaterThan(100);
  expect(rows.filter((row) => row.includes(true) && row.includes(false)).length).toBeGreaterThan(30);
});
