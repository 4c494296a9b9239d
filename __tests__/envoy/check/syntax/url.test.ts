import { checkUrl } from '../../../../envoy/check/syntax/url';

// As the real Envoy of each minor reads the URL of a key set, of an OAuth2 endpoint and of a redirect.

test.each([
  'https://x',
  'https://x/${K}',
  'https://x:0/',
  'https://x:65535',
  'https://x?a',
  'https://u@x/',
  'https://u:p@x/',
  'https://u_1@x/',
  'https://@x/',
  'https://[::1]/',
  'https://[::1]:80/',
  'HTTPS://X/',
  'a+b://x',
  'x.y://x',
  'http://x-y.z./',
  'http://-x/',
  'http://x..y/',
  'http://x/<>"{}|\\^`',
  'http://x/%zz',
  'http://x/?a?b#c#d?',
  'http://300.1.1.1/',
  'http://x?',
  'ftp://x/',
  'http://[1.2.3.4]/',
  'http://x:80?a',
])('takes %j for a whole URL', (url) => {
  expect(checkUrl(url)).toBeUndefined();
});

const LIKE = "write the scheme and the host, for example 'https://id.example.com/keys'";
const HOST = "Envoy takes letters, digits, '.' and '-' in a host";

test.each<[url: string, cause: string]>([
  ['http://id_p/keys', `its host is 'id_p'; ${HOST}`],
  ['https://x:99999/', "its port is '99999'; write a number from 0 to 65535"],
  ['https://x:65536', "its port is '65536'; write a number from 0 to 65535"],
  ['https://x:/', "its port is ''; write a number from 0 to 65535"],
  ['http://x:80:80/', "its port is '80:80'; write a number from 0 to 65535"],
  ['https://x/a b', "it has a space; write '%20'"],
  ['http://x/é', 'it has "é"; write it percent-encoded'],
  ['http://x/\t', 'it has "\\t"; write it percent-encoded'],
  ['https://${H}/k', "Envoy does not replace the placeholder '${H}'; write its value"],
  ['https://{{ host }}/k', "Envoy does not replace the placeholder '{{ host }}'; write its value"],
  ['https://$(HOST)/k', "Envoy does not replace the placeholder '$(HOST)'; write its value"],
  ['https://x#a', "write a '/' behind the host"],
  ['https://[::g]/', `its host is '[::g]'; ${HOST}`],
  ['https://[fe80::1%25eth0]/', `its host is '[fe80::1%25eth0]'; ${HOST}`],
  ['http://a,b/', `its host is 'a,b'; ${HOST}`],
  ['http://x%41/', `its host is 'x%41'; ${HOST}`],
  ['http://a@b@c/', `its host is 'b@c'; ${HOST}`],
  ['/x', LIKE],
  ['*', LIKE],
  ['x:80', LIKE],
  ['http:/x', LIKE],
  ['http:///x', LIKE],
  ['http://', LIKE],
  ['http://:80/', LIKE],
  ['1http://x/', LIKE],
  ['', LIKE],
])('takes %j for no URL, and says why', (url, cause) => {
  expect(checkUrl(url)).toBe(`must be a whole URL, got ${JSON.stringify(url)}; ${cause}`);
});

test('takes what only Terraform knows for right', () => {
  expect(checkUrl('https://${TfToken[TOKEN.0]}/keys')).toBeUndefined();
});
