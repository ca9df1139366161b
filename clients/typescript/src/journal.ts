// The journal: what was asked of the public API, and whether that is what was expected.

import { type Control, type Duration, milliseconds, type Query, type Schemas } from "./control.js";

export type RequestMatch = Schemas["RequestMatch"];
export type Expectation = Schemas["Expectation"];

/** The requests were not as expected; `misses` say which expectations do not hold, and what came near. */
export class VerificationError extends Error {
  override readonly name = "VerificationError";

  constructor(readonly misses: readonly Schemas["Miss"][]) {
    super(`The journal is not as expected:\n${misses.map(describe).join("\n")}`);
  }
}

/** Every request of the public API with one key. */
export class Journal {
  constructor(private readonly control: Control) {}

  /** Lists requests, oldest first. */
  async list(query: Query<"listJournal"> = {}): Promise<readonly Schemas["JournalEntry"][]> {
    return (await this.control.call("listJournal", "GET", "/journal", { query })).entries;
  }

  /** Counts the requests that match. */
  async count(match: RequestMatch = {}): Promise<number> {
    return (await this.control.call("countRequests", "POST", "/journal/count", { body: match })).count;
  }

  /** Rejects with VerificationError unless the requests are as expected: at least one each, unless it says more. */
  async verify(
    expectations: Expectation[],
    { inOrder, within }: { inOrder?: boolean; within?: Duration } = {},
  ): Promise<void> {
    const body: Schemas["Verification"] = {
      expectations,
      ...(inOrder !== undefined && { "in-order": inOrder }),
      ...(within !== undefined && { "within-ms": milliseconds(within) }),
    };
    const { verified, misses } = await this.control.call("verifyRequests", "POST", "/journal/verify", { body });
    if (!verified) throw new VerificationError(misses);
  }

  /** Counts requests by answer, outcome and fault, and lists the warnings about the client. */
  summary(): Promise<Schemas["JournalSummary"]> {
    return this.control.call("summarizeJournal", "GET", "/journal/summary");
  }

  /** Returns the journal as an HTTP Archive (HAR 1.2). */
  har(): Promise<Schemas["Har"]> {
    return this.control.call("exportHar", "GET", "/journal/har");
  }

  /** Forgets what was asked so far. */
  async clear(): Promise<void> {
    await this.control.call("clearJournal", "DELETE", "/journal");
  }
}

function describe({ detail, nearest }: Schemas["Miss"]): string {
  const near = (nearest ?? []).flatMap(({ number, differences }) =>
    differences.map((each) => {
      const found = "found" in each ? JSON.stringify(each.found) : "nothing";
      return `  request ${number}, ${each.pointer}: expected ${JSON.stringify(each.expected)}, found ${found}`;
    }),
  );
  return [`- ${detail}`, ...near].join("\n");
}
