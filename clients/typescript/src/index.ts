// A mock of ElasticQueue for tests: start it, and drive the clock, the faults and the journal of each test's sandbox.

export { ControlError, type Duration, type Instant, type Schemas } from "./control.js";
export type { Event } from "./events.js";
export { type FaultRule, Faults, type LimitRule, Limits } from "./faults.js";
export { type Expectation, Journal, type RequestMatch, VerificationError } from "./journal.js";
export { Clock, Queues, Sandbox } from "./sandbox.js";
export { MockServer, type StartOptions } from "./server.js";
export { type Sending, type Subscription, type Webhook, Webhooks } from "./webhooks.js";
