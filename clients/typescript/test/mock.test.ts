// The package against a server of its own: each part of a sandbox, and what a test sees when something is refused.

import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, beforeEach, describe, it } from "node:test";
import { promisify } from "node:util";

import { ControlError, type Event, MockServer, type Sandbox, VerificationError } from "../src/index.js";

const DUE = Date.parse("2016-03-27T23:36:38.238Z");

describe("a mock of ElasticQueue", () => {
  let server: MockServer;
  let mock: Sandbox;

  before(async () => {
    server = await MockServer.start();
  });
  after(() => server.stop());

  beforeEach(async () => {
    mock = server.sandbox();
    await mock.clock.freeze("2016-03-27T23:30:00Z");
  });

  const enqueue = (body = "hello", waitUntil: number | undefined = DUE) =>
    fetch(`${mock.url}/v1/queues/reminders/messages`, {
      method: "POST",
      headers: { Authorization: mock.key, "Content-Type": "application/vnd.api+json" },
      body: JSON.stringify({ data: { type: "message", attributes: { body, "wait-until": waitUntil } } }),
    });

  it("delivers when the clock says so", async () => {
    assert.equal((await enqueue()).status, 202);
    assert.deepEqual((await mock.pending()).map(({ queue }) => queue), ["reminders"]);
    const { clock, happened } = await mock.clock.advance("10m");
    assert.equal(clock.now, "2016-03-27T23:40:00.000Z");
    assert.deepEqual(happened.map(({ kind }) => kind), ["message.delivered"]);
    const [delivery] = await mock.deliveries({ queue: "reminders", count: 1, wait: 1 });
    assert.equal(delivery?.["delivered-at"], "2016-03-27T23:36:38.238Z");
  });

  it("takes Dates, milliseconds and the next thing to fall due", async () => {
    await enqueue();
    assert.equal((await mock.clock.advance(1_500)).clock.now, "2016-03-27T23:30:01.500Z");
    assert.equal((await mock.clock.advanceToNext()).clock.now, "2016-03-27T23:36:38.238Z");
    assert.equal((await mock.clock.advanceTo(new Date(DUE + 1))).clock.now, "2016-03-27T23:36:38.239Z");
    assert.equal((await mock.clock.resume({ rate: 60 })).rate, 60);
    assert.equal((await mock.clock.autoAdvance()).frozen, false);
    assert.throws(() => mock.clock.advance("soon" as "1s"), RangeError);
  });

  it("loses answers, limits requests, and answers as a gateway does", async () => {
    await mock.faults.loseAnswers(1);
    await assert.rejects(enqueue());
    const fault = await mock.faults.answer({ status: 502, headers: { "X-Cache": "MISS" } }, { count: 1 });
    const refused = await enqueue();
    assert.deepEqual([refused.status, refused.headers.get("x-cache")], [502, "MISS"]);
    assert.match(await refused.text(), /<h1>502 Bad Gateway<\/h1>/);
    assert.ok((await mock.faults.list()).some(({ id, fired }) => id === fault.id && fired === 1));
    await mock.faults.disarm(fault.id);
    await mock.faults.disarm();
    assert.deepEqual(await mock.faults.list(), []);
    await mock.limits.set({ kind: "fixed-window", limit: 1, "window-ms": 60_000 });
    assert.deepEqual([(await enqueue("a")).status, (await enqueue("b")).status], [202, 429]);
    await mock.limits.clear();
    assert.deepEqual(await mock.limits.list(), []);
    assert.ok((await mock.faults.armPack("flaky-network")).length > 1);
  });

  it("tells what was asked, and rejects where that is not as expected", async () => {
    await enqueue("order 17");
    assert.equal(await mock.journal.count({ operation: "enqueueMessage", stored: true }), 1);
    const body = [{ pointer: "/data/attributes/body", value: "order 17" }];
    await mock.journal.verify([{ request: { queue: "reminders", body }, exactly: 1 }]);
    const other = [{ request: { body: [{ pointer: "/data/attributes/body", value: "order 18" }] } }];
    await assert.rejects(mock.journal.verify(other), (error) => {
      assert.ok(error instanceof VerificationError);
      assert.match(error.message, /expected "order 18", found "order 17"/);
      return true;
    });
    const [entry] = await mock.journal.list({ operation: "enqueueMessage" });
    assert.equal(entry?.status, 202);
    assert.equal((await mock.journal.har()).log.version, "1.2");
    await mock.journal.clear();
    assert.equal(await mock.journal.count(), 0);
  });

  it("streams what happens", async () => {
    const seen: Event[] = [];
    const stopped = new AbortController();
    await enqueue();
    for await (const event of mock.events({ after: 0, signal: stopped.signal })) {
      seen.push(event);
      if (seen.length === 1) await mock.clock.advanceToNext();
      if (event.type === "message.delivered") break;
    }
    assert.equal(seen[0]?.type, "message.accepted");
    stopped.abort();
  });

  it("holds queues back, and goes back to a snapshot", async () => {
    await enqueue();
    await mock.saveSnapshot();
    assert.equal((await mock.queues.pause("reminders")).paused, true);
    assert.equal(await mock.queues.purge("reminders"), 1);
    await mock.restoreSnapshot();
    const [message] = await mock.pending();
    assert.ok(message);
    assert.equal((await mock.deliver(message.id)).queue, "reminders");
    await mock.reset({ seed: 7 });
    assert.deepEqual(await mock.pending(), []);
    await mock.delete();
    assert.ok(!(await server.sandboxes()).some(({ name }) => name === mock.key));
  });

  it("says what is wrong with a request to the control plane", async () => {
    await assert.rejects(mock.faults.arm({ do: { answer: { status: 99 } } }), (error) => {
      assert.ok(error instanceof ControlError);
      assert.equal(error.status, 400);
      assert.equal(error.errors[0]?.source?.pointer, "/do/answer/status");
      assert.match(error.message, /^POST \/faults: 400 invalid-value: /);
      return true;
    });
    await assert.rejects(mock.cancel("999"), { status: 404 });
  });

  it("uses a server that runs already", async () => {
    const again = MockServer.at(`${server.url}/`).sandbox(mock.key);
    assert.equal((await again.clock.get()).frozen, true);
  });
});

const PARCELS = {
  openapi: "3.1.0",
  info: { title: "Parcels", version: "1" },
  webhooks: {
    sent: {
      post: { requestBody: { content: { "application/json": { example: { id: 7 } } } }, responses: {} },
      put: { requestBody: { content: { "application/json": { example: { id: 8 } } } }, responses: {} },
    },
  },
};

describe("webhooks", () => {
  const received: string[] = [];
  const receiver = createServer(async (request, response) => {
    received.push(`${request.method} ${Buffer.concat(await request.toArray())}`);
    response.writeHead(204).end();
  });
  let folder: string;
  let url: string;

  before(async () => {
    await once(receiver.listen(0, "127.0.0.1"), "listening");
    url = `http://127.0.0.1:${(receiver.address() as AddressInfo).port}/`;
    folder = await mkdtemp(join(tmpdir(), "eqkit-"));
    await writeFile(join(folder, "parcels.json"), JSON.stringify(PARCELS));
  });
  after(async () => {
    receiver.close();
    await rm(folder, { recursive: true });
  });

  it("are those of a contract, or of a queue", async () => {
    await using server = await MockServer.start({ options: [join(folder, "parcels.json")] });
    const mock = server.sandbox();
    await mock.clock.freeze();
    const { id, secret, webhooks } = await mock.webhooks.create(url, { webhooks: ["sent"], firstRetry: "1s" });
    assert.deepEqual([secret?.slice(0, 6), webhooks], ["whsec_", ["sent"]]);
    assert.equal(await mock.webhooks.send("sent", { delay: "1h" }), 1);
    assert.equal(await mock.webhooks.send("sent", { delay: "2h", method: "PUT", body: { id: 9 } }), 1);
    await mock.clock.advance("1d");
    assert.deepEqual(received, ['POST {"id":7}', 'PUT {"id":9}']);
    assert.deepEqual((await mock.webhooks.attempts(id)).map(({ status }) => status), [204, 204]);
    assert.equal((await mock.webhooks.get(id)).succeeded, 2);
    await mock.webhooks.delete(id);
    assert.deepEqual(await mock.webhooks.list(), []);
    await assert.rejects(mock.webhooks.create(url, { queue: "orders" }), ControlError);
  });
});

describe("a server that nobody stops", () => {
  it("ends with the program that started it", async () => {
    const index = new URL("../src/index.js", import.meta.url).href;
    const program = `const { MockServer } = await import("${index}"); console.log((await MockServer.start()).url)`;
    const { stdout } = await promisify(execFile)("node", ["--input-type=module", "--eval", program]);
    await assert.rejects(async () => {
      for (;;) await fetch(`${stdout.trim()}/health`);
    });
  });
});

describe("a server that does not start", () => {
  it("is told in words", async () => {
    await assert.rejects(MockServer.start({ command: ["/no/such/eqkit"] }), /ENOENT/);
    await assert.rejects(MockServer.start({ options: ["--no-such-option"] }), /did not start/);
  });
});
