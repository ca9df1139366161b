// Webhooks: the subscriptions of a sandbox, and the webhooks of a contract that are sent to them.

import { type Control, type Duration, milliseconds, type Schemas } from "./control.js";

/** A subscription; at a server of your own contract it may name webhooks, in place of a queue. */
export type Webhook = Schemas["Webhook"] & { readonly webhooks?: readonly string[] };

/** The wishes of a receiver. */
export interface Subscription {
  /** The queue whose messages it gets (ElasticQueue); those of all without it. */
  readonly queue?: string;
  /** The webhooks of your contract that it gets; every one without it. */
  readonly webhooks?: readonly string[];
  readonly secret?: string;
  readonly maxAttempts?: number;
  readonly firstRetry?: Duration;
}

/** A webhook of your contract as it is to be sent; without a body, with an example or a generated value. */
export interface Sending {
  readonly body?: unknown;
  readonly mediaType?: string;
  readonly delay?: Duration;
  /** POST without it, or else the first method of the contract. */
  readonly method?: string;
}

/** The webhooks of a sandbox. */
export class Webhooks {
  constructor(private readonly control: Control) {}

  /** Subscribes a URL; the answer has the secret that signs the posts. */
  create(url: string, wanted: Subscription = {}): Promise<Webhook> {
    const { maxAttempts, firstRetry, ...same } = wanted;
    const pause = firstRetry === undefined ? undefined : milliseconds(firstRetry);
    const body = { url, ...same, "max-attempts": maxAttempts, "first-retry-ms": pause };
    return this.control.call("createWebhook", "POST", "/webhooks", { body });
  }

  /** Sends a webhook of your contract, and returns how many subscribers it goes to. */
  async send(webhook: string, sending: Sending = {}): Promise<number> {
    const { mediaType, delay, ...same } = sending;
    const wait = delay === undefined ? undefined : milliseconds(delay);
    const body = { webhook, ...same, "media-type": mediaType, "delay-ms": wait };
    const answer = await this.control.send("POST", "/webhooks/send", { body });
    return ((await answer.json()) as { subscribers: number }).subscribers;
  }

  /** Lists the subscriptions, without their secrets. */
  async list(query: { limit?: number } = {}): Promise<readonly Webhook[]> {
    return (await this.control.call("listWebhooks", "GET", "/webhooks", { query })).webhooks;
  }

  /** Returns one subscription, with its secret. */
  get(id: string): Promise<Webhook> {
    return this.control.call("getWebhook", "GET", pathOf(id));
  }

  /** Ends a subscription, and what is on the way to it. */
  async delete(id: string): Promise<void> {
    await this.control.call("deleteWebhook", "DELETE", pathOf(id));
  }

  /** Lists the attempts to post to a subscription, oldest first. */
  async attempts(
    id: string,
    query: { after?: number; limit?: number } = {},
  ): Promise<readonly Schemas["WebhookAttempt"][]> {
    return (await this.control.call("listWebhookAttempts", "GET", `${pathOf(id)}/attempts`, { query })).attempts;
  }
}

function pathOf(id: string): string {
  return `/webhooks/${encodeURIComponent(id)}`;
}
