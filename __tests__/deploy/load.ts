import http from 'node:http';
import https from 'node:https';
import { atEnd } from '../live/cleanup';

export interface Failure {
  readonly during: string;
  readonly what: string;
}

/** A steady load on one URL. Records every request that does not get 200. */
export class Load {
  public sent = 0;
  public answered = 0;
  public readonly failures: Failure[] = [];
  /** The number of requests sent in each phase. */
  public readonly sentDuring = new Map<string, number>();
  /** The current phase, which is recorded with each failure. */
  public during = 'start';
  private readonly agent: http.Agent;
  private readonly timer: NodeJS.Timeout;
  private open = 0;

  /** With `keep`, requests share persistent connections. Otherwise, each opens its own. */
  constructor(
    private readonly url: string,
    private readonly keep: boolean,
    perSecond = 50,
    private readonly options: https.RequestOptions = {},
  ) {
    // First in, first out, so that each connection is used steadily. Envoy may close a connection that is idle for longer
    // than the drain at the moment of its next use. HTTP/1.1 cannot announce that.
    this.agent = new this.protocol.Agent({
      keepAlive: keep,
      scheduling: 'fifo',
      maxSockets: keep ? 8 : Number.POSITIVE_INFINITY,
    });
    // An error of the first request fails the test here. In the timer, it would end the whole process.
    this.send();
    this.timer = setInterval(() => this.send(), 1_000 / perSecond);
    atEnd(() => this.end());
  }

  /** Stops sending, waits for the last responses, and returns the failures. */
  public async end(): Promise<Failure[]> {
    clearInterval(this.timer);
    while (this.open > 0) {
      await new Promise((done) => setTimeout(done, 50));
    }
    this.agent.destroy();
    return this.failures;
  }

  private get protocol() {
    return this.url.startsWith('https:') ? https : http;
  }

  private send(): void {
    const during = this.during;
    const kind = this.keep ? 'kept' : 'new';
    const fail = (what: string) => this.failures.push({ during, what: `${what} (${kind} connections)` });
    this.sent += 1;
    this.sentDuring.set(during, (this.sentDuring.get(during) ?? 0) + 1);
    this.open += 1;
    const options = { ...this.options, agent: this.agent, timeout: 30_000 };
    const request = this.protocol.get(this.url, options, (response) => {
      let body = '';
      response.on('data', (data) => {
        body += data;
      });
      response.on('end', () => {
        this.answered += 1;
        if (response.statusCode !== 200) {
          fail(`${response.statusCode} ${body}`);
        }
      });
      response.on('error', (error) => fail(`while reading: ${error.message}`));
    });
    request.on('timeout', () => request.destroy(new Error('no answer in 30 s')));
    request.on('error', (error) => fail(error.message));
    request.on('close', () => {
      this.open -= 1;
    });
  }
}
