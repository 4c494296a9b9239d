import { duration } from '../arbitraries';
import { example } from '../examples';

export default example('timeouts', {
  every: {
    request: '60s',
    requestHeaders: '5s',
    requestBody: '2m',
    streamIdle: '1m',
    handshake: '3s',
    idle: '10m',
    maxConnectionDuration: '30m',
    connect: '500ms',
  },
  drawn: {
    request: duration(0),
    requestHeaders: duration(0),
    requestBody: duration(0),
    streamIdle: duration(0),
    handshake: duration(0),
    idle: duration(0),
    maxConnectionDuration: duration(0),
    connect: duration(1),
  },
});
