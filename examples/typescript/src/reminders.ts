// A small client of ElasticQueue that retries, and enqueues a message once however often it has to ask.

import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";

/** Statuses after which the same request may succeed. */
const RETRIED = new Set([429, 500, 503]);
const LONGEST_PAUSE_S = 30;

/** The message is not known to be in the queue. */
export class NotEnqueued extends Error {}

export interface Options {
  /** How often to ask for a message at most. */
  attempts?: number;
  /** Waits some seconds. */
  pause?: (seconds: number) => Promise<void>;
}

/**
 * Enqueues messages with one key.
 *
 * A request whose answer is lost may have been carried out. Each message therefore gets an `Idempotency-Key` that
 * stays the same over all attempts: the server stores it once, and repeats its answer.
 */
export class Reminders {
  readonly #attempts: number;
  readonly #pause: (seconds: number) => Promise<void>;

  constructor(
    private readonly url: string,
    private readonly key: string,
    { attempts = 4, pause = (seconds) => sleep(seconds * 1000) }: Options = {},
  ) {
    this.#attempts = attempts;
    this.#pause = pause;
  }

  /** Returns the id of a new message; rejects with NotEnqueued when every attempt has failed. */
  async enqueue(queue: string, body: string, waitUntil?: number): Promise<string> {
    const attributes = waitUntil === undefined ? { body } : { body, "wait-until": waitUntil };
    const request = {
      method: "POST",
      headers: {
        Authorization: this.key,
        "Content-Type": "application/vnd.api+json",
        "Idempotency-Key": randomUUID(),
      },
      body: JSON.stringify({ data: { type: "message", attributes } }),
    };
    for (let attempt = 1; attempt <= this.#attempts; attempt += 1) {
      let waitS = backoffS(attempt);
      try {
        const response = await fetch(`${this.url}/v1/queues/${queue}/messages`, request);
        const text = await response.text();
        if (response.ok) {
          return (JSON.parse(text) as { data: { id: string } }).data.id;
        }
        if (!RETRIED.has(response.status)) {
          throw new NotEnqueued(text);
        }
        waitS = Number(response.headers.get("Retry-After") ?? waitS);
      } catch (error) {
        // What fetch throws is a connection that broke, and a SyntaxError an answer that was cut off.
        if (error instanceof NotEnqueued) throw error;
      }
      if (attempt < this.#attempts) await this.#pause(waitS);
    }
    throw new NotEnqueued(`${this.#attempts} attempts have failed`);
  }
}

/** How long to wait after an attempt: twice as long each time. */
function backoffS(attempt: number): number {
  return Math.min(0.5 * 2 ** (attempt - 1), LONGEST_PAUSE_S);
}
