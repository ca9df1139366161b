// ElasticQueue through the client that openapi-generator makes for TypeScript and axios.

import assert from "node:assert/strict";
import { isAxiosError } from "axios";
import {
  Configuration,
  type ErrorDocument,
  type MessageInput,
  type MessageInputAttributes,
  MessagesApi,
} from "./client/index.js";

const DUE = Date.now() + 3_600_000; // in an hour, in milliseconds since 1970

/** The operations of a service, called with a key. */
function client(apiKey: string): MessagesApi {
  return new MessagesApi(new Configuration({ basePath: process.env["ELASTICQUEUE_URL"]!, apiKey }));
}

/** A new message. */
function message(attributes: MessageInputAttributes): MessageInput {
  return { type: "message", attributes };
}

/** The status and the error document of a call that is refused. */
async function apiError(call: Promise<unknown>): Promise<[number, ErrorDocument]> {
  const error = await call.then(() => undefined, (reason: unknown) => reason);
  assert.ok(isAxiosError<ErrorDocument>(error) && error.response, String(error));
  return [error.response.status, error.response.data];
}

const api = client(process.env["ELASTICQUEUE_KEY"]!);
const document = { data: message({ body: "water the plants", "wait-until": DUE }) };
const { data: first } = await api.enqueueMessage("reminders", document, "order-4711");
console.log("ok: enqueue");

const { data: again } = await api.enqueueMessage("reminders", document, "order-4711");
assert.equal(again.data.id, first.data.id);
console.log("ok: Idempotency-Key");

const { data: bulk } = await api.bulkEnqueueMessages("reminders", {
  data: [message({ body: "tea" }), message({ body: "and biscuits" })],
});
assert.equal(Number(bulk.data[1]?.id), Number(bulk.data[0]?.id) + 1);
console.log("ok: bulk");

const { data: found } = await api.getMessage("reminders", first.data.id);
assert.deepEqual(found.data.attributes, { body: "water the plants", "wait-until": DUE });
assert.deepEqual([found.data.meta.state, Date.parse(found.data.meta["due-at"])], ["delayed", DUE]);
console.log("ok: read");

const negative = { data: message({ body: "never", "wait-until": -1 }) };
let [status, refused] = await apiError(api.enqueueMessage("reminders", negative));
assert.deepEqual([status, refused.errors[0]?.code], [400, "invalid-wait-until"]);
assert.equal(refused.errors[0]?.source?.pointer, "/data/attributes/wait-until");
console.log("ok: 400");

[status, refused] = await apiError(client("nobody").getMessage("reminders", first.data.id));
assert.deepEqual([status, refused.errors[0]?.code], [401, "unauthorized"]);
console.log("ok: 401");

const other = { data: message({ body: "feed the cat" }) };
[status, refused] = await apiError(api.enqueueMessage("reminders", other, "order-4711"));
assert.deepEqual([status, refused.errors[0]?.code], [409, "idempotency-key-reused"]);
console.log("ok: 409");

// What the docs print and error codes that are new are read, too; `python -m sdks` has the mock answer so.
assert.ok((await api.enqueueMessage("my-queue", document)).data.data.id);
[status, refused] = await apiError(api.getMessage("my-queue", first.data.id));
assert.deepEqual([status, refused.errors[0]?.status], [404, "404"]);
console.log("ok: tolerance");
