import { regex } from '../../../../envoy/check/rules/regex';
import { runRule } from './run-rule';

test('what RE2 does not know', () => {
  expect(
    runRule(regex, {
      'envoy.type.matcher.v3.RegexMatcher': [
        {
          regex: '/a(?=b)',
        },
        {
          regex: '(a)\\1',
        },
        {
          regex: '(a',
        },
        {
          regex: 'a)',
        },
        {
          regex: '[a',
        },
        {
          regex: 'a++',
        },
        {
          regex: '*a',
        },
        {
          regex: 'a{2,1}',
        },
        {
          regex: 'a{1001}',
        },
        {
          regex: '\\Z',
        },
        {
          regex: '\\',
        },
        {
          regex: '[b-a]',
        },
        {
          regex: '[[:foo:]]',
        },
        {
          regex: '\\p{Nope}',
        },
        {
          regex: '(a{100}){11}',
        },
      ],
    }),
  ).toEqual([
    "error regex at RegexMatcher[0].regex: has '(?=', which RE2 does not know; RE2 looks neither ahead nor behind, write it without; it is '/a(?=b)'",
    "error regex at RegexMatcher[1].regex: refers back with '\\1', which RE2 does not do; write it without; it is '(a)\\1'",
    "error regex at RegexMatcher[2].regex: has a '(' without its ')'; write '\\(' for the character; it is '(a'",
    "error regex at RegexMatcher[3].regex: has a ')' without its '('; write '\\)' for the character; it is 'a)'",
    "error regex at RegexMatcher[4].regex: has a '[' without its ']'; write '\\[' for the character; it is '[a'",
    "error regex at RegexMatcher[5].regex: repeats a repetition with '+'; RE2 has no possessive quantifiers, remove it; it is 'a++'",
    "error regex at RegexMatcher[6].regex: has nothing to repeat before '*'; write '\\*' for the character; it is '*a'",
    "error regex at RegexMatcher[7].regex: repeats '{2,1}'; the first number must not be above the second, and none above 1000; it is 'a{2,1}'",
    "error regex at RegexMatcher[8].regex: repeats '{1001}'; the first number must not be above the second, and none above 1000; it is 'a{1001}'",
    "error regex at RegexMatcher[9].regex: has '\\Z', which RE2 does not know; remove the '\\'; it is '\\Z'",
    "error regex at RegexMatcher[10].regex: ends with a '\\'; write '\\\\' for the character; it is '\\'",
    "error regex at RegexMatcher[11].regex: has the range 'b-a', which holds nothing; swap its ends; it is '[b-a]'",
    "error regex at RegexMatcher[12].regex: has the class '[:foo:]', which is not there; write for example '[[:alpha:]]'; it is '[[:foo:]]'",
    "error regex at RegexMatcher[13].regex: has '\\p{Nope}', which RE2 does not know; write for example '\\pL' or '\\p{Greek}'; it is '\\p{Nope}'",
    "error regex at RegexMatcher[14].regex: repeats '{11}' what is repeated itself, more than 1000 times together; write smaller numbers; it is '(a{100}){11}'",
  ]);
});

test('what it does', () => {
  expect(
    runRule(regex, {
      'envoy.type.matcher.v3.RegexMatcher': [
        {
          regex: '/(api|web)/\\d+(\\?.*)?',
        },
        {
          regex: '(?i)a',
        },
        {
          regex: '(?P<n>a)',
        },
        {
          regex: '[]a]',
        },
        {
          regex: 'a{',
        },
        {
          regex: '\\pL\\p{Greek}[[:alpha:]]',
        },
        {
          regex: '\\Qa(\\E',
        },
        {
          regex: 'a|',
        },
        {
          regex: '(?s).{95}',
        },
        {
          regex: '^/[a-z]{2,8}$',
        },
        {
          regex: '\\x41\\101',
        },
        {
          regex: '${TfToken[TOKEN.1]}',
        },
      ],
    }),
  ).toEqual([]);
});

test('more than 100 instructions', () => {
  expect(
    runRule(regex, {
      'envoy.type.matcher.v3.RegexMatcher': [
        {
          regex: 'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa',
        },
        {
          regex: 'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa',
        },
        {
          regex:
            '^aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa',
        },
        {
          regex: '.{60}',
        },
        {
          regex: 'abcdef',
          google_re2: {
            max_program_size: 5,
          },
        },
      ],
    }),
  ).toEqual([
    "error regex-size at RegexMatcher[0].regex: is 'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa...', at least 101 instructions of RE2, and Envoy takes 100; shorten it, or set the runtime key re2.max_program_size.error_level",
    "error regex-size at RegexMatcher[3].regex: is '.{60}', at least 124 instructions of RE2, and Envoy takes 100; shorten it, or set the runtime key re2.max_program_size.error_level",
    "error regex-size at RegexMatcher[4].regex: is 'abcdef', at least 10 instructions of RE2, and Envoy takes 5; shorten it, or set the runtime key re2.max_program_size.error_level",
  ]);
});

test('the runtime may allow more, and another engine anything', () => {
  expect(
    runRule(regex, {
      'envoy.config.bootstrap.v3.RuntimeLayer': [
        {
          static_layer: {
            're2.max_program_size.error_level': 500,
          },
        },
      ],
      'envoy.type.matcher.v3.RegexMatcher': [
        {
          regex: 'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa',
        },
      ],
    }),
  ).toEqual([]);
});
