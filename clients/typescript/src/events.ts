// Server-Sent Events of a sandbox, read from a streamed answer (EventSource could send no token).

import type { Control } from "./control.js";

/** Something that happened: its number in the sandbox, its kind such as "message.delivered", and what it says. */
export interface Event {
  readonly id: number;
  readonly type: string;
  readonly data: Readonly<Record<string, unknown>>;
}

/** Yields the events of a sandbox as they happen; what comes before `after` is left out. */
export async function* eventsIn(control: Control, after?: number, signal?: AbortSignal): AsyncGenerator<Event> {
  const headers: Record<string, string> = after === undefined ? {} : { "Last-Event-ID": String(after) };
  const response = await control.send("GET", "/events", { headers, ...(signal !== undefined && { signal }) });
  const decoder = new TextDecoder();
  let text = "";
  for await (const piece of response.body ?? []) {
    text += decoder.decode(piece, { stream: true });
    const blocks = text.split("\n\n");
    text = blocks.pop() ?? "";
    for (const block of blocks) {
      const event = eventOf(block);
      if (event !== undefined) yield event;
    }
  }
}

function eventOf(block: string): Event | undefined {
  const fields = new Map<string, string>();
  for (const line of block.split("\n")) {
    const colon = line.indexOf(": ");
    if (colon > 0) fields.set(line.slice(0, colon), line.slice(colon + 2));
  }
  const [id, type, data] = [fields.get("id"), fields.get("event"), fields.get("data")];
  if (id === undefined || type === undefined || data === undefined) return undefined;
  return { id: Number(id), type, data: JSON.parse(data) as Event["data"] };
}
