// ElasticQueue through the functions that orval makes for fetch, which go by those of elasticqueue-fetch.ts.

import assert from "node:assert/strict";
import {
  bulkEnqueueMessages,
  enqueueMessage,
  getMessage,
  type MessageInput,
  type MessageInputAttributes,
} from "./client/elasticqueue.js";

const DUE = Date.now() + 3_600_000; // in an hour, in milliseconds since 1970

/** A new message. */
function message(attributes: MessageInputAttributes): MessageInput {
  return { type: "message", attributes };
}

const once = { "Idempotency-Key": "order-4711" };
const document = { data: message({ body: "water the plants", "wait-until": DUE }) };
const first = await enqueueMessage("reminders", document, once);
assert.ok(first.status === 202);
console.log("ok: enqueue");

const again = await enqueueMessage("reminders", document, once);
assert.ok(again.status === 202);
assert.equal(again.data.data.id, first.data.data.id);
console.log("ok: Idempotency-Key");

const bulk = await bulkEnqueueMessages("reminders", {
  data: [message({ body: "tea" }), message({ body: "and biscuits" })],
});
assert.ok(bulk.status === 202);
assert.equal(Number(bulk.data.data[1]?.id), Number(bulk.data.data[0]?.id) + 1);
console.log("ok: bulk");

const found = await getMessage("reminders", first.data.data.id);
assert.ok(found.status === 200);
const { attributes, meta } = found.data.data;
assert.deepEqual(attributes, { body: "water the plants", "wait-until": DUE });
assert.deepEqual([meta.state, Date.parse(meta["due-at"])], ["delayed", DUE]);
console.log("ok: read");

const negative = { data: message({ body: "never", "wait-until": -1 }) };
const refused = await enqueueMessage("reminders", negative);
assert.ok(refused.status === 400);
assert.equal(refused.data.errors[0]?.code, "invalid-wait-until");
assert.equal(refused.data.errors[0]?.source?.pointer, "/data/attributes/wait-until");
console.log("ok: 400");

const nobody = { headers: { Authorization: "nobody" } };
const unknown = await getMessage("reminders", first.data.data.id, nobody);
assert.ok(unknown.status === 401);
assert.equal(unknown.data.errors[0]?.code, "unauthorized");
console.log("ok: 401");

const other = { data: message({ body: "feed the cat" }) };
const reused = await enqueueMessage("reminders", other, once);
assert.ok(reused.status === 409);
assert.equal(reused.data.errors[0]?.code, "idempotency-key-reused");
console.log("ok: 409");

// What the docs print and error codes that are new are read, too; `python -m sdks` has the mock answer so.
const printed = await enqueueMessage("my-queue", document);
assert.ok(printed.status === 202 && printed.data.data.id);
const unheard = await getMessage("my-queue", first.data.data.id);
assert.ok(unheard.status === 404);
assert.equal(unheard.data.errors[0]?.status, "404");
console.log("ok: tolerance");
