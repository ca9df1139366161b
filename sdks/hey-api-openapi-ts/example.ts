// ElasticQueue through the client that @hey-api/openapi-ts makes.

import assert from "node:assert/strict";
import { createClient } from "./client/client/index.js";
import {
  bulkEnqueueMessages,
  enqueueMessage,
  getMessage,
  type MessageInput,
  type MessageInputAttributes,
} from "./client/index.js";

const DUE = Date.now() + 3_600_000; // in an hour, in milliseconds since 1970

/** A client that calls the service with a key. */
function withKey(key: string) {
  return createClient({ baseUrl: process.env["ELASTICQUEUE_URL"]!, auth: key });
}

/** A new message. */
function message(attributes: MessageInputAttributes): MessageInput {
  return { type: "message", attributes };
}

const client = withKey(process.env["ELASTICQUEUE_KEY"]!);
const path = { queue: "reminders" };
const headers = { "Idempotency-Key": "order-4711" };
const body = { data: message({ body: "water the plants", "wait-until": DUE }) };
const { data: first } = await enqueueMessage({ client, path, headers, body });
assert.ok(first);
console.log("ok: enqueue");

const { data: again } = await enqueueMessage({ client, path, headers, body });
assert.equal(again?.data.id, first.data.id);
console.log("ok: Idempotency-Key");

const { data: bulk } = await bulkEnqueueMessages({
  client,
  path,
  body: { data: [message({ body: "tea" }), message({ body: "and biscuits" })] },
});
assert.equal(Number(bulk?.data[1]?.id), Number(bulk?.data[0]?.id) + 1);
console.log("ok: bulk");

const { data: found } = await getMessage({ client, path: { ...path, id: first.data.id } });
assert.ok(found);
assert.deepEqual(found.data.attributes, { body: "water the plants", "wait-until": DUE });
assert.deepEqual([found.data.meta.state, Date.parse(found.data.meta["due-at"])], ["delayed", DUE]);
console.log("ok: read");

const negative = await enqueueMessage({
  client,
  path,
  body: { data: message({ body: "never", "wait-until": -1 }) },
});
assert.equal(negative.response?.status, 400);
assert.equal(negative.error?.errors[0]?.code, "invalid-wait-until");
assert.equal(negative.error?.errors[0]?.source?.pointer, "/data/attributes/wait-until");
console.log("ok: 400");

const nobody = await getMessage({ client: withKey("nobody"), path: { ...path, id: first.data.id } });
assert.equal(nobody.response?.status, 401);
assert.equal(nobody.error?.errors[0]?.code, "unauthorized");
console.log("ok: 401");

const other = await enqueueMessage({
  client,
  path,
  headers,
  body: { data: message({ body: "feed the cat" }) },
});
assert.equal(other.response?.status, 409);
assert.equal(other.error?.errors[0]?.code, "idempotency-key-reused");
console.log("ok: 409");

// What the docs print and error codes that are new are read, too; `python -m sdks` has the mock answer so.
const elsewhere = { queue: "my-queue" };
assert.ok((await enqueueMessage({ client, path: elsewhere, body })).data?.data.id);
const unheard = await getMessage({ client, path: { ...elsewhere, id: first.data.id } });
assert.equal(unheard.response?.status, 404);
assert.equal(unheard.error?.errors[0]?.status, "404");
console.log("ok: tolerance");
