// The client against a mock that loses answers.

import assert from "node:assert/strict";
import { after, before, beforeEach, describe, it } from "node:test";

import { MockServer, type Sandbox } from "eqkit";

import { NotEnqueued, Reminders } from "./reminders.js";

const DUE = 1459121798238;

describe("Reminders", () => {
  let server: MockServer;
  let mock: Sandbox;
  let reminders: Reminders;

  before(async () => {
    server = await MockServer.start();
  });
  after(() => server.stop());

  beforeEach(async () => {
    mock = server.sandbox();
    await mock.clock.freeze("2016-03-27T23:30:00Z");
    // Pauses pass on the mock's clock, and take no time.
    const pause = async (seconds: number) => {
      await mock.clock.advance(seconds * 1000);
    };
    reminders = new Reminders(mock.url, mock.key, { pause });
  });

  for (const lost of [1, 2, 3]) {
    it(`enqueues once when ${lost} answers are lost`, async () => {
      await mock.faults.loseAnswers(lost);
      const id = await reminders.enqueue("reminders", "water the plants", DUE);
      assert.deepEqual((await mock.pending()).map((message) => message.id), [id]);
      assert.equal(await mock.journal.count({ operation: "enqueueMessage" }), lost + 1);
      assert.equal(await mock.journal.count({ stored: true }), 1);
    });
  }

  it("tries again when the connection breaks", async () => {
    await mock.faults.arm({ when: "before", count: 2, do: { wire: { kind: "reset" } } });
    await reminders.enqueue("reminders", "water the plants");
    assert.equal(await mock.journal.count({ stored: false }), 2);
    assert.equal(await mock.journal.count({ stored: true }), 1);
  });

  it("comes back when Retry-After says so", async () => {
    await mock.limits.set({ kind: "fixed-window", limit: 1, "window-ms": 60_000 });
    await reminders.enqueue("reminders", "one");
    await reminders.enqueue("reminders", "two");
    assert.equal(await mock.journal.count({ status: 429 }), 1);
    assert.equal(await mock.journal.count({ stored: true }), 2);
  });

  it("gives an outage up in the end", async () => {
    await mock.faults.answer({ status: 503 });
    await assert.rejects(reminders.enqueue("reminders", "water the plants"), /4 attempts have failed/);
    assert.equal(await mock.journal.count({ operation: "enqueueMessage" }), 4);
  });

  it("does not try again what is wrong", async () => {
    await assert.rejects(reminders.enqueue("reminders", "water the plants", -1), (error) => {
      return error instanceof NotEnqueued && error.message.includes("invalid-wait-until");
    });
    assert.equal(await mock.journal.count({}), 1);
  });
});
