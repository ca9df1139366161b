// ElasticQueue through the client that openapi-generator makes for TypeScript and fetch.

import assert from "node:assert/strict";
import {
  Configuration,
  type ErrorDocument,
  ErrorDocumentFromJSON,
  type MessageInput,
  type MessageInputAttributes,
  MessagesApi,
  ResponseError,
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
async function refusal(call: Promise<unknown>): Promise<[number, ErrorDocument]> {
  const error = await call.then(() => undefined, (reason: unknown) => reason);
  assert.ok(error instanceof ResponseError, String(error));
  return [error.response.status, ErrorDocumentFromJSON(await error.response.json())];
}

const api = client(process.env["ELASTICQUEUE_KEY"]!);
const request = {
  queue: "reminders",
  messageInputDocument: { data: message({ body: "water the plants", waitUntil: DUE }) },
  idempotencyKey: "order-4711",
};
const { data: first } = await api.enqueueMessage(request);
console.log("ok: enqueue");

const { data: again } = await api.enqueueMessage(request);
assert.equal(again.id, first.id);
console.log("ok: Idempotency-Key");

const { data: bulk } = await api.bulkEnqueueMessages({
  queue: "reminders",
  bulkMessageInputDocument: { data: [message({ body: "tea" }), message({ body: "and biscuits" })] },
});
assert.equal(Number(bulk[1]?.id), Number(bulk[0]?.id) + 1);
console.log("ok: bulk");

const { data: found } = await api.getMessage({ queue: "reminders", id: first.id });
assert.deepEqual(found.attributes, { body: "water the plants", waitUntil: DUE });
assert.deepEqual([found.meta.state, found.meta.dueAt.getTime()], ["delayed", DUE]);
console.log("ok: read");

const negative = { data: message({ body: "never", waitUntil: -1 }) };
let [status, refused] = await refusal(
  api.enqueueMessage({ queue: "reminders", messageInputDocument: negative }),
);
assert.deepEqual([status, refused.errors[0]?.code], [400, "invalid-wait-until"]);
assert.equal(refused.errors[0]?.source?.pointer, "/data/attributes/wait-until");
console.log("ok: 400");

[status, refused] = await refusal(client("nobody").getMessage({ queue: "reminders", id: first.id }));
assert.deepEqual([status, refused.errors[0]?.code], [401, "unauthorized"]);
console.log("ok: 401");

const other = { data: message({ body: "feed the cat" }) };
[status, refused] = await refusal(api.enqueueMessage({ ...request, messageInputDocument: other }));
assert.deepEqual([status, refused.errors[0]?.code], [409, "idempotency-key-reused"]);
console.log("ok: 409");

// What the docs print and error codes that are new are read, too; `python -m sdks` has the mock answer so.
assert.ok((await api.enqueueMessage({ ...request, queue: "my-queue", idempotencyKey: "order-4712" })).data.id);
[status, refused] = await refusal(api.getMessage({ queue: "my-queue", id: first.id }));
assert.deepEqual([status, refused.errors[0]?.status], [404, "404"]);
console.log("ok: tolerance");
