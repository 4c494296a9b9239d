import fc from 'fast-check';
import { example } from '../examples';

const hash = '{SHA}W6ph5Mm5Pz8GgiULbPgzG37mj9g=';

export default example('basicAuth', {
  every: { users: { anna: 'not-a-real-password', berta: { hash } }, forward: true },
  drawn: {
    users: fc.constantFrom(
      { anna: 'not-a-real-password' },
      { 'a.b@c-d_e': ': ü€\'"\\ not a real password', berta: { hash } },
    ),
    forward: fc.boolean(),
  },
});
