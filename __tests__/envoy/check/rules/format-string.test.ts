import { formatString } from '../../../../envoy/check/rules/format-string';
import { runRule } from './run-rule';

test('commands are known and whole', () => {
  expect(
    runRule(formatString, {
      'envoy.config.core.v3.HeaderValueOption': [
        {
          header: {
            key: 'a',
            value: '%PROTOCOL%',
          },
        },
        {
          header: {
            key: 'a',
            value: '100%%',
          },
        },
        {
          header: {
            key: 'a',
            value: '100%',
          },
        },
        {
          header: {
            key: 'a',
            value: '%PROTOCL%',
          },
        },
        {
          header: {
            key: 'a',
            value: '%protocol%',
          },
        },
        {
          header: {
            key: 'a',
            value: '%REQ(a?b):10%',
          },
        },
        {
          header: {
            key: 'a',
            value: '%REQ%',
          },
        },
        {
          header: {
            key: 'a',
            value: '%REQ(a?b?c)%',
          },
        },
        {
          header: {
            key: 'a',
            value: '%REQ(a b)%',
          },
        },
        {
          header: {
            key: 'a',
            value: '%DURATION(x)%',
          },
        },
        {
          header: {
            key: 'a',
            value: '%START_TIME(%Y-%m-%d)%',
          },
        },
        {
          header: {
            key: 'a',
            value: '${TfToken[TOKEN.1]}',
          },
        },
      ],
    }),
  ).toEqual([
    "error format-string at HeaderValueOption[2].header.value: has a '%' that begins no command, at '%'; write '%%' for the character",
    "error format-string at HeaderValueOption[3].header.value: has the command 'PROTOCL', which Envoy does not know (did you mean 'PROTOCOL'?)",
    "error format-string at HeaderValueOption[4].header.value: has a '%' that begins no command, at '%protocol%'; write '%%' for the character",
    "error format-string at HeaderValueOption[6].header.value: has '%REQ%', and REQ needs an argument; write '%REQ(...)%'",
    "error format-string at HeaderValueOption[7].header.value: has '%REQ(a?b?c)%', and takes one other header behind a '?'; remove the rest",
    "error format-string at HeaderValueOption[8].header.value: has '%REQ(a b)%', which names no header; use letters, digits and '-'",
    "error format-string at HeaderValueOption[9].header.value: has '%DURATION(x)%', and DURATION takes neither an argument nor a length; write '%DURATION%'",
  ]);
});

test('texts of JSON formats at any depth, and logs of files', () => {
  expect(
    runRule(formatString, {
      'envoy.config.core.v3.SubstitutionFormatString': [
        {
          json_format: {
            a: {
              b: ['%FOO%', 3],
            },
            c: '%PROTOCOL%',
          },
        },
        {
          text_format_source: {
            inline_string: '%FOO%',
          },
        },
      ],
      'envoy.extensions.access_loggers.file.v3.FileAccessLog': [
        {
          format: '%FOO%',
        },
      ],
    }),
  ).toEqual([
    "error format-string at FileAccessLog[0].format: has the command 'FOO', which Envoy does not know",
    "error format-string at SubstitutionFormatString[0].json_format.a.b[0]: has the command 'FOO', which Envoy does not know",
    "error format-string at SubstitutionFormatString[1].text_format_source.inline_string: has the command 'FOO', which Envoy does not know",
  ]);
});

test('formatters bring commands of their own', () => {
  expect(
    runRule(formatString, {
      'envoy.config.core.v3.SubstitutionFormatString': [
        {
          formatters: [{}],
          text_format: '%FOO% %',
        },
      ],
    }),
  ).toEqual([
    "error format-string at SubstitutionFormatString[0].text_format: has a '%' that begins no command, at '%'; write '%%' for the character",
  ]);
});
