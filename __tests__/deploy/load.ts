import http from 'node:http';
import https from 'node:https';
import { atEnd } from '../live/cleanup';

export interface Failure {
  readonly during: string;
  readonly what: string;
}

/** A steady load on one URL: each request has to answer 200, and every one that doesn't is remembered. */
export class Load {
  public sent = 0;
  public answered = 0;
  public readonly failures: Failure[] = [];
  /** Requests sent, by what went on. */
  public readonly sentDuring = new Map<string, number>();
  /** What is going on, to be told with a failure. */
  public during = 'start';
  private readonly agent: http.Agent;
  private readonly timer: NodeJS.Timeout;
  private open = 0;

  /** With `keep`, requests share connections that stay open; without, each makes its own. */
  constructor(
    private readonly url: string,
    private readonly keep: boolean,
    perSecond = 50,
    private readonly options: https.RequestOptions = {},
  ) {
    // First in, first out: each connection is in steady use. One that is idle for longer than the drain may be closed
    // in the very instant in which it is used again, and nothing in HTTP/1.1 can announce that.
    this.agent = new this.protocol.Agent({
      keepAlive: keep,
      scheduling: 'fifo',
      maxSockets: keep ? 8 : Number.POSITIVE_INFINITY,
    });
    // A request that can't be made is told here; in the timer it would end the whole process, and say nothing of the test.
    this.send();
    this.timer = setInterval(() => this.send(), 1_000 / perSecond);
    atEnd(() => this.end());
  }

  /** Stops sending, waits for the last answers, and gives the failures. */
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
