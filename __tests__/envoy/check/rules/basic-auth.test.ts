import { basicAuthUsers } from '../../../../envoy/check/rules/basic-auth';
import { runRule } from './run-rule';

test('users are lines of htpasswd -s, and no hash is shown', () => {
  expect(
    runRule(basicAuthUsers, {
      'envoy.extensions.filters.http.basic_auth.v3.BasicAuth': [
        {
          users: {
            inline_string:
              '# all\nann:{SHA}tESsBmE/yNY3lb6a0L6vVQEZNqw=\n\nbob:plain\nann:{SHA}tESsBmE/yNY3lb6a0L6vVQEZNqw=\nnobody\ncid:{SHA}tESsBmE/yNY3lb6a0L6vVQEZNqw=\r\n',
          },
        },
        {
          users: {
            inline_string: '',
          },
        },
        {
          users: {
            inline_string: '${TfToken[TOKEN.1]}',
          },
        },
        {
          users: {
            filename: '/x',
          },
        },
      ],
    }),
  ).toEqual([
    'error basic-auth-users at BasicAuth[0].users.inline_string: line 4 has a hash that is no {SHA} with 28 characters behind; make it by htpasswd -s',
    "error basic-auth-users at BasicAuth[0].users.inline_string: line 5 names 'ann' again; name each user once",
    "error basic-auth-users at BasicAuth[0].users.inline_string: line 6 has no 'name:hash'; make it by htpasswd -s",
    'error basic-auth-users at BasicAuth[0].users.inline_string: line 7 ends with CR LF; end it with LF alone',
    "error basic-auth-users at BasicAuth[1].users.inline_string: is empty; write a line 'name:{SHA}...' for each user, by htpasswd -s",
  ]);
});
