// One sandbox: its key for the code under test, and the control plane for the test.

import { type Control, type Duration, type Instant, instantText, milliseconds, type Schemas } from "./control.js";
import { type Event, eventsIn } from "./events.js";
import { Faults, Limits } from "./faults.js";
import { Journal } from "./journal.js";
import { Webhooks } from "./webhooks.js";

type Moved = Schemas["Moved"];

/** Everything behind one key; nothing in it is shared with another. */
export class Sandbox {
  readonly clock: Clock;
  readonly faults: Faults;
  readonly journal: Journal;
  readonly limits: Limits;
  readonly queues: Queues;
  readonly webhooks: Webhooks;

  constructor(
    private readonly control: Control,
    /** What the code under test sends in the header Authorization. */
    readonly key: string,
  ) {
    this.clock = new Clock(control);
    this.faults = new Faults(control);
    this.journal = new Journal(control);
    this.limits = new Limits(control);
    this.queues = new Queues(control);
    this.webhooks = new Webhooks(control);
  }

  /** The base URL for the code under test. */
  get url(): string {
    return this.control.url;
  }

  /** Lists what was delivered; with `count`, once there are that many, for `wait` at most by the sandbox's clock. */
  async deliveries(
    wanted: { queue?: string; after?: number; count?: number; wait?: Duration } = {},
  ): Promise<readonly Schemas["Delivery"][]> {
    const { wait, ...query } = wanted;
    const answer = await this.control.call("listDeliveries", "GET", "/deliveries", {
      query: { ...query, ...(wait !== undefined && { "wait-ms": milliseconds(wait) }) },
    });
    return answer.deliveries;
  }

  /** Lists what is not delivered yet, the next to fall due first. */
  async pending(query: { queue?: string; limit?: number } = {}): Promise<readonly Schemas["PendingMessage"][]> {
    return (await this.control.call("listPending", "GET", "/pending", { query })).messages;
  }

  /** Delivers a pending message now. */
  deliver(id: string): Promise<Schemas["Delivery"]> {
    return this.control.call("runMessage", "POST", `/pending/${encodeURIComponent(id)}/run`);
  }

  /** Forgets a pending message. */
  async cancel(id: string): Promise<void> {
    await this.control.call("cancelMessage", "DELETE", `/pending/${encodeURIComponent(id)}`);
  }

  /** Yields what happens, from now on or after event `after`, until `signal` aborts or the sandbox is reset. */
  async *events({ after, signal }: { after?: number; signal?: AbortSignal } = {}): AsyncGenerator<Event> {
    yield* eventsIn(this.control, after, signal);
  }

  /** Empties the sandbox, and lets its clock follow the wall. */
  reset({ seed }: { seed?: number } = {}): Promise<Schemas["Sandbox"]> {
    return this.control.call("resetSandbox", "POST", `${this.path}/reset`, { body: { seed } });
  }

  /** Forgets the sandbox and its snapshot; the next use of its key makes a new one. */
  async delete(): Promise<void> {
    await this.control.call("deleteSandbox", "DELETE", this.path);
  }

  /** Keeps a copy of all that is in the sandbox, in place of an earlier one. */
  saveSnapshot(): Promise<Schemas["Sandbox"]> {
    return this.control.call("saveSnapshot", "PUT", `${this.path}/snapshot`);
  }

  /** Puts the sandbox back to its snapshot. */
  restoreSnapshot(): Promise<Schemas["Sandbox"]> {
    return this.control.call("restoreSnapshot", "POST", `${this.path}/restore`);
  }

  private get path(): string {
    return `/sandboxes/${encodeURIComponent(this.key)}`;
  }
}

/** The clock that everything in a sandbox goes by. */
export class Clock {
  constructor(private readonly control: Control) {}

  /** Reads the clock. */
  get(): Promise<Schemas["Clock"]> {
    return this.control.call("getClock", "GET", "/clock");
  }

  /** Stops the clock where it is, or at an instant. */
  freeze(at?: Instant): Promise<Moved> {
    const body = at === undefined ? {} : { at: instantText(at) };
    return this.control.call("freezeClock", "POST", "/clock/freeze", { body });
  }

  /** Moves the clock on; what falls due on the way happens first, and `happened` lists it. */
  advance(by: Duration): Promise<Moved> {
    return this.control.call("advanceClock", "POST", "/clock/advance", { body: { "by-ms": milliseconds(by) } });
  }

  /** Moves the clock on to an instant. */
  advanceTo(to: Instant): Promise<Moved> {
    return this.control.call("advanceClock", "POST", "/clock/advance", { body: { to: instantText(to) } });
  }

  /** Moves the clock on to when the next thing falls due. */
  advanceToNext(): Promise<Moved> {
    return this.control.call("advanceClock", "POST", "/clock/advance", { body: { next: true } });
  }

  /** Lets the clock run on, `rate` of its seconds in each of the wall's. */
  resume({ rate }: { rate?: number } = {}): Promise<Schemas["Clock"]> {
    return this.control.call("resumeClock", "POST", "/clock/resume", { body: { rate } });
  }

  /** Skips the time in which nothing happens, or no more. */
  autoAdvance(enabled = true): Promise<Schemas["Clock"]> {
    return this.control.call("setAutoAdvance", "PUT", "/clock/auto-advance", { body: { enabled } });
  }
}

/** The queues of a sandbox. */
export class Queues {
  constructor(private readonly control: Control) {}

  /** Lists the queues. */
  async list(): Promise<readonly Schemas["Queue"][]> {
    return (await this.control.call("listQueues", "GET", "/queues")).queues;
  }

  /** Holds back what falls due in a queue. */
  pause(queue: string): Promise<Schemas["Queue"]> {
    return this.control.call("pauseQueue", "POST", `/queues/${encodeURIComponent(queue)}/pause`);
  }

  /** Lets a queue go on. */
  resume(queue: string): Promise<Schemas["Queue"]> {
    return this.control.call("resumeQueue", "POST", `/queues/${encodeURIComponent(queue)}/resume`);
  }

  /** Forgets what is not delivered yet, and returns how many messages that were. */
  async purge(queue: string): Promise<number> {
    return (await this.control.call("purgeQueue", "DELETE", `/queues/${encodeURIComponent(queue)}/pending`)).purged;
  }
}
