// ElasticQueue through openapi-fetch, with the types that openapi-typescript makes.

import assert from "node:assert/strict";
import createClient from "openapi-fetch";
import type { components, paths } from "./client/elasticqueue.js";

type MessageInput = components["schemas"]["MessageInput"];

const DUE = Date.now() + 3_600_000; // in an hour, in milliseconds since 1970
const MESSAGES = "/v1/queues/{queue}/messages";

/** A client that calls the service with a key. */
function client(key: string) {
  return createClient<paths>({
    baseUrl: process.env["ELASTICQUEUE_URL"]!,
    headers: { Authorization: key, "Content-Type": "application/vnd.api+json" },
  });
}

/** A new message. */
function message(attributes: MessageInput["attributes"]): MessageInput {
  return { type: "message", attributes };
}

const api = client(process.env["ELASTICQUEUE_KEY"]!);
const path = { queue: "reminders" };
const params = { path, header: { "Idempotency-Key": "order-4711" } };
const body = { data: message({ body: "water the plants", "wait-until": DUE }) };
const { data: first } = await api.POST(MESSAGES, { params, body });
assert.ok(first);
console.log("ok: enqueue");

const { data: again } = await api.POST(MESSAGES, { params, body });
assert.equal(again?.data.id, first.data.id);
console.log("ok: Idempotency-Key");

const { data: bulk } = await api.POST(`${MESSAGES}/_bulk`, {
  params: { path },
  body: { data: [message({ body: "tea" }), message({ body: "and biscuits" })] },
});
assert.equal(Number(bulk?.data[1]?.id), Number(bulk?.data[0]?.id) + 1);
console.log("ok: bulk");

const one = { params: { path: { ...path, id: first.data.id } } };
const { data: found } = await api.GET(`${MESSAGES}/{id}`, one);
assert.ok(found);
assert.deepEqual(found.data.attributes, { body: "water the plants", "wait-until": DUE });
assert.deepEqual([found.data.meta.state, Date.parse(found.data.meta["due-at"])], ["delayed", DUE]);
console.log("ok: read");

const negative = await api.POST(MESSAGES, {
  params: { path },
  body: { data: message({ body: "never", "wait-until": -1 }) },
});
assert.equal(negative.response.status, 400);
assert.equal(negative.error?.errors[0]?.code, "invalid-wait-until");
assert.equal(negative.error?.errors[0]?.source?.pointer, "/data/attributes/wait-until");
console.log("ok: 400");

const nobody = await client("nobody").GET(`${MESSAGES}/{id}`, one);
assert.equal(nobody.response.status, 401);
assert.equal(nobody.error?.errors[0]?.code, "unauthorized");
console.log("ok: 401");

const other = await api.POST(MESSAGES, { params, body: { data: message({ body: "feed the cat" }) } });
assert.equal(other.response.status, 409);
assert.equal(other.error?.errors[0]?.code, "idempotency-key-reused");
console.log("ok: 409");

// What the docs print and error codes that are new are read, too; `python -m sdks` has the mock answer so.
const elsewhere = { queue: "my-queue" };
assert.ok((await api.POST(MESSAGES, { params: { path: elsewhere }, body })).data?.data.id);
const unheard = await api.GET(`${MESSAGES}/{id}`, { params: { path: { ...elsewhere, id: first.data.id } } });
assert.equal(unheard.response.status, 404);
assert.equal(unheard.error?.errors[0]?.status, "404");
console.log("ok: tolerance");
