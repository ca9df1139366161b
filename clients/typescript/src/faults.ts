// Faults and limits: what goes wrong on purpose, and how much may be asked.

import type { Control, Schemas } from "./control.js";

export type FaultRule = Schemas["FaultRule"];
export type LimitRule = Schemas["LimitRule"];

/** The faults that are armed in a sandbox. */
export class Faults {
  constructor(private readonly control: Control) {}

  /** Arms a fault. */
  arm(rule: FaultRule): Promise<Schemas["Fault"]> {
    return this.control.call("armFault", "POST", "/faults", { body: rule });
  }

  /** Answers the next requests, all of them without `count`, with a status; see FaultAnswer for what it may have. */
  answer(answer: Schemas["FaultAnswer"], rule: Omit<FaultRule, "do"> = {}): Promise<Schemas["Fault"]> {
    return this.arm({ ...rule, do: { answer } });
  }

  /** Stores what the next `count` requests send, and closes the connection without an answer. */
  loseAnswers(count = 1, rule: Omit<FaultRule, "do" | "count" | "when"> = {}): Promise<Schemas["Fault"]> {
    return this.arm({ ...rule, count, when: "after", do: { wire: { kind: "close" } } });
  }

  /** Arms everything in a pack, such as "flaky-network". */
  async armPack(name: string): Promise<readonly Schemas["Fault"][]> {
    const path = `/faults/packs/${encodeURIComponent(name)}`;
    return (await this.control.call("armPack", "PUT", path)).faults;
  }

  /** Lists the faults that are armed. */
  async list(): Promise<readonly Schemas["Fault"][]> {
    return (await this.control.call("listFaults", "GET", "/faults")).faults;
  }

  /** Disarms one fault, or all without an id. */
  async disarm(id?: string): Promise<void> {
    if (id === undefined) await this.control.call("disarmFaults", "DELETE", "/faults");
    else await this.control.call("disarmFault", "DELETE", `/faults/${encodeURIComponent(id)}`);
  }
}

/** The limits of a sandbox. */
export class Limits {
  constructor(private readonly control: Control) {}

  /** Replaces the limits. */
  async set(...limits: LimitRule[]): Promise<readonly Schemas["Limit"][]> {
    return (await this.control.call("setLimits", "PUT", "/limits", { body: { limits } })).limits;
  }

  /** Lists the limits, and what is left of each. */
  async list(): Promise<readonly Schemas["Limit"][]> {
    return (await this.control.call("getLimits", "GET", "/limits")).limits;
  }

  /** Takes all limits away. */
  async clear(): Promise<void> {
    await this.control.call("clearLimits", "DELETE", "/limits");
  }
}
